"""What a bundle's products cost together, what it saves, and what is wrong with it.

Reads only; expects a bundle fetched with ``PREFETCH`` and ``prices``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringup.catalog.models import Bundle, Price, Product
from ringup.catalog.pricing import Cycle, Item, Quote, quote
from ringup.catalog.selling import item_of, seats_of
from ringup.core.money import Money

PREFETCH = ("prices", "items__product__prices")
Kind = Product.Kind


@dataclass(frozen=True, slots=True)
class CycleSum:
    """One cycle and currency: what the products cost together, and the bundle at a price of its own.

    ``together`` is None where ``missing`` products have no price. ``own`` is None where the bundle
    has none; ``is_sum`` says that it is sold at the sum.
    """

    cycle: Cycle
    currency: str
    together: Quote | None
    missing: tuple[str, ...]
    own: Quote | None
    is_sum: bool

    @property
    def saving(self) -> Money | None:
        """What the bundle is cheaper each cycle; negative when it is dearer. None without both."""
        if self.together is None or self.own is None:
            return None
        return self.together.recurring - self.own.recurring

    @property
    def is_dearer(self) -> bool:
        """Whether buying the products one by one would cost less."""
        return self.saving is not None and self.saving.micros < 0


def currencies_of(bundle: Bundle, currency: str) -> list[str]:
    """``currency``, then the others in which the bundle has prices."""
    others = {row.currency for row in bundle.prices.all()} - {currency}
    return [currency, *sorted(others)]


def sums_of(bundle: Bundle, currency: str) -> list[CycleSum]:
    """A row for each recurring cycle in which the bundle, or any of its products, has a price."""
    return [
        _sum(bundle, cycle, code)
        for code in currencies_of(bundle, currency)
        for cycle in Cycle
        if cycle.months and _is_priced(bundle, cycle, code)
    ]


def _is_priced(bundle: Bundle, cycle: Cycle, currency: str) -> bool:
    rows: list[Price] = list(bundle.prices.all())
    for item in bundle.items.all():
        rows.extend(item.product.prices.all())
    return any(row.cycle == cycle.value and row.currency == currency for row in rows)


def _sum(bundle: Bundle, cycle: Cycle, currency: str) -> CycleSum:
    priced = {
        item.product.name: item_of(item.product, item.quantity, cycle, currency)
        for item in bundle.items.all()
    }
    missing = tuple(name for name, part in priced.items() if part is None)
    found = [part for part in priced.values() if part is not None]
    own = item_of(bundle, 1, cycle, currency)
    together = None if missing or not found else _quote(found, cycle, currency)
    return CycleSum(
        cycle=cycle,
        currency=currency,
        together=together,
        missing=missing,
        own=None if own is None else _quote([own], cycle, currency),
        is_sum=together is not None and not bundle.prices.all(),
    )


def _quote(items: list[Item], cycle: Cycle, currency: str) -> Quote:
    return quote(items, currency=currency, cycle=cycle)


def warnings_of(bundle: Bundle, currency: str) -> Iterator[str]:
    """What staff should know before somebody orders it."""
    items = list(bundle.items.all())
    if not items:
        yield "It has no products yet, so it is not sold. Add some below."
        return
    kinds = {kind: sum(i.quantity for i in items if i.product.kind == kind) for kind in Kind}
    if kinds[Kind.HOSTED_PBX] and not seats_of(bundle):
        yield "It has a hosted PBX without seats, so it is not sold. Add a product with seats."
    if kinds[Kind.SEATS] and not kinds[Kind.HOSTED_PBX]:
        yield "It has seats but no hosted PBX, so nothing is built for them. Add a hosted PBX."
    if kinds[Kind.HOSTED_PBX] > 1:
        yield "It has more than one hosted PBX. An order builds one, with all seats in it."
    if not kinds[Kind.NUMBER]:
        yield "It has no number product. Every order still chooses a number: add one for it."
    if kinds[Kind.NUMBER] > 1:
        yield "It has more than one number. An order chooses one; the others are added afterwards."
    if kinds[Kind.VIRTUAL_NUMBER]:
        yield "Virtual-number plans are not provisioned yet. An order leaves this one out."
    retired = [item.product.name for item in items if item.product.is_retired]
    if retired:
        yield f"Retired products are still in it: {', '.join(retired)}."
    yield from _price_warnings(bundle, currency)


def _price_warnings(bundle: Bundle, currency: str) -> Iterator[str]:
    sums = sums_of(bundle, currency)
    if bundle.prices.all():
        if not any(row.currency == currency for row in bundle.prices.all()):
            yield f"It has prices of its own, but none in {currency}, so it is not sold in {currency}."
        for row in sums:
            if row.is_dearer:
                yield (
                    f"{row.cycle.label}, it costs more than its products together "
                    f"in {row.currency}. Check its price."
                )
        return
    for row in sums:
        if row.missing:
            yield (
                f"It is not sold {row.cycle.label.lower()} in {row.currency}: no such price for "
                f"{', '.join(row.missing)}."
            )
