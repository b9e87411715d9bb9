"""Changing what a product or a bundle costs: one row for each cycle and currency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ringup.catalog.editing import Sold, locked, saving
from ringup.catalog.models import Bundle, Price, Product
from ringup.catalog.pricing import Cycle
from ringup.catalog.snapshots import (
    Seen,
    as_changes,
    differences,
    prices_of,
    require_unchanged,
    subject_of,
)
from ringup.core.actors import Actor
from ringup.core.fields import money_columns
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.sentences import Refusal


@dataclass(frozen=True, slots=True)
class PriceRow:
    """What one piece costs in one cycle and currency: ``setup`` once, ``amount`` each cycle."""

    cycle: Cycle
    setup: Money
    amount: Money

    @property
    def currency(self) -> str:
        return self.amount.currency


def faults_of(rows: list[PriceRow]) -> Iterator[tuple[int, str]]:
    """What is wrong with price rows together: the place of a row, and the sentence for it."""
    taken: set[tuple[str, Cycle]] = set()
    kinds: dict[str, str] = {}
    for place, row in enumerate(rows):
        if (row.currency, row.cycle) in taken:
            yield (
                place,
                f"There is another {row.cycle.label.lower()} price in {row.currency} above.",
            )
            continue
        taken.add((row.currency, row.cycle))
        if row.setup.micros < 0 or row.amount.micros < 0:
            yield place, "A price cannot be negative."
        if row.cycle is Cycle.FREE and (row.setup or row.amount):
            yield place, "Free has no amounts. Leave both empty, or choose another cycle."
        kind = "again and again" if row.cycle.months else row.cycle.label.lower()
        if kinds.setdefault(row.currency, kind) != kind:
            yield (
                place,
                f"Prices in {row.currency} are either free, one-time or recurring, not two of them. "
                "What is due once beside a recurring price is its set-up fee.",
            )


def save_prices(
    sold: Sold,
    rows: list[PriceRow],
    *,
    seen: Seen,
    actor: Actor,
    included_number: Money | None = None,
) -> None:
    """Put exactly these prices on a product or a bundle, and for a bundle the monthly number price
    that it includes. Rows that stay as they are are not written."""
    for _, sentence in faults_of(rows):
        raise Refusal(f"{sentence} Nothing was changed.")
    with saving():
        now = locked(sold)
        before = prices_of(now)
        require_unchanged(now.name, subject_of(now), before, seen=seen)
        write_prices(now, rows)
        if isinstance(now, Bundle) and included_number is not None:
            now.included_number = included_number
            now.save(update_fields=["included_number_micros", "included_number_currency"])
        found = differences(before, prices_of(now))
        if found:
            Activity.record(
                actor, subject_of(now), f"changed the prices of {now.name}", **as_changes(found)
            )


def write_prices(sold: Sold, rows: list[PriceRow]) -> None:
    """Make the price rows of ``sold`` exactly these, in the caller's transaction."""
    held = {(price.cycle, price.currency): price for price in sold.prices.all()}
    for row in rows:
        price = held.pop((row.cycle.value, row.currency), None)
        if price is None:
            Price.objects.create(
                product=sold if isinstance(sold, Product) else None,
                bundle=sold if isinstance(sold, Bundle) else None,
                cycle=row.cycle.value,
                currency=row.currency,
                **money_columns(setup=row.setup, amount=row.amount),
            )
        elif (price.setup, price.amount) != (row.setup, row.amount):
            price.setup, price.amount = row.setup, row.amount
            price.save()
    Price.objects.filter(pk__in=[price.pk for price in held.values()]).delete()
