"""The one pricing function: search, wizard, order and (later) invoice all use it.

Pure: it is given prices and gives back a quote; it reads no database and knows no clock.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from ringup.core.money import Money, coin_of, total


class Cycle(enum.StrEnum):
    """How often a price is due."""

    FREE = "free"
    ONE_TIME = "one-time"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEMI_ANNUAL = "semi-annual"
    ANNUAL = "annual"
    BIENNIAL = "biennial"

    @property
    def months(self) -> int:
        """How many months one payment covers; 0 where it does not come again."""
        return _CYCLES[self].months

    @property
    def label(self) -> str:
        """``Semi-annual``"""
        return self.value.capitalize()

    @property
    def each(self) -> str:
        """Behind an amount in a sentence: ``a quarter``."""
        return _CYCLES[self].each

    @property
    def per(self) -> str:
        """Behind an amount in a table: ``/qtr``."""
        return _CYCLES[self].per


class _CycleFacts(NamedTuple):
    months: int
    each: str
    per: str


_CYCLES = {
    Cycle.FREE: _CycleFacts(0, "", ""),
    Cycle.ONE_TIME: _CycleFacts(0, "once", " once"),
    Cycle.MONTHLY: _CycleFacts(1, "a month", "/mo"),
    Cycle.QUARTERLY: _CycleFacts(3, "a quarter", "/qtr"),
    Cycle.SEMI_ANNUAL: _CycleFacts(6, "every 6 months", "/6 mo"),
    Cycle.ANNUAL: _CycleFacts(12, "a year", "/yr"),
    Cycle.BIENNIAL: _CycleFacts(24, "every 2 years", "/2 yr"),
}


@dataclass(frozen=True, slots=True)
class PriceRule:
    """``fixed``, or cost plus ``percent``, plus ``addition``, up to a full ``rounding``; never below
    ``floor``. The set-up fee is ``fixed_setup``, or the carrier's plus ``setup_percent``.
    """

    percent: int
    addition: Money
    floor: Money
    rounding: Money
    setup_percent: int = 0
    fixed: Money | None = None
    fixed_setup: Money | None = None


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line: ``setup`` once and ``recurring`` each cycle, for all pieces together, before tax,
    rounded."""

    text: str
    quantity: int
    setup: Money
    recurring: Money
    tax_class: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What an item costs, before tax. Frozen as data on the order line. What recurs does so each
    ``cycle``, which is never a one-time or free one."""

    lines: tuple[QuoteLine, ...]
    currency: str
    cycle: Cycle = Cycle.MONTHLY

    @property
    def setup(self) -> Money:
        return total((line.setup for line in self.lines), self.currency)

    @property
    def recurring(self) -> Money:
        return total((line.recurring for line in self.lines), self.currency)

    @property
    def monthly(self) -> Money:
        """What a month costs, where longer cycles are paid at once: for comparisons, not to charge."""
        return self.recurring.share(Decimal(1) / self.cycle.months)

    @property
    def first_payment(self) -> Money:
        """Set-up and the first period."""
        return self.setup + self.recurring

    @property
    def mark(self) -> str:
        """Changes with anything that the buyer would see differently."""
        return hashlib.sha256(repr(self.as_data()).encode()).hexdigest()[:16]

    def with_number(self, price: NumberPrice, *, text: str, included: Money) -> Quote:
        """The same quote with another number: it stands in the last line."""
        line = _number_line(price, text=text, included=included, cycle=self.cycle)
        return Quote((*self.lines[:-1], line), self.currency, self.cycle)

    def as_data(self) -> dict[str, Any]:
        """JSON for the order line."""
        return {
            "currency": self.currency,
            "cycle": self.cycle.value,
            "lines": [
                {
                    "text": line.text,
                    "quantity": line.quantity,
                    "setup_micros": line.setup.micros,
                    "recurring_micros": line.recurring.micros,
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
                # Quotes from before there were cycles say "monthly".
                recurring=Money(line.get("recurring_micros", line.get("monthly_micros")), currency),
                tax_class=line["tax_class"],
            )
            for line in data["lines"]
        )
        return cls(lines, currency, Cycle(data.get("cycle", "monthly")))


@dataclass(frozen=True, slots=True)
class NumberPrice:
    """What a chosen number costs the client, a month and once."""

    monthly: Money
    setup: Money


def price_number(*, monthly: Money, setup: Money, rule: PriceRule) -> NumberPrice:
    """The client's price of a number from the carrier's cost, by the price rule: exact until it is
    rounded, once, to whole coins, and never below the floor."""
    wanted = rule.fixed
    if wanted is None:
        wanted = _marked_up(monthly, rule.percent, plus=rule.addition, step=rule.rounding.micros)
    once = rule.fixed_setup
    if once is None:
        once = _marked_up(setup, rule.setup_percent)
    return NumberPrice(_at_least(wanted.rounded(), rule.floor), once.rounded())


def _marked_up(cost: Money, percent: int, *, plus: Money | None = None, step: int = 0) -> Money:
    """Cost plus ``percent`` plus an amount: up to a full ``step`` in millionths, else half up to the
    smallest coin."""
    addition = Money.zero(cost.currency) + (plus or Money.zero(cost.currency))
    hundredths = cost.micros * (100 + percent) + addition.micros * 100
    if step:
        return Money(-(-hundredths // (100 * step)) * step, cost.currency)
    coin = coin_of(cost.currency)
    return Money((2 * hundredths + 100 * coin) // (200 * coin) * coin, cost.currency)


def _at_least(price: Money, floor: Money) -> Money:
    """``price``, or the least price in whole coins that is not below ``floor``."""
    if price >= floor:
        return price
    coin = coin_of(floor.currency)
    return Money(-(-floor.micros // coin) * coin, floor.currency)


@dataclass(frozen=True, slots=True)
class Item:
    """One product with its quantity inside what is quoted. Prices are per piece: ``setup`` once,
    ``recurring`` each cycle of the quote."""

    text: str
    quantity: int
    setup: Money
    recurring: Money
    tax_class: str = "telecom"


@dataclass(frozen=True, slots=True)
class ChosenOption:
    """What a buyer chose of a configurable option, and how often: prices are per piece, ``setup``
    once and ``monthly`` each month."""

    text: str
    quantity: int
    setup: Money
    monthly: Money
    tax_class: str = "telecom"


def option_items(chosen: Iterable[ChosenOption], *, cycle: Cycle, pieces: int = 1) -> list[Item]:
    """Items for the chosen options of ``pieces`` pieces of a product: longer cycles cost as many
    months as they cover. What was chosen zero times is no item."""
    return [
        Item(
            text=option.text,
            quantity=option.quantity * pieces,
            setup=option.setup,
            recurring=option.monthly * cycle.months,
            tax_class=option.tax_class,
        )
        for option in chosen
        if option.quantity * pieces
    ]


def quote(
    items: list[Item],
    *,
    currency: str,
    cycle: Cycle = Cycle.MONTHLY,
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
            recurring=(item.recurring * item.quantity).rounded(),
            tax_class=item.tax_class,
        )
        for item in items
    ]
    if number is not None:
        included = included_number or Money.zero(currency)
        lines.append(
            _number_line(number, text=number_text or "Number", included=included, cycle=cycle)
        )
    return Quote(tuple(lines), currency, cycle)


def _number_line(price: NumberPrice, *, text: str, included: Money, cycle: Cycle) -> QuoteLine:
    rest = max(price.monthly - included, Money.zero(included.currency))
    return QuoteLine(
        text=text,
        quantity=1,
        setup=price.setup.rounded(),
        recurring=(rest * cycle.months).rounded(),
        tax_class="telecom",
    )
