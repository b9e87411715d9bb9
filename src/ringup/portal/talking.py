"""What a client says about an order before it is carried out: notes, answers, a number taken or left."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from ringup.accounts.access import actor_of, may
from ringup.accounts.member_roles import May
from ringup.core.limiting import Limit, address_of, count
from ringup.core.sentences import Refusal
from ringup.flows.orders import proposing, writing
from ringup.orders.models import Order
from ringup.portal.access import buyers_only, just_ordered, order_for
from ringup.portal.forms import AnswerForm, MessageForm
from ringup.portal.views import order_page

BY_ORDER = Limit("order-messages", times=12, seconds=900)
BY_ADDRESS = Limit("messages-from", times=40, seconds=3_600)
TOO_OFTEN = (
    f"That were many messages in a short time. Nothing was sent. Wait {BY_ORDER.minutes} minutes, or "
    "write to us by e-mail."
)


@require_POST
@buyers_only(May.WORK_ORDERS)
def write(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Put a letter into the thread. While a question waits, it is the answer."""
    order = order_for(request, uid)
    form = MessageForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    was_asked = order.asked is not None

    def send() -> None:
        writing.plain(text)
        if not count(BY_ORDER, str(order.uid)) or not count(BY_ADDRESS, address_of(request)):
            raise Refusal(TOO_OFTEN)
        writing.write_as_client(order, text, actor=actor_of(request))

    said = (
        "Your answer is sent. We go on with your order." if was_asked else "Your message is sent."
    )
    return _answer(request, order, send, said=said, text=text)


@require_POST
@buyers_only(May.WORK_ORDERS)
def take(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Take the number that staff proposes, at the price that was shown."""
    order = order_for(request, uid)
    _require_prices(request, order)
    return _answer(
        request,
        order,
        lambda: proposing.accept(order, mark=_mark(request), actor=actor_of(request)),
        said="The number is in your order. Nothing was charged.",
    )


@require_POST
@buyers_only(May.WORK_ORDERS)
def leave(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Leave the number that staff proposes; the order stays as it was."""
    order = order_for(request, uid)
    return _answer(
        request,
        order,
        lambda: proposing.decline(order, mark=_mark(request), actor=actor_of(request)),
        said="Your order stays as it was. We are told.",
    )


def _mark(request: HttpRequest) -> str:
    form = AnswerForm(request.POST)
    return str(form.cleaned_data["mark"]) if form.is_valid() else ""


def _require_prices(request: HttpRequest, order: Order) -> None:
    """Nobody agrees to a price that he may not see."""
    if str(order.uid) not in just_ordered(request) and not may(request, May.SEE_PRICES):
        raise PermissionDenied(
            "Your role does not see prices, and this number has another one. Ask an owner of "
            f"{order.client.name}."
        )


def _answer(
    request: HttpRequest, order: Order, verb: Callable[[], None], *, said: str, text: str = ""
) -> HttpResponse:
    """Call one verb. Refused: the page with the sentence on top, and what was typed still there."""
    try:
        verb()
    except Refusal as refusal:
        fresh = order_for(request, order.uid)
        return order_page(request, fresh, refusal=str(refusal), text=text, status=422)
    messages.success(request, said)
    return redirect("portal:order", order.uid)
