"""What is submitted at once: the items of a cart, and the numbers of one draft, each of which becomes an
order of its own."""

from __future__ import annotations

from typing import Any

from ringup.accounts.models import Client
from ringup.orders.contents import ANSWERED
from ringup.orders.models import Draft, Order

# Which drafts were submitted at once: their uids as text, the first one's first.
PLACED_WITH = "placed_with"
# The draft that had all the numbers, of which this one has another than the first.
SPLIT_FROM = "split_from"


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
            promo_code=draft.promo_code,
            placed_by=draft.placed_by,
            state=Draft.State.SUBMITTED,
            answers={**rest, "number": chosen, SPLIT_FROM: str(draft.uid)},
        )
        for chosen in numbers[1:]
    ]
    draft.answers = rest
    return [draft, *others]


def note_together(parts: list[Draft]) -> None:
    """Write to each of these what was submitted with it, and save them. One alone is as it was, but
    for the words of its answers."""
    if len(parts) == 1 and ANSWERED not in parts[0].answers:
        return
    uids = [str(part.uid) for part in parts]
    for part in parts:
        if len(parts) > 1:
            part.answers[PLACED_WITH] = uids
        if part.pk is not None:
            part.save(update_fields=["answers"])
    Draft.objects.bulk_create([part for part in parts if part.pk is None])


def placed_with(order: Order) -> list[Order]:
    """The other orders that were placed by the same submit, in the order of the cart and of their
    numbers; none for most."""
    uids = order.draft.answers.get(PLACED_WITH, [])
    orders = Order.objects.filter(draft__uid__in=uids).exclude(pk=order.pk)
    return list(orders.select_related("client", "brand", "draft").order_by("pk"))


def split_from(order: Order) -> list[Order]:
    """The orders of the other numbers of this order's draft."""
    uid = str(order.draft.uid)
    return [one for one in placed_with(order) if one.draft.answers.get(SPLIT_FROM) == uid]
