"""Totals against a plain calculation that walks from payment to payment with fractions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ringup.catalog.pricing import Cycle, Item, NumberPrice, Quote, quote
from ringup.catalog.terms import Discount, Fee, LineKind, Tax, Terms
from ringup.core.money import Money, coin_of
from ringup.flows.checkout.splitting import together

pytestmark = pytest.mark.once

CLASSES = ("telecom", "goods")
CYCLES = [cycle for cycle in Cycle if cycle.months]
FEW = settings(max_examples=120, deadline=None)


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


# -- the plain calculation ------------------------------------------------------------------------


def half_up(micros: Fraction, currency: str) -> int:
    coin = coin_of(currency)
    return floor(micros / coin + Fraction(1, 2)) * coin


Sums = dict[str, int]


def added(*sums: Sums) -> Sums:
    keys = {key for one in sums for key in one}
    return {key: sum(one.get(key, 0) for one in sums) for key in keys}


def off(discount: Discount, base: Sums, share: Fraction, months: int, currency: str) -> Sums:
    """What a discount takes off each class of one payment's base."""
    if discount.amount is None:
        part = share * Fraction(discount.rate, 1_000_000)
        return {key: half_up(value * part, currency) for key, value in base.items()}
    everything = sum(base.values())
    wanted = half_up(Fraction(discount.amount.micros * months), currency)
    amount = min(wanted, half_up(everything * share, currency))
    taken, before = {}, 0
    for key in base:
        upto = before + base[key]
        cut = [half_up(Fraction(amount * at, everything or 1), currency) for at in (before, upto)]
        taken[key], before = cut[1] - cut[0], upto
    return taken


def taxes_on(taxes: Iterable[Tax], sums: Sums, currency: str) -> list[int]:
    found = []
    simple = [tax for tax in taxes if not tax.is_compound]
    for tax in taxes:
        exact = Fraction(0)
        for key, micros in sums.items():
            if key == "" or tax.tax_class not in ("", key):
                continue
            base = Fraction(micros)
            if tax.is_compound:
                on = [one for one in simple if one.tax_class in ("", key)]
                base += sum(Fraction(micros * one.rate, 10**6) for one in on)
            exact += base * tax.rate / 10**6
        found.append(half_up(exact, currency))
    return found


class Plain:
    """Sums by tax class, in micros: ``setup``, and what a payment has."""

    def __init__(
        self,
        ordered: list[tuple[str, LineKind, int, int]],
        terms: Terms,
        cycle: Cycle,
        currency: str,
    ) -> None:
        self.ordered, self.terms, self.cycle, self.currency = ordered, terms, cycle, currency

    def _base(self, column: int, *, options: bool) -> Sums:
        sums: Sums = {}
        for row in self.ordered:
            if options or row[1] is not LineKind.OPTION:
                sums[row[0]] = sums.get(row[0], 0) + int(row[column])
        return sums

    def _left(self, column: int, share_of: dict[int, tuple[Fraction, int]]) -> Sums:
        left = self._base(column, options=True)
        taken: Sums = {}
        for place, discount in enumerate(self.terms.discounts):
            share, months = share_of[place]
            base = self._base(column, options=not discount.but_options)
            base = {key: value - taken.get(key, 0) for key, value in base.items()}
            cut = off(discount, base, share, months, self.currency)
            taken = added(taken, cut)
        return {key: value - taken.get(key, 0) for key, value in left.items()}

    def setup(self) -> Sums:
        whole = {
            place: (Fraction(int(one.on_setup)), int(one.on_setup))
            for place, one in enumerate(self.terms.discounts)
        }
        fees = [
            {fee.tax_class: half_up(Fraction(fee.setup.micros * fee.quantity), self.currency)}
            for fee in self.terms.fees
        ]
        return added(self._left(2, whole), *fees)

    def payment(self, number: int) -> Sums:
        cycle = self.cycle.months
        shares = {}
        for place, one in enumerate(self.terms.discounts):
            covered = range((number - 1) * cycle, number * cycle)
            months = sum(1 for month in covered if not one.months or month < one.months)
            months = months if one.on_recurring else 0
            shares[place] = (Fraction(months, cycle), months)
        everything = sum(self._base(3, options=True).values())
        fees = [
            {
                fee.tax_class: half_up(
                    Fraction(fee.monthly.micros * fee.quantity * cycle), self.currency
                )
                + half_up(Fraction(everything * fee.rate, 10**6), self.currency)
            }
            for fee in self.terms.fees
        ]
        return added(self._left(3, shares), *fees)

    def paid(self, number: int) -> int:
        sums = self.payment(number)
        return sum(sums.values()) + sum(taxes_on(self.terms.taxes, sums, self.currency))

    def first(self) -> int:
        sums = self.setup()
        once = sum(sums.values()) + sum(taxes_on(self.terms.taxes, sums, self.currency))
        return once + self.paid(1)


