"""One draft of several numbers is ordered as one order for each: each with its own product, quote,
service and life."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Any

from ringup.accounts.models import Client
from ringup.catalog.pricing import Quote
from ringup.catalog.terms import LineKind, QuoteLine, TaxLine
from ringup.core.money import total
from ringup.orders.models import Draft, Order

# Which drafts were submitted at once: their uids as text, the first one's first.
PLACED_WITH = "placed_with"


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


def split(draft: Draft, numbers: list[dict[str, Any]], *, client: Client) -> list[Draft]:
    """The draft with its first number, and a submitted draft for each other, in the transaction that
    submits the draft. The holds stay where they are."""
    if len(numbers) == 1:
        return [draft]
    rest = {step: kept for step, kept in draft.answers.items() if step != "more_numbers"}
    others = [
        Draft(
            brand=draft.brand,
            client=client,
            bundle=draft.bundle,
            product=draft.product,
            cycle=draft.cycle,
            currency=draft.currency,
            state=Draft.State.SUBMITTED,
            answers={**rest, "number": chosen},
        )
        for chosen in numbers[1:]
    ]
    draft.answers = rest
    parts = [draft, *others]
    for part in parts:
        part.answers[PLACED_WITH] = [str(one.uid) for one in parts]
    draft.save(update_fields=["answers"])
    Draft.objects.bulk_create(others)
    return parts


def placed_with(order: Order) -> list[Order]:
    """The other orders that were placed by the same submit, in the order of their numbers; none for
    most."""
    uids = order.draft.answers.get(PLACED_WITH, [])
    orders = Order.objects.filter(draft__uid__in=uids).exclude(pk=order.pk)
    return list(orders.select_related("client", "brand", "draft").order_by("pk"))
