"""The one pricing function: search, wizard, order and (later) invoice all use it.

Pure: it is given prices and gives back a quote; it reads no database and knows no clock.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from ringup.core.money import Money, total


@dataclass(frozen=True, slots=True)
class PriceRule:
    """Cost plus ``percent``, plus ``addition``, up to a full ``rounding``, never below ``floor``.

    The set-up fee is the carrier's plus ``setup_percent``.
    """

    percent: int
    addition: Money
    floor: Money
    rounding: Money
    setup_percent: int = 0


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line. ``setup`` and ``monthly`` are for all pieces together, before tax, rounded."""

    text: str
    quantity: int
    setup: Money
    monthly: Money
    tax_class: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What an item costs, before tax. Frozen as data on the order line."""

    lines: tuple[QuoteLine, ...]
    currency: str

    @property
    def setup(self) -> Money:
        return total((line.setup for line in self.lines), self.currency)

    @property
    def monthly(self) -> Money:
        return total((line.monthly for line in self.lines), self.currency)

    @property
    def first_payment(self) -> Money:
        """Set-up and the first month."""
        return self.setup + self.monthly

    @property
    def mark(self) -> str:
        """Changes with anything that the buyer would see differently."""
        return hashlib.sha256(repr(self.as_data()).encode()).hexdigest()[:16]

    def with_number(self, price: NumberPrice, *, text: str, included: Money) -> Quote:
        """The same quote with another number: it stands in the last line."""
        line = _number_line(price, text=text, included=included)
        return Quote((*self.lines[:-1], line), self.currency)

    def as_data(self) -> dict[str, Any]:
        """JSON for the order line."""
        return {
            "currency": self.currency,
            "lines": [
                {
                    "text": line.text,
                    "quantity": line.quantity,
                    "setup_micros": line.setup.micros,
                    "monthly_micros": line.monthly.micros,
                    "tax_class": line.tax_class,
                }
                for line in self.lines
            ],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Quote:
        """The quote that ``as_data`` froze."""
        currency = str(data["currency"])
        lines = tuple(
            QuoteLine(
                text=line["text"],
                quantity=line["quantity"],
                setup=Money(line["setup_micros"], currency),
                monthly=Money(line["monthly_micros"], currency),
                tax_class=line["tax_class"],
            )
            for line in data["lines"]
        )
        return cls(lines, currency)


@dataclass(frozen=True, slots=True)
class NumberPrice:
    """What a chosen number costs the client, a month and once."""

    monthly: Money
    setup: Money


def price_number(*, monthly: Money, setup: Money, rule: PriceRule) -> NumberPrice:
    """The client's price of a number from the carrier's cost, by the price rule."""
    wanted = monthly + monthly.share(Decimal(rule.percent) / 100) + rule.addition
    wanted = max(_up_to(wanted, rule.rounding), rule.floor)
    once = setup + setup.share(Decimal(rule.setup_percent) / 100)
    return NumberPrice(monthly=wanted.rounded(), setup=once.rounded())


def _up_to(amount: Money, step: Money) -> Money:
    if not step:
        return amount
    steps = (Decimal(amount.micros) / step.micros).to_integral_value(ROUND_CEILING)
    return Money(int(steps) * step.micros, amount.currency)


@dataclass(frozen=True, slots=True)
class Item:
    """One product with its quantity inside what is quoted. Prices are per piece."""

    text: str
    quantity: int
    setup: Money
    monthly: Money
    tax_class: str = "telecom"


def quote(
    items: list[Item],
    *,
    currency: str,
    number: NumberPrice | None = None,
    number_text: str = "",
    included_number: Money | None = None,
) -> Quote:
    """Price ``items`` and a chosen number. A bundle covers ``included_number`` of the number's
    monthly price; only the rest is charged. Rounded once, at each line."""
    lines = [
        QuoteLine(
            text=item.text,
            quantity=item.quantity,
            setup=(item.setup * item.quantity).rounded(),
            monthly=(item.monthly * item.quantity).rounded(),
            tax_class=item.tax_class,
        )
        for item in items
    ]
    if number is not None:
        included = included_number or Money.zero(currency)
        lines.append(_number_line(number, text=number_text or "Number", included=included))
    return Quote(tuple(lines), currency)


def _number_line(price: NumberPrice, *, text: str, included: Money) -> QuoteLine:
    rest = max(price.monthly - included, Money.zero(included.currency))
    return QuoteLine(
        text=text,
        quantity=1,
        setup=price.setup.rounded(),
        monthly=rest.rounded(),
        tax_class="telecom",
    )