# -- what is bought -------------------------------------------------------------------------------
# Each strategy is made once: to make one costs more than to draw from it.

currencies = some.sampled_from(["USD", "JPY", "KWD"])
cycles = some.sampled_from(CYCLES)
tax_classes = some.sampled_from(CLASSES)
any_classes = some.sampled_from(["", *CLASSES])
yes_or_no = some.booleans()
prices = some.integers(0, 200_000_000)
discount_kinds = some.tuples(
    some.integers(0, 1_000_000),
    some.none() | some.integers(0, 90_000_000),
    yes_or_no,
    yes_or_no,
    some.sampled_from([0, 1, 2, 3, 5, 12, 14, 25]),
)
fee_kinds = some.lists(
    some.tuples(
        some.integers(1, 20),
        some.integers(0, 9_000_000),
        some.integers(0, 3_000_000),
        some.integers(0, 100_000),
        any_classes,
    ),
    max_size=2,
)
tax_kinds = some.lists(some.tuples(some.integers(0, 300_000), yes_or_no, any_classes), max_size=3)
one_item = some.tuples(some.integers(1, 12), prices, prices, tax_classes)
up_to_two, up_to_three = some.lists(one_item, max_size=2), some.lists(one_item, max_size=3)


def terms_in(draw: some.DrawFn, currency: str) -> Terms:
    discounts = []
    if draw(yes_or_no):
        discounts.append(Discount("First free", rate=1_000_000, on_setup=True, but_options=True))
    if draw(yes_or_no):
        rate, micros, on_setup, on_recurring, months = draw(discount_kinds)
        discounts.append(
            Discount(
                "CODE",
                rate=0 if micros is not None else rate,
                amount=None if micros is None else Money(micros, currency),
                on_setup=on_setup,
                on_recurring=on_recurring,
                months=months,
            )
        )
    fees = [
        Fee(f"Fee {place}", many, Money(setup, currency), Money(monthly, currency), rate, tax_class)
        for place, (many, setup, monthly, rate, tax_class) in enumerate(draw(fee_kinds))
    ]
    taxes = [Tax(f"Tax {place}", *kind) for place, kind in enumerate(draw(tax_kinds))]
    return Terms(tuple(discounts), tuple(fees), tuple(taxes))


@some.composite
def bought(draw: some.DrawFn) -> tuple[Quote, Plain]:
    currency, cycle = draw(currencies), draw(cycles)
    terms = terms_in(draw, currency)
    things, options = (
        [
            Item(f"Item {place}", many, Money(setup, currency), Money(price, currency), tax_class)
            for place, (many, setup, price, tax_class) in enumerate(draw(kinds))
        ]
        for kinds in (up_to_three, up_to_two)
    )
    number = NumberPrice(Money(draw(prices), currency), Money(draw(prices), currency))
    made = quote(
        things,
        options=options,
        number=number,
        currency=currency,
        cycle=cycle,
        terms=terms,
        included_number=Money.zero(currency),
    )
    ordered = [
        (
            item.tax_class,
            kind,
            half_up(Fraction(item.setup.micros * item.quantity), currency),
            half_up(Fraction(item.recurring.micros * item.quantity), currency),
        )
        for kind, group in ((LineKind.ITEM, things), (LineKind.OPTION, options))
        for item in group
    ]
    ordered.append(
        (
            "telecom",
            LineKind.NUMBER,
            half_up(Fraction(number.setup.micros), currency),
            half_up(Fraction(number.monthly.micros * cycle.months), currency),
        )
    )
    return made, Plain(ordered, terms, cycle, currency)


