"""What is left of a price when the carrier is paid, also between two currencies."""

from __future__ import annotations

from dataclasses import dataclass, field

from ringup.catalog.rates import Rate, rate_between
from ringup.core.money import Money


@dataclass(slots=True)
class Margins:
    """Looks each pair of currencies up once."""

    rates: dict[tuple[str, str], Rate | None] = field(default_factory=dict)

    def of(self, price: Money, cost: Money) -> Money | None:
        """In the currency of the price; None where no exchange rate is known."""
        if cost.currency == price.currency:
            return price - cost
        pair = cost.currency, price.currency
        if pair not in self.rates:
            self.rates[pair] = rate_between(*pair)
        rate = self.rates[pair]
        return None if rate is None else price - rate.apply(cost)
