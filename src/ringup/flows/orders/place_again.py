"""The same place once more, for an order of a number by its place of which the carrier had none left."""

from __future__ import annotations

from django.db import transaction

from ringup.catalog import number_prices
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.checkout import choosing_places
from ringup.flows.orders.approving import plan_anew, service_of
from ringup.flows.orders.renumbering import frozen_quote, require_no_run
from ringup.numbers.models import OwnedNumber
from ringup.orders.locking import lock
from ringup.orders.models import Order
from ringup.provisioning.blueprint import main_number

NOT_WAITING = "This order does not wait for another number. Nothing was changed. Reload the page."
DEARER = (
    "Numbers of this place cost more now than the one you ordered. Nothing was changed or charged. "
    "Choose another one, or write to us."
)


def is_on_sale(order: Order) -> bool:
    """Whether a number of the order's own place can be had again, no dearer. Asks the carrier."""
    number = main_number(service_of(order))
    if not number.is_by_place:
        return False
    try:
        _require_on_sale(order, number)
    except Refusal:
        return False
    return True


def take(order: Order, *, actor: Actor) -> None:
    """Have the order wait for approval again, with a number of the same place. Refuses in plain words
    where there is none, or only a dearer one."""
    service = service_of(order)
    number = main_number(service)
    if not number.is_by_place:
        raise Refusal(NOT_WAITING)
    _require_on_sale(order, number)
    with transaction.atomic():
        lock(order)
        if order.state != Order.State.CHOOSE_NUMBER:
            raise Refusal(NOT_WAITING)
        require_no_run(order)
        text = f"There is {number.words_inside} again."
        order.move_to(Order.State.PENDING, actor=actor, text=text)
        plan_anew(service)
        Activity.record(actor, f"order:{order.uid}", "took a number of the same place", text=text)


def _require_on_sale(order: Order, number: OwnedNumber) -> None:
    chosen = {"place": number.place}
    offer = choosing_places.live_places(number.account, [chosen])[number.place]
    price = number_prices.price_offer(number.account, offer, frozen_quote(order).currency)
    if price is None or price.monthly > number.price_monthly:
        raise Refusal(DEARER)