@FEW
@given(bought())
def test_every_payment_is_what_a_plain_calculation_says(pair: tuple[Quote, Plain]) -> None:
    made, plain = pair
    assert made.first_payment.micros == plain.first()
    stages = {stage.payment: stage for stage in made.then}
    assert min(stages) == 2
    for payment in range(2, 29):
        now = stages[max(first for first in stages if first <= payment)]
        assert now.total.micros == plain.paid(payment), payment
        assert now.months == (now.payment - 1) * made.cycle.months
    assert made.lasting.micros == plain.paid(1000)
    assert made.recurring.micros == sum(plain.payment(1000).values())
    assert made.setup.micros == sum(plain.setup().values())
    assert made.first_payment == made.first_net + made.first_tax
    assert min(plain.setup().values(), default=0) >= 0
    assert min(plain.payment(1).values(), default=0) >= 0


@FEW
@given(bought())
def test_a_frozen_quote_comes_back_as_it_was(pair: tuple[Quote, Plain]) -> None:
    made, _ = pair
    again = Quote.from_data(made.as_data())
    assert again == made
    assert again.mark == made.mark


@FEW
@given(bought(), prices)
def test_another_number_is_priced_by_the_same_terms(
    pair: tuple[Quote, Plain], monthly: int
) -> None:
    made, plain = pair
    currency = made.currency
    other = NumberPrice(Money(monthly, currency), Money.zero(currency))
    fresh = Quote.from_data(made.as_data()).with_number(
        other, text="Another", included=Money.zero(currency)
    )
    due = half_up(Fraction(monthly * made.cycle.months), currency)
    rows = [*plain.ordered[:-1], ("telecom", LineKind.NUMBER, 0, due)]
    again = Plain(rows, plain.terms, plain.cycle, currency)
    assert fresh.first_payment.micros == again.first()
    assert fresh.lasting.micros == again.paid(1000)


@FEW
@given(bought(), some.lists(some.integers(0, 50_000_000), min_size=1, max_size=4))
def test_several_orders_cost_together_what_each_costs(
    pair: tuple[Quote, Plain], prices: list[int]
) -> None:
    """Also where only the first of them has the promotion."""
    made, _ = pair
    zero = Money.zero(made.currency)
    others = [
        replace(made, terms=replace(made.terms, discounts=())).with_number(
            NumberPrice(Money(price, made.currency), zero), text=f"Number {place}", included=zero
        )
        for place, price in enumerate(prices)
    ]
    quotes = [made, *others]
    shown = together(quotes)
    for payment in (1, 2, 3, 6, 13, 15, 26):
        sums = [one.payment(payment) for one in (shown, *quotes)]
        assert sums[0].total.micros == sum(one.total.micros for one in sums[1:]), payment
    assert shown.first_payment.micros == sum(one.first_payment.micros for one in quotes)
    assert shown.lasting.micros == sum(one.lasting.micros for one in quotes)


# -- by hand --------------------------------------------------------------------------------------

PBX = [Item("Hosted PBX", 1, usd("20"), usd("100"))]
HST = Tax("HST", 130_000)


def test_a_free_month_is_not_paid_and_not_taxed() -> None:
    free = Discount("WELCOME: 1 month free", rate=1_000_000, months=1)
    made = quote(PBX, currency="USD", terms=Terms((free,), (), (HST,)))
    assert made.first_payment == usd("22.60"), "the set-up alone"
    assert [(stage.payment, stage.total) for stage in made.then] == [(2, usd("113"))]
    assert (made.setup, made.recurring) == (usd("20"), usd("100"))


