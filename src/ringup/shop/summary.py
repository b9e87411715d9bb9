"""The order summary beside the steps: a quote as rows for people."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString

from ringup.catalog.pricing import Quote
from ringup.catalog.terms import LineKind, QuoteLine
from ringup.core.money import Money, total
from ringup.shop.baskets import Basket

_ORDERED = (LineKind.ITEM, LineKind.OPTION, LineKind.NUMBER)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``number`` is the marked-up number of a number's row. An amount with ``per`` recurs;
    None: the bundle includes it."""

    text: str
    amount: Money | None
    per: str = ""
    number: SafeString | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What the summary shows: what was ordered, what the first payment is made of, and what follows."""

    ordered: list[Row]
    first: list[Row]
    then: list[Row]


def summary_of(quote: Quote, basket: Basket) -> Summary:
    """The rows of a quote; the chosen numbers stand in the basket as people read them."""
    return Summary(
        ordered=list(_ordered(quote, basket)),
        first=list(_first(quote)),
        then=_then(quote),
    )


def _ordered(quote: Quote, basket: Basket) -> list[Row]:
    rows = []
    numbers = {one.text: one.number for one in basket.picked}
    for line in quote.lines:
        if line.kind is LineKind.NUMBER:
            # Several of one place are one line.
            number = numbers.get(line.text) if line.quantity == 1 else None
            rows.append(Row(_text(line), line.recurring or None, quote.cycle.per, number))
        elif line.kind in (LineKind.ITEM, LineKind.OPTION) and (line.recurring or line.setup):
            rows.append(_row(line, quote))
    return rows


def _row(line: QuoteLine, quote: Quote) -> Row:
    text = _text(line)
    if line.recurring or line.kind is LineKind.ITEM:
        return Row(text, line.recurring or None, quote.cycle.per)
    return Row(text, line.setup, " once")


def _text(line: QuoteLine) -> str:
    is_counted = line.kind in (LineKind.OPTION, LineKind.NUMBER) and line.quantity > 1
    return f"{line.quantity} × {line.text}" if is_counted else line.text


def _first(quote: Quote) -> list[Row]:
    """Set-up, fees, discounts and taxes."""
    ordered = [line for line in quote.lines if line.kind in _ORDERED]
    setup = total((line.setup for line in ordered), quote.currency)
    rows = [Row("Set-up, once", setup)] if setup else []
    for line in quote.lines:
        if line.kind is LineKind.FEE:
            per = quote.cycle.per if line.recurring else " once"
            rows.append(Row(line.text, line.recurring + line.setup, per))
    rows += [Row(text, amount) for text, amount in quote.first_discounts]
    for tax, amount in quote.first_taxes:
        rows.append(Row(f"{tax.name}, {tax.percent}", amount, note=tax.text))
    return rows


def _then(quote: Quote) -> list[Row]:
    first, *others = quote.then
    rows = [Row(f"Then {quote.cycle.each}", first.total)]
    return rows + [Row(f"After {stage.months} months", stage.total) for stage in others]
