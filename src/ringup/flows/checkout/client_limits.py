"""How much of one thing a client may have, and his first number that is free.

Counted are the orders of the product or bundle itself that were not ended, and whose service was not
cancelled; what a bundle has inside does not count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ringup.accounts.models import Client
from ringup.catalog.models import Bundle, Product
from ringup.catalog.pricing import Quote
from ringup.core.sentences import Refusal
from ringup.flows.checkout.promoting import ENDED
from ringup.orders.models import Draft, OrderLine
from ringup.services.models import Service

FIRST_IS_TAKEN = (
    "The first number is free, and you have one by now. Nothing was ordered or charged. Look at the "
    "new price, then order again."
)


def owned(client: Client | None, sold: Bundle | Product) -> int:
    """How many of it the client has, or has ordered."""
    if client is None:
        return 0
    column = "product" if isinstance(sold, Product) else "bundle"
    lines = OrderLine.objects.filter(order__client=client, **{column: sold})
    lines = lines.exclude(order__state__in=ENDED)
    return lines.exclude(service__state=Service.State.CANCELLED).count()


def require_room(client: Client | None, sold: Bundle | Product, count: int = 1) -> None:
    """Refuses where the client would have more of it than one may have."""
    most = sold.most_per_client
    if most is None:
        return
    has = owned(client, sold)
    if has + count > most:
        has_words = f" and you have {has}" if has else ""
        raise Refusal(
            f"One client can have {most} of {sold.name}{has_words}. Nothing was ordered or charged. "
            "Order fewer, or write to us.",
            field="number",
        )


def is_first_free(draft: Draft) -> bool:
    """Whether the draft's first number is the client's first of a product whose first is free."""
    sold = draft.sold
    if not isinstance(sold, Product) or sold.kind != Product.Kind.NUMBER:
        return False
    return sold.first_free and not owned(draft.client, sold)


def keep(client: Client, ordered: Iterable[tuple[Bundle | Product, list[Quote]]]) -> None:
    """In the transaction that places orders, with the client's row locked: of two windows at once,
    one sees what the other ordered. ``ordered`` is each thing with the quotes of its orders."""
    rows = list(ordered)
    if not any(sold.most_per_client or _has_free(quotes) for sold, quotes in rows):
        return
    # Rows that point at the client may be written meanwhile by others.
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    counted: Counter[Bundle | Product] = Counter()
    for sold, quotes in rows:
        counted[sold] += len(quotes)
        if _has_free(quotes) and owned(client, sold):
            raise Refusal(FIRST_IS_TAKEN, field="number")
    for sold, count in counted.items():
        require_room(client, sold, count)


def _has_free(quotes: Iterable[Quote]) -> bool:
    return any(quote.terms.first_free for quote in quotes)
