"""What staff writes about an order: to the client, or for itself."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.orders.access import order_for_staff
from ringup.backoffice.orders.forms import MessageForm
from ringup.backoffice.views.orders import answer
from ringup.flows.orders import writing


@require_POST
@allowed(Can.WORK_ORDERS)
def write(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A letter to the client; with ``question`` the order waits for the answer."""
    order, text = order_for_staff(request, uid), _text(request)
    is_question = "question" in request.POST
    said = f"{order.client.name} gets it by mail."
    if is_question:
        said += " The order waits for the answer."
    return answer(
        request,
        order,
        lambda: writing.write_as_staff(
            order, text, actor=actor_of(request), is_question=is_question
        ),
        said=said,
        query="#messages",
        typed={"text": text},
    )


@require_POST
@allowed(Can.WORK_ORDERS)
def withdraw_question(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The order waits for no answer any more."""
    order = order_for_staff(request, uid)
    return answer(
        request,
        order,
        lambda: writing.withdraw_question(order, actor=actor_of(request)),
        said=f"{order.label} waits for no answer any more.",
    )


@require_POST
@allowed(Can.WORK_ORDERS)
def note(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A remark in the history that the client never reads."""
    order, text = order_for_staff(request, uid), _text(request)
    return answer(
        request,
        order,
        lambda: writing.note_for_staff(order, text, actor=actor_of(request)),
        said="The note is kept with the order. Only staff reads it.",
        query="#history",
        typed={"note": text},
    )


def _text(request: HttpRequest) -> str:
    form = MessageForm(request.POST)
    return str(form.cleaned_data["text"]) if form.is_valid() else ""
