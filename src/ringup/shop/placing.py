"""Placing the orders of one item or of the whole cart, and where the buyer goes from there."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ringup.accounts.access import actor_of, counted_as, unless_refused
from ringup.accounts.member_roles import May
from ringup.catalog.pricing import Quote
from ringup.core.limiting import Limit, address_of, count
from ringup.core.sentences import Refusal
from ringup.flows.checkout import checking_out
from ringup.orders.models import Draft, Order
from ringup.shop.drafts import actor_for, remember_order

# Every order sends mails to an address that nobody has proved yet.
SUBMITS = Limit("submits", times=20, seconds=3600)
SUBMIT_TOO_OFTEN = (
    "Many orders came from your network in the last hour. Nothing was ordered or charged, and "
    "your answers are kept. Try again in an hour, or write to us."
)
PRICE_CHANGED = (
    "The price has changed since this page was made, or how many seats it is for. Nothing was "
    "ordered or charged. Look at the new price and at the seats, then order again."
)


def place(
    request: HttpRequest,
    drafts: Sequence[Draft],
    *,
    seen: str,
    quoted: Sequence[list[Quote]] = (),
) -> list[Order]:
    """Place these drafts of one buyer, all or none. ``seen`` is how they stand now, and ``quoted`` what
    each costs, where that is known; the form says how its page showed them. Raises ``Refusal``, and 403
    for a member who may not order."""
    unless_refused(request, May.WORK_ORDERS)
    if not count(SUBMITS, counted_as(request)):
        raise Refusal(SUBMIT_TOO_OFTEN)
    if request.POST.get("seen", seen) != seen:
        raise Refusal(PRICE_CHANGED)
    terms = request.POST.get("terms", "")
    version = int(terms) if terms.isascii() and terms.isdigit() and len(terms) < 10 else 0
    actor = actor_for(request, drafts[0]) if drafts else actor_of(request)
    network = address_of(request)
    return checking_out.submit_all(
        drafts, actor=actor, terms=version, network=network, quoted=quoted
    )


def to_orders(request: HttpRequest, orders: Sequence[Order]) -> HttpResponse:
    """To the page of the first order: the buyer's, or staff's own where it ordered for a client. Where
    there are others, a message names all."""
    is_staff_s = orders[0].draft.placed_by_id is not None
    for order in [] if is_staff_s else reversed(orders):
        remember_order(request, order)
    if len(orders) > 1:
        labels = ", ".join(order.label for order in orders)
        messages.success(
            request, f"{len(orders)} orders were placed: {labels}. Nothing is charged yet."
        )
    return redirect("office:order" if is_staff_s else "portal:order", uid=orders[0].uid)
