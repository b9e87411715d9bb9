"""Changing groups, products and bundles. Each verb checks its rule under the row's lock, refuses to
overwrite what somebody else saved meanwhile, and writes what it changed into the activity log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar, cast

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from ringup.catalog.models import Bundle, BundleItem, Product, ProductGroup
from ringup.catalog.snapshots import (
    STOCK,
    Seen,
    as_changes,
    contents_of,
    differences,
    require_unchanged,
    settings_of,
    subject_of,
)
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal

Row = TypeVar("Row", bound=Product | Bundle | ProductGroup)
Sold = Product | Bundle

SLUG_LENGTH = 60
SHOWN_NAMES = 5


def locked(row: Row) -> Row:
    """The row as it is now, kept from others until the caller's transaction ends."""
    rows = type(row)._default_manager.select_for_update()
    fresh = cast("Row | None", rows.filter(pk=row.pk).first())
    if fresh is None:
        raise Refusal(f"{row.name} was deleted meanwhile. Nothing was changed.")
    return fresh


@contextmanager
def saving() -> Iterator[None]:
    """A transaction in which a name or a slug may turn out to be taken."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise Refusal(
            "Somebody just gave this name or slug to another one. Nothing was changed. "
            "Choose another.",
            field="name",
        ) from error


def add(row: Product | Bundle | ProductGroup, *, actor: Actor) -> None:
    """Save a new group, product or bundle. A new group goes to the end."""
    with saving():
        if isinstance(row, ProductGroup):
            row.position = ProductGroup.objects.count()
        else:
            _require_sellable(row)
        row.save()
        subject = subject_of(row)
        Activity.record(actor, subject, f"added {row.name}", **settings_of(row))


def save_settings(
    row: Product | Bundle | ProductGroup, *, seen: Seen, actor: Actor, kind_is_fixed: bool = False
) -> None:
    """Save the first form of a page: ``row`` is as it is to be. A product that was ordered keeps its
    kind (``kind_is_fixed``). The stock limit, which orders count down, is only written when it was
    edited."""
    with saving():
        now = locked(row)
        before = settings_of(now)
        is_stock_edited = settings_of(row).get(STOCK) != seen.values.get(STOCK)
        require_unchanged(
            now.name,
            subject_of(row),
            before,
            seen=seen,
            but=frozenset() if is_stock_edited else frozenset({STOCK}),
        )
        if isinstance(row, Product | Bundle) and isinstance(now, Product | Bundle):
            if not is_stock_edited:
                row.stock = now.stock
            row.is_retired = now.is_retired
            _require_sellable(row)
        if isinstance(row, Product) and isinstance(now, Product):
            _require_kind(row, now, is_fixed=kind_is_fixed)
        found = differences(before, settings_of(row))
        if found:
            row.save()
            Activity.record(
                actor, subject_of(row), f"changed the settings of {row.name}", **as_changes(found)
            )


def _require_kind(row: Product, now: Product, *, is_fixed: bool) -> None:
    if is_fixed and row.kind != now.kind:
        raise Refusal(
            f"{now.name} was ordered already, so it stays what it is. Nothing was changed. "
            "Add another product for the other kind.",
            field="kind",
        )


def _require_sellable(row: Sold) -> None:
    """The rules that no form sees alone: slugs are one space, and a hosted PBX in the shop has seats."""
    other: type[Sold] = Bundle if isinstance(row, Product) else Product
    if other.objects.filter(slug=row.slug).exists():
        raise Refusal(
            f"The slug {row.slug} belongs to a {other._meta.verbose_name}. Nothing was changed. "
            "Choose another.",
            field="slug",
        )
    is_shown = not (row.is_hidden or row.is_retired)
    if isinstance(row, Product) and row.kind == row.Kind.HOSTED_PBX and is_shown and not row.seats:
        raise Refusal(
            "A hosted PBX that is sold alone needs at least one seat. Type how many, or hide "
            "it: inside a bundle it gets its seats from other products.",
            field="seats",
        )


def propose_slug(name: str) -> str:
    """A free slug made of a name: ``hosted-pbx``, ``hosted-pbx-2``. Names without Latin letters or
    digits give ``product``."""
    base = slugify(name)[: SLUG_LENGTH - 6].strip("-_") or "product"
    taken = {
        slug
        for model in (Product, Bundle)
        for slug in model.objects.filter(slug__startswith=base).values_list("slug", flat=True)
    }
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


# -- groups ---------------------------------------------------------------------------------------


def move_group(group: ProductGroup, *, places: int, actor: Actor) -> None:
    """Move a group up (-1) or down (1) in the shop. At the end of the list it stays."""
    with transaction.atomic():
        rows = list(ProductGroup.objects.select_for_update().order_by("position", "name"))
        old = next((place for place, row in enumerate(rows) if row.pk == group.pk), None)
        if old is None:
            raise Refusal(f"{group.name} was deleted meanwhile. Nothing was changed.")
        new = min(max(old + places, 0), len(rows) - 1)
        rows.insert(new, rows.pop(old))
        for place, row in enumerate(rows):
            row.position = place
        ProductGroup.objects.bulk_update(rows, ["position"])
        if new != old:
            Activity.record(
                actor,
                subject_of(group),
                f"moved {group.name}",
                Position=[str(old + 1), str(new + 1)],
            )


def delete_group(group: ProductGroup, *, actor: Actor) -> None:
    """Delete a group that is empty; else refuse, and say what is in it."""
    with saving():
        now = locked(group)
        names = [
            name
            for model in (Product, Bundle)
            for name in model.objects.filter(group=now).values_list("name", flat=True)
        ]
        if names:
            raise Refusal(
                f"{now.name} still holds {names_of(names)}. Nothing was deleted. "
                "Move them to another group first."
            )
        subject, values = subject_of(now), settings_of(now)
        now.delete()
        Activity.record(actor, subject, f"deleted the group {now.name}", **values)


def names_of(names: list[str]) -> str:
    """``Seat, Hosted PBX and 3 more``"""
    shown, more = names[:SHOWN_NAMES], len(names) - SHOWN_NAMES
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


# -- what is in a bundle --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """``quantity`` pieces of a product."""

    product: Product
    quantity: int


def save_contents(bundle: Bundle, parts: Iterable[Part], *, seen: Seen, actor: Actor) -> None:
    """Put exactly these products into a bundle. A product stands in it once; a retired one may stay,
    but is not added."""
    wanted = {part.product.pk: part for part in parts}
    with saving():
        now = locked(bundle)
        before = contents_of(now)
        require_unchanged(now.name, subject_of(now), before, seen=seen)
        held = {item.product_id: item for item in now.items.all()}
        for part in wanted.values():
            if part.product.is_retired and part.product.pk not in held:
                raise Refusal(
                    f"{part.product.name} is retired and cannot be added. Nothing was changed."
                )
            BundleItem.objects.update_or_create(
                bundle=now, product=part.product, defaults={"quantity": part.quantity}
            )
        now.items.exclude(product__in=wanted).delete()
        found = differences(before, contents_of(now))
        if found:
            Activity.record(
                actor, subject_of(now), f"changed the products of {now.name}", **as_changes(found)
            )
