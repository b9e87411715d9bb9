"""From terms to the lines of a quote: fees, then discounts, then taxes. Pure, and exact until each
line is rounded, once, half up to the smallest coin.

A tax is rounded once for what is due once, and once for what each payment has: on the sum of the lines
that it covers, never line by line. Tax on tax is worked out before rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ringup.catalog.terms import (
    WHOLE,
    Discount,
    Fee,
    LineKind,
    QuoteLine,
    Tax,
    TaxLine,
    Terms,
)
from ringup.core.money import Money, coin_of, total

# What a fee of a rate is worked out from, and what a discount is taken off.
_ORDERED = (LineKind.ITEM, LineKind.OPTION, LineKind.NUMBER)
# Micros by tax class.
Sums = dict[str, int]


def with_terms(
    lines: Sequence[QuoteLine], *, terms: Terms, months: int, currency: str
) -> list[QuoteLine]:
    """What was ordered, followed by its fees and discounts. ``months`` is what one payment covers."""
    found = [
        *lines,
        *(_fee_line(fee, lines, months=months, currency=currency) for fee in terms.fees),
    ]
    for discount in terms.discounts:
        found.extend(_discount_lines(discount, found, months=months, currency=currency))
    return found


def _rounded(micros: Fraction, currency: str) -> int:
    """Half up to whole coins, in micros; not for negative ones."""
    coin = coin_of(currency)
    return int((2 * micros + coin) // (2 * coin)) * coin


def _fee_line(fee: Fee, lines: Iterable[QuoteLine], *, months: int, currency: str) -> QuoteLine:
    ordered = total((line.recurring for line in lines), currency)
    share = _rounded(Fraction(ordered.micros * fee.rate, WHOLE), currency)
    return QuoteLine(
        text=fee.text,
        quantity=fee.quantity,
        setup=(fee.setup * fee.quantity).rounded(),
        recurring=(fee.monthly * (fee.quantity * months)).rounded() + Money(share, currency),
        tax_class=fee.tax_class,
        kind=LineKind.FEE,
    )


# -- discounts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """A discount of payments ``begins`` to ``ends``, for so many ``months`` of each."""

    months: int
    begins: int
    ends: int


def _parts(discount: Discount, cycle_months: int) -> Iterator[_Part]:
    """Whole payments, then the one that is covered in part."""
    if not discount.months or not discount.on_recurring:
        yield _Part(cycle_months, 1, 0)
        return
    whole, rest = divmod(discount.months, cycle_months)
    if whole:
        yield _Part(cycle_months, 1, whole)
    if rest:
        yield _Part(rest, whole + 1, whole + 1)


def _discount_lines(
    discount: Discount, lines: Sequence[QuoteLine], *, months: int, currency: str
) -> Iterator[QuoteLine]:
    """One line for each tax class and part; none where there is nothing to take off."""
    once, each = _taken_off(discount, lines)
    for part in _parts(discount, months):
        setup: Sums = {}
        if discount.on_setup and part.begins == 1:
            setup = _amounts(discount, once, share=Fraction(1), times=1, currency=currency)
        recurring: Sums = {}
        if discount.on_recurring:
            share = Fraction(part.months, months)
            recurring = _amounts(discount, each, share=share, times=part.months, currency=currency)
        for tax_class in dict.fromkeys([*setup, *recurring]):
            micros = (setup.get(tax_class, 0), recurring.get(tax_class, 0))
            if any(micros):
                yield QuoteLine(
                    text=discount.text,
                    quantity=1,
                    setup=Money(-micros[0], currency),
                    recurring=Money(-micros[1], currency),
                    tax_class=tax_class,
                    kind=LineKind.DISCOUNT,
                    begins=part.begins,
                    ends=part.ends,
                )


def _taken_off(discount: Discount, lines: Iterable[QuoteLine]) -> tuple[Sums, Sums]:
    """What it can be taken off, once and each payment: what was ordered, less what a lasting discount
    has taken."""
    once: Sums = {}
    each: Sums = {}
    for line in lines:
        is_left_out = discount.but_options and line.kind is LineKind.OPTION
        if line.kind is LineKind.FEE or is_left_out:
            continue
        once[line.tax_class] = once.get(line.tax_class, 0) + line.setup.micros
        each[line.tax_class] = each.get(line.tax_class, 0) + line.recurring.micros
    return once, each


def _amounts(discount: Discount, sums: Sums, *, share: Fraction, times: int, currency: str) -> Sums:
    """What is taken off each tax class. An amount is spread over them by what they are, so that no
    coin is lost."""
    if discount.amount is None:
        rate = share * Fraction(discount.rate, WHOLE)
        return {key: _rounded(micros * rate, currency) for key, micros in sums.items()}
    everything = sum(sums.values())
    most = _rounded(everything * share, currency)
    amount = min((discount.amount * times).rounded().micros, most)
    spread: Sums = {}
    reached, given = 0, 0
    for key, micros in sums.items():
        reached += micros
        upto = _rounded(Fraction(amount * reached, everything), currency) if everything else 0
        spread[key], given = upto - given, upto
    return spread


# -- taxes ----------------------------------------------------------------------------------------


def tax_lines(
    lines: Sequence[QuoteLine], *, taxes: Sequence[Tax], currency: str
) -> tuple[TaxLine, ...]:
    """A line for each tax, in their order."""
    # Behind this payment nothing changes any more.
    last = max((line.ends for line in lines), default=0)
    setup = _taxed(taxes, _by_class((line.tax_class, line.setup) for line in lines), currency)
    lasting = _taxed(taxes, _recurring(lines, last + 1), currency)
    early = [_taxed(taxes, _recurring(lines, payment), currency) for payment in range(1, last + 1)]
    return tuple(
        TaxLine(
            name=tax.name,
            rate=tax.rate,
            setup=setup[place],
            recurring=lasting[place],
            early=tuple(amounts[place] for amounts in early),
            text=tax.text,
        )
        for place, tax in enumerate(taxes)
    )


def _recurring(lines: Iterable[QuoteLine], payment: int) -> Sums:
    return _by_class((line.tax_class, line.recurring_at(payment)) for line in lines)


def _by_class(amounts: Iterable[tuple[str, Money]]) -> Sums:
    sums: Sums = {}
    for tax_class, money in amounts:
        sums[tax_class] = sums.get(tax_class, 0) + money.micros
    return sums


def _taxed(taxes: Sequence[Tax], sums: Sums, currency: str) -> list[Money]:
    return [Money(_rounded(_exact(tax, taxes, sums), currency), currency) for tax in taxes]


def _exact(tax: Tax, taxes: Sequence[Tax], sums: Sums) -> Fraction:
    """One tax on sums of micros. A compound one is on the simple ones too."""
    found = Fraction(0)
    for tax_class, micros in sums.items():
        if not tax.covers(tax_class):
            continue
        under = WHOLE
        if tax.is_compound:
            under += sum(one.rate for one in taxes if not one.is_compound and one.covers(tax_class))
        found += Fraction(micros * under * tax.rate, WHOLE * WHOLE)
    return found
