"""Staff orders for a client: a draft of his that staff writes, in the same wizard."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from ringup.accounts.acting import is_closed, on_behalf
from ringup.accounts.models import Client, User
from ringup.catalog import selling
from ringup.catalog.models import Bundle, Product
from ringup.catalog.pricing import Cycle, Quote, quote
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.checkout import drafting
from ringup.orders.models import Draft

NOT_FOR_SALE = (
    "This cannot be ordered right now: it is retired, not mapped, sold out, or without a price in the "
    "client's currency. Nothing was ordered or charged. Choose another, or look at its mapping."
)
CLOSED = "{name} is closed. Nothing was ordered. Choose another client, or open a new one."
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be ordered, its price before tax in each billing period, and whether the shop shows
    it too."""

    sold: Bundle | Product
    quotes: list[Quote]
    is_in_shop: bool

    @property
    def key(self) -> str:
        """``bundle:hosted-pbx-10``"""
        return f"{type(self.sold).__name__.lower()}:{self.sold.slug}"


def goods_for(client: Client) -> list[Offered]:
    """What staff can order for this client, in his currency: also what the shop hides, or what is in a
    group for staff orders. Never what is retired, not mapped or sold out."""
    currency = client.currency
    shown = {
        (type(row), row.pk)
        for row in (*selling.visible_products(currency), *selling.visible_bundles(currency))
    }
    return [
        Offered(sold, _quotes(sold, currency), (type(sold), sold.pk) in shown)
        for sold in selling.orderable(currency)
    ]


def _quotes(sold: Bundle | Product, currency: str) -> list[Quote]:
    return [
        quote(
            selling.items_of(sold, cycle=cycle, currency=currency), currency=currency, cycle=cycle
        )
        for cycle in selling.cycles_of(sold, currency)
    ]


def begin(client: Client, key: str, *, cycle: Cycle, staff: User) -> Draft:
    """A draft of the client's, of the thing with this ``Offered.key``, that staff writes."""
    if is_closed(client):
        raise Refusal(CLOSED.format(name=client.name))
    found = next((one for one in goods_for(client) if one.key == key), None)
    if found is None:
        raise Refusal(NOT_FOR_SALE)
    with transaction.atomic():
        draft = drafting.start(found.sold, client=client, cycle=cycle)
        draft.placed_by = staff
        draft.save(update_fields=["placed_by"])
        actor = on_behalf(staff.as_actor(), client)
        Activity.record(
            actor, f"client:{client.uid}", f"began to order {found.sold.name}", cycle=cycle.label
        )
    return draft


def unfinished(client: Client | None = None) -> list[Draft]:
    """What staff has begun and nobody has finished, for this client or for all; the one that was
    changed last is first."""
    rows = Draft.objects.filter(state=Draft.State.OPEN, placed_by__isnull=False)
    if client is not None:
        rows = rows.filter(client=client)
    rows = rows.select_related("client", "bundle", "product", "placed_by")
    return list(rows.order_by("-changed", "-pk")[:MOST_SHOWN])
