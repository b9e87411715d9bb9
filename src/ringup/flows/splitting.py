"""One draft of several numbers is ordered as one order for each: each with its own product, quote,
service and life."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ringup.accounts.models import Client
from ringup.catalog.pricing import Quote, QuoteLine
from ringup.orders.models import Draft, Order

# Which drafts were submitted at once: their uids as text, the first one's first.
PLACED_WITH = "placed_with"


def together(quotes: list[Quote]) -> Quote:
    """Quotes of one product, each with another number in its last line, as one: what they have in
    common is counted, and the numbers follow. Its totals are the sums of theirs."""
    first = quotes[0]
    if len(quotes) == 1:
        return first
    common = tuple(_times(line, len(quotes)) for line in first.lines[:-1])
    return replace(first, lines=(*common, *(one.lines[-1] for one in quotes)))


def _times(line: QuoteLine, count: int) -> QuoteLine:
    return replace(
        line,
        quantity=line.quantity * count,
        setup=line.setup * count,
        recurring=line.recurring * count,
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
