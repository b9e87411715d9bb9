"""One draft of several numbers is ordered as one order for each: each with its own product, quote,
service and life."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from ringup.catalog.pricing import Quote
from ringup.catalog.terms import LineKind, QuoteLine, TaxLine
from ringup.core.money import total


def together(quotes: list[Quote]) -> Quote:
    """Quotes of one product, each with another number, as one: what they have in common is counted,
    and the numbers follow. Its totals are the sums of theirs."""
    if len(quotes) == 1:
        return quotes[0]
    kept: dict[Hashable, QuoteLine] = {}
    for line in sorted(_lines(quotes), key=lambda line: _ORDER[line.kind]):
        same = (line.kind, line.text, line.tax_class, line.begins, line.ends)
        kept[same] = _added(kept[same], line) if same in kept else line
    taxes = [_tax_together(taxes) for taxes in zip(*(one.taxes for one in quotes), strict=True)]
    return replace(quotes[0], lines=tuple(kept.values()), taxes=tuple(taxes))


_ORDER = {kind: place for place, kind in enumerate(LineKind)}


def _lines(quotes: list[Quote]) -> Iterator[QuoteLine]:
    for one in quotes:
        yield from one.lines


def _added(line: QuoteLine, other: QuoteLine) -> QuoteLine:
    return replace(
        line,
        quantity=line.quantity + other.quantity,
        setup=line.setup + other.setup,
        recurring=line.recurring + other.recurring,
    )


def _tax_together(taxes: tuple[TaxLine, ...]) -> TaxLine:
    """One tax of several quotes. Where a discount makes fewer payments of one another, the rest of
    its payments are those that last."""
    currency = taxes[0].setup.currency
    early = max(len(tax.early) for tax in taxes)
    return replace(
        taxes[0],
        setup=total((tax.setup for tax in taxes), currency),
        recurring=total((tax.recurring for tax in taxes), currency),
        early=tuple(
            total((tax.recurring_at(payment) for tax in taxes), currency)
            for payment in range(1, early + 1)
        ),
    )
