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

from ringup.catalog.terms import NO_TERMS, LineKind, QuoteLine, TaxLine, Terms
from ringup.catalog.totals import tax_lines, with_terms
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
class Stage:
    """Payments that all cost the same. ``payment`` is the number of the first of them, and ``months``
    how long after the beginning that is due."""

    payment: int
    months: int
    net: Money
    tax: Money

    @property
    def total(self) -> Money:
        """What is paid."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Quote:
    """What an item costs. Frozen as data on the order line. What recurs does so each ``cycle``, which
    is never a one-time or free one.

    ``setup`` and ``recurring`` are before tax, discounts taken off that last: what stays when those
    that end have ended. ``first_payment``, ``then`` and ``lasting`` are what is paid, with tax and
    with all discounts. ``terms`` are kept so that another number can be put in later.
    """

    lines: tuple[QuoteLine, ...]
    currency: str
    cycle: Cycle = Cycle.MONTHLY
    taxes: tuple[TaxLine, ...] = ()
    terms: Terms = NO_TERMS

    @property
    def setup(self) -> Money:
        """Due once, before tax."""
        return total((line.setup for line in self.lines), self.currency)

    @property
    def recurring(self) -> Money:
        """Due each cycle before tax, when every discount that ends has ended."""
        return self._net(self._last + 1)

    @property
    def monthly(self) -> Money:
        """What a month costs, where longer cycles are paid at once: for comparisons, not to charge."""
        return self.recurring.share(Decimal(1) / self.cycle.months)

    @property
    def first_net(self) -> Money:
        """Set-up and the first period, before tax."""
        return self.setup + self._net(1)

    @property
    def first_tax(self) -> Money:
        """The taxes of the first payment."""
        return total((self.first_tax_of(tax) for tax in self.taxes), self.currency)

    def first_tax_of(self, tax: TaxLine) -> Money:
        """What one of the taxes has in the first payment."""
        return tax.setup + tax.recurring_at(1)

    @property
    def first_taxes(self) -> list[tuple[TaxLine, Money]]:
        """Each tax with its part of the first payment."""
        return [(tax, self.first_tax_of(tax)) for tax in self.taxes]

    @property
    def first_discounts(self) -> list[tuple[str, Money]]:
        """What each discount takes off the first payment, before tax: negative amounts."""
        found: dict[str, Money] = {}
        for line in self.lines:
            if line.kind is LineKind.DISCOUNT:
                before = found.get(line.text, Money.zero(self.currency))
                found[line.text] = before + line.setup + line.recurring_at(1)
        return [(text, amount) for text, amount in found.items() if amount]

    @property
    def first_payment(self) -> Money:
        """Set-up and the first period, with tax."""
        return self.first_net + self.first_tax

    @property
    def then(self) -> list[Stage]:
        """What is paid from the second payment on; the last stage lasts."""
        ends = {line.ends + 1 for line in self.lines if line.ends > 1}
        begins = {line.begins for line in self.lines if line.begins > 1}
        stages: list[Stage] = []
        for payment in sorted({2, *ends, *begins}):
            stage = self.payment(payment)
            if not stages or (stage.net, stage.tax) != (stages[-1].net, stages[-1].tax):
                stages.append(stage)
        return stages

    def payment(self, payment: int) -> Stage:
        """What recurs at this payment, counted from 1, and its tax."""
        tax = total((one.recurring_at(payment) for one in self.taxes), self.currency)
        return Stage(payment, (payment - 1) * self.cycle.months, self._net(payment), tax)

    @property
    def lasting(self) -> Money:
        """Paid each cycle, with tax, when every discount that ends has ended."""
        return self.then[-1].total

    @property
    def is_taxed(self) -> bool:
        """Whether taxes were looked at: else all amounts are before tax."""
        return bool(self.taxes)

    @property
    def first_words(self) -> str:
        """How its first payment is called, where it stands without the taxes."""
        return f"First payment, {'tax included' if self.is_taxed else 'before tax'}"

    @property
    def before_discounts(self) -> Money:
        """Set-up and the first period of what was ordered, without fees and taxes."""
        kinds = (LineKind.FEE, LineKind.DISCOUNT)
        lines = [line for line in self.lines if line.kind not in kinds]
        return total((line.setup + line.recurring for line in lines), self.currency)

    @property
    def _last(self) -> int:
        """The last payment that a discount changes."""
        return max((line.ends for line in self.lines), default=0)

    def _net(self, payment: int) -> Money:
        return total((line.recurring_at(payment) for line in self.lines), self.currency)

    @property
    def mark(self) -> str:
        """Changes with anything that the buyer would see differently."""
        return hashlib.sha256(repr(self.as_data()).encode()).hexdigest()[:16]

    def with_number(self, price: NumberPrice, *, text: str, included: Money) -> Quote:
        """The same quote with another number: fees, discounts and taxes follow its price."""
        line = _number_line(price, text=text, included=included, cycle=self.cycle)
        kept = [line for line in self.lines if line.kind in (LineKind.ITEM, LineKind.OPTION)]
        return _totalled([*kept, line], self.currency, self.cycle, self.terms)

    def as_data(self) -> dict[str, Any]:
        """JSON for the order line."""
        return {
            "currency": self.currency,
            "cycle": self.cycle.value,
            "lines": [line.as_data() for line in self.lines],
            "taxes": [tax.as_data() for tax in self.taxes],
            "terms": self.terms.as_data(),
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Quote:
        """The quote that ``as_data`` froze. Old ones have no taxes and terms, and before there were
        cycles they were monthly."""
        currency = str(data["currency"])
        return cls(
            lines=tuple(QuoteLine.from_data(line, currency) for line in data["lines"]),
            currency=currency,
            cycle=Cycle(data.get("cycle", "monthly")),
            taxes=tuple(TaxLine.from_data(tax, currency) for tax in data.get("taxes", [])),
            terms=Terms.from_data(data["terms"], currency) if "terms" in data else NO_TERMS,
        )


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
    items: Iterable[Item],
    *,
    currency: str,
    cycle: Cycle = Cycle.MONTHLY,
    options: Iterable[Item] = (),
    number: NumberPrice | None = None,
    number_text: str = "",
    included_number: Money | None = None,
    terms: Terms = NO_TERMS,
) -> Quote:
    """Price ``items`` with their ``options`` and a chosen number, by ``terms``. A bundle covers
    ``included_number`` of the number's monthly price; only the rest is charged. Rounded once, at each
    line."""
    lines = [_line(item, LineKind.ITEM) for item in items]
    lines += [_line(item, LineKind.OPTION) for item in options]
    if number is not None:
        included = included_number or Money.zero(currency)
        lines.append(
            _number_line(number, text=number_text or "Number", included=included, cycle=cycle)
        )
    return _totalled(lines, currency, cycle, terms)


def _line(item: Item, kind: LineKind) -> QuoteLine:
    return QuoteLine(
        text=item.text,
        quantity=item.quantity,
        setup=(item.setup * item.quantity).rounded(),
        recurring=(item.recurring * item.quantity).rounded(),
        tax_class=item.tax_class,
        kind=kind,
    )


def _number_line(price: NumberPrice, *, text: str, included: Money, cycle: Cycle) -> QuoteLine:
    rest = max(price.monthly - included, Money.zero(included.currency))
    return QuoteLine(
        text=text,
        quantity=1,
        setup=price.setup.rounded(),
        recurring=(rest * cycle.months).rounded(),
        tax_class="telecom",
        kind=LineKind.NUMBER,
    )


def _totalled(ordered: list[QuoteLine], currency: str, cycle: Cycle, terms: Terms) -> Quote:
    """What was ordered, with its fees, discounts and taxes."""
    lines = with_terms(ordered, terms=terms, months=cycle.months, currency=currency)
    taxes = tax_lines(lines, taxes=terms.taxes, currency=currency)
    return Quote(tuple(lines), currency, cycle, taxes, terms)
