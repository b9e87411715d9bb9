"""Products and bundles at the end of their lives. What an order, a draft or a bundle names is retired,
never deleted: kept as it was, and not sold any more."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import ProtectedError, Q

from ringup.catalog.editing import Sold, locked, names_of
from ringup.catalog.models import Bundle, Product
from ringup.catalog.snapshots import settings_of, subject_of
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal, counted
from ringup.orders.models import Draft, OrderLine

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Uses:
    """Who names a product or a bundle. ``orders`` are the labels of the newest ones."""

    lines: int
    orders: tuple[str, ...]
    drafts: int
    open_drafts: int
    bundles: tuple[Bundle, ...]

    def __bool__(self) -> bool:
        return bool(self.lines or self.drafts or self.bundles)

    @property
    def bundles_on_sale(self) -> list[Bundle]:
        """Bundles that are neither hidden nor retired."""
        return [row for row in self.bundles if not (row.is_hidden or row.is_retired)]

    @property
    def words(self) -> list[str]:
        """A phrase for each kind of use."""
        found = []
        if self.lines:
            more = " and others" if self.lines > len(self.orders) else ""
            found.append(f"{counted(self.lines, 'order')} ({', '.join(self.orders)}{more})")
        if self.drafts:
            found.append(counted(self.drafts, "order in the wizard", "orders in the wizard"))
        if self.bundles:
            names = names_of([row.name for row in self.bundles])
            found.append(f"the {'bundle' if len(self.bundles) == 1 else 'bundles'} {names}")
        return found


def uses_of(sold: Sold) -> Uses:
    """Every draft, order line and bundle that names it."""
    of_it = Q(product=sold) if isinstance(sold, Product) else Q(bundle=sold)
    lines = OrderLine.objects.filter(of_it).order_by("-pk")
    # A submitted draft is told by its order.
    drafts = Draft.objects.filter(of_it, order=None)
    bundles = sold.bundles.order_by("name") if isinstance(sold, Product) else Bundle.objects.none()
    return Uses(
        lines=lines.count(),
        orders=tuple(line.order.label for line in lines.select_related("order")[:SHOWN]),
        drafts=drafts.count(),
        open_drafts=drafts.filter(state=Draft.State.OPEN).count(),
        bundles=tuple(bundles),
    )


def is_ordered(product: Product) -> bool:
    """Whether somebody ordered it, or is about to, alone or in a bundle: its kind is fixed then."""
    named = Q(product=product) | Q(bundle__items__product=product)
    return (
        OrderLine.objects.filter(named).exists()
        or Draft.objects.filter(named, state=Draft.State.OPEN).exists()
    )


def retire(sold: Sold, *, actor: Actor) -> None:
    """Sell it no more. Orders and bundles that name it keep it."""
    _set_retired(sold, is_retired=True, actor=actor, verb="retired")


def bring_back(sold: Sold, *, actor: Actor) -> None:
    """Sell a retired one again, as its other settings allow."""
    _set_retired(sold, is_retired=False, actor=actor, verb="brought back")


def _set_retired(sold: Sold, *, is_retired: bool, actor: Actor, verb: str) -> None:
    with transaction.atomic():
        now = locked(sold)
        if now.is_retired == is_retired:
            return
        now.is_retired = is_retired
        now.save(update_fields=["is_retired"])
        was, became = ("no", "yes") if is_retired else ("yes", "no")
        Activity.record(actor, subject_of(now), f"{verb} {now.name}", Retired=[was, became])


def delete(sold: Sold, *, actor: Actor) -> None:
    """Delete what nobody ever used, with its prices, questions and mapping; else refuse, and say who
    uses it."""
    try:
        with transaction.atomic():
            now = locked(sold)
            uses = uses_of(now)
            if uses:
                raise Refusal(
                    f"{now.name} is in use: {'; '.join(uses.words)}. Nothing was deleted. "
                    "Retire it instead: it stays for them, and is not sold any more."
                )
            subject, values = subject_of(now), settings_of(now)
            now.delete()
            Activity.record(actor, subject, f"deleted {sold.name}", **values)
    except ProtectedError as error:
        raise Refusal(
            f"{sold.name} was just ordered. Nothing was deleted. Retire it instead."
        ) from error