@pytest.mark.parametrize(
    ("months", "first", "then"),
    [
        (1, "1120", [(2, 12, "1200")]),
        (12, "20", [(2, 12, "1200")]),
        (14, "20", [(2, 12, "1000"), (3, 24, "1200")]),
    ],
)
def test_free_months_of_a_year_are_twelfths(
    months: int, first: str, then: list[tuple[int, int, str]]
) -> None:
    year = [Item("Hosted PBX", 1, usd("20"), usd("1200"))]
    free = Discount("Free", rate=1_000_000, months=months)
    made = quote(year, currency="USD", cycle=Cycle.ANNUAL, terms=Terms((free,)))
    assert made.first_payment == usd(first)
    found = [(stage.payment, stage.months, stage.total) for stage in made.then]
    assert found == [(payment, after, usd(paid)) for payment, after, paid in then]


def test_an_amount_is_spread_over_the_tax_classes_without_losing_a_cent() -> None:
    items = [Item("A", 1, usd("0"), usd("1"), "telecom"), Item("B", 1, usd("0"), usd("2"), "goods")]
    ten = Discount("Ten", amount=usd("0.10"))
    made = quote(
        items, currency="USD", terms=Terms((ten,), (), (Tax("VAT", 200_000, False, "goods"),))
    )
    taken = {line.tax_class: line.recurring for line in made.lines[2:]}
    assert taken == {"telecom": usd("-0.03"), "goods": usd("-0.07")}
    assert made.lasting == usd("2.90") + usd("0.39"), "20 % of 1.93 is 0.386"


def test_more_than_there_is_cannot_be_taken_off() -> None:
    much = Discount("Much", amount=usd("500"), on_setup=True)
    made = quote(PBX, currency="USD", terms=Terms((much,), (), (HST,)))
    assert made.first_payment == made.lasting == usd("0")


def test_tax_on_tax_is_put_on_the_other_too() -> None:
    taxes = (Tax("GST", 50_000), Tax("QST", 99_750, is_compound=True))
    made = quote([Item("A", 1, usd("0"), usd("100"))], currency="USD", terms=Terms((), (), taxes))
    assert [tax.recurring for tax in made.taxes] == [usd("5"), usd("10.47")]
    assert [tax.percent for tax in made.taxes] == ["5 %", "9.975 %"]


def test_what_was_frozen_before_there_were_taxes_is_still_read() -> None:
    old = {
        "currency": "USD",
        "lines": [
            {"text": "Seat", "quantity": 3, "setup_micros": 0, "monthly_micros": 1, "tax_class": "t"},
            {"text": "Number +1 416", "quantity": 1, "setup_micros": 5, "recurring_micros": 2,
             "tax_class": "telecom"},
        ],
    }  # fmt: skip
    made = Quote.from_data(old)
    assert [line.kind for line in made.lines] == [LineKind.ITEM, LineKind.NUMBER]
    assert (made.first_payment.micros, made.lasting.micros, made.is_taxed) == (8, 3, False)
    fresh = made.with_number(NumberPrice(usd("1"), usd("0")), text="Number 2", included=usd("0"))
    assert [line.text for line in fresh.lines] == ["Seat", "Number 2"]


def test_the_mark_changes_with_all_that_is_seen() -> None:
    terms = [
        Terms(),
        Terms((Discount("A", rate=100_000),)),
        Terms((Discount("B", rate=100_000),)),
        Terms((Discount("A", rate=100_000, months=3),)),
        Terms((), (Fee("911 fee", 1, usd("0"), usd("1")),)),
        Terms((), (), (HST,)),
        Terms((), (), (Tax("HST", 0, text="Reverse charge: you owe it."),)),
    ]
    assert len({quote(PBX, currency="USD", terms=one).mark for one in terms}) == len(terms)
