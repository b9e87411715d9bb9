"""Carrying out an import: everything in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction

from ringup.catalog.csv.columns import Sold
from ringup.catalog.csv.importing import ImportPlan, plan_import
from ringup.catalog.csv.rows import Target, stamps_now
from ringup.catalog.models import Bundle, BundleItem, Price, Product, ProductGroup
from ringup.catalog.snapshots import subject_of
from ringup.core.actors import Actor
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.sentences import Refusal

Stored = TypeVar("Stored", bound=models.Model)
SUBJECT = "catalogue:import"
# How often it is compared again when the catalogue moves, but not in what was shown.
TRIES = 3
PORTION = 500


class PreviewAgain(Refusal):
    """What was shown is not what would happen now. Nothing was changed; ``plan`` is to be shown."""

    def __init__(self, sentence: str, plan: ImportPlan) -> None:
        super().__init__(sentence)
        self.plan = plan


def import_file(
    data: bytes,
    *,
    seen: str,
    may_make_groups: bool,
    currency: str,
    is_ordered: Callable[[Product], bool],
    actor: Actor,
) -> ImportPlan:
    """Carry out what the preview with the mark ``seen`` showed, and give it back."""
    for _ in range(TRIES):
        plan = plan_import(data, currency=currency, is_ordered=is_ordered)
        if plan.mark != seen:
            raise PreviewAgain(
                "The catalogue or the file is not what the preview was made from. Nothing was "
                "imported. Read what would change now.",
                plan,
            )
        _require_possible(plan, may_make_groups)
        writing = _Writing.of(plan, actor)
        try:
            with transaction.atomic():
                if _is_unmoved(plan):
                    writing.write()
                    return plan
        except IntegrityError:
            # A group, a slug or a price of the same name was stored meanwhile: look again.
            continue
    raise PreviewAgain(
        "Somebody is changing the catalogue right now. Nothing was imported. Import it again.",
        plan_import(data, currency=currency, is_ordered=is_ordered),
    )


def _require_possible(plan: ImportPlan, may_make_groups: bool) -> None:
    if plan.broken:
        raise PreviewAgain(
            f"{len(plan.broken)} lines are broken. Nothing was imported. Mend them in the file and "
            "choose it again.",
            plan,
        )
    if not plan.changed:
        raise PreviewAgain("The file changes nothing. Nothing was imported.", plan)
    if plan.new_groups and not may_make_groups:
        raise PreviewAgain(
            "The file names groups that do not exist. Nothing was imported. Tick that they are to "
            "be created, or mend the file.",
            plan,
        )


def _is_unmoved(plan: ImportPlan) -> bool:
    """Whether everything that is going to change is as it was read; it stays so, by the rows' locks,
    until the caller's transaction ends."""
    keys = [row.key for row in plan.targets.values() if row.is_changed and not row.is_new]
    now = stamps_now(keys)
    return all(now.get(key) == plan.held.stamps[key] for key in keys)


@dataclass
class _Writing:
    """All rows of an import, made before the transaction, so that it only stores them."""

    groups: list[ProductGroup]
    products: list[Product]
    bundles: list[Bundle]
    contents: list[Target]
    prices: list[Price]
    history: list[Activity]

    @classmethod
    def of(cls, plan: ImportPlan, actor: Actor) -> _Writing:
        changed = [target for target in plan.targets.values() if target.is_changed]
        rows = [target.sold for target in changed if target.is_own_row_changed]
        return cls(
            groups=plan.new_groups,
            products=[row for row in rows if isinstance(row, Product)],
            bundles=[row for row in rows if isinstance(row, Bundle)],
            contents=[target for target in changed if target.contents is not None],
            prices=list(_prices(changed)),
            history=list(_history(plan, changed, actor)),
        )

    def write(self) -> None:
        """Store everything, in the caller's transaction."""
        for group in self.groups:
            group.save()
        _store(Product, self.products)
        _store(Bundle, self.bundles)
        for target in self.contents:
            _write_contents(target)
        _store(Price, self.prices)
        Activity.objects.bulk_create(self.history, batch_size=PORTION)


def _store(model: type[Stored], rows: list[Stored]) -> None:
    """Insert what is new and overwrite what is stored: one statement for many rows each. What is
    stored is locked, and was found to be there."""
    manager = model._default_manager
    new, held = [row for row in rows if row.pk is None], [row for row in rows if row.pk is not None]
    fields = [each.name for each in model._meta.concrete_fields if not each.primary_key]
    manager.bulk_create(new, batch_size=PORTION)
    manager.bulk_create(
        held,
        batch_size=PORTION,
        update_conflicts=True,
        unique_fields=[model._meta.pk.name],
        update_fields=fields,
    )


def _prices(targets: Iterable[Target]) -> Iterator[Price]:
    """The price rows to store. Those of a new thing get its number when that has one."""
    for target in targets:
        sold = target.sold
        of: dict[str, Sold] = {"product" if isinstance(sold, Product) else "bundle": sold}
        for price in target.prices.values():
            if price.is_changed:
                columns = money_columns(setup=price.setup, amount=price.amount)
                cycle, currency = price.key
                yield Price(pk=price.pk, cycle=cycle, currency=currency, **of, **columns)


def _write_contents(target: Target) -> None:
    """Put exactly the named products into a bundle."""
    bundle, wanted = target.sold, target.contents or []
    assert isinstance(bundle, Bundle)
    for product, quantity in wanted:
        BundleItem.objects.update_or_create(
            bundle=bundle, product=product, defaults={"quantity": quantity}
        )
    bundle.items.exclude(product__in=[product for product, _ in wanted]).delete()


def _history(plan: ImportPlan, changed: list[Target], actor: Actor) -> Iterator[Activity]:
    """One line about the import, and one in the history of everything that it changes."""
    yield _activity(actor, SUBJECT, "imported products and prices", plan.counts)
    for group in plan.new_groups:
        yield _activity(actor, subject_of(group), f"added {group.name} by an import", {})
    for target in changed:
        verb = "added" if target.is_new else "changed"
        detail = {column: [old, new] for row in target.rows for column, old, new in row.changes}
        what = f"{verb} {target.sold.name} by an import"
        yield _activity(actor, subject_of(target.sold), what, detail)


def _activity(actor: Actor, subject: str, what: str, detail: Mapping[str, Any]) -> Activity:
    """What ``Activity.record`` writes, not stored yet."""
    return Activity(
        actor=actor.name,
        actor_label=actor.label[:150],
        on_behalf_of=actor.on_behalf_of,
        subject=subject,
        what=what[:200],
        detail=detail,
    )
