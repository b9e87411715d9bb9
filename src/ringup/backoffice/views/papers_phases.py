"""The phases of an order's papers, one by one, and the last look before its number is ordered."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.orders.access import order_for_staff, papers_for_staff
from ringup.backoffice.papers.placing import placing
from ringup.backoffice.views.orders import answer, for_a_reason
from ringup.core.actors import Actor
from ringup.core.fragments import wants_fragment
from ringup.core.sentences import Refusal
from ringup.flows.orders import approving
from ringup.flows.papers import choosing, phases
from ringup.flows.papers.choosing import Outcome
from ringup.orders.models import Order
from ringup.regulatory.models import RegulatoryFile

Verb = Callable[..., None]


def _do(request: HttpRequest, uid: uuid.UUID, verb: Verb, said: str) -> HttpResponse:
    order = order_for_staff(request, uid)
    papers_for_staff(request, order)
    actor = actor_of(request)
    return answer(request, order, lambda: verb(order, actor=actor), said=said)


@require_POST
@allowed(Can.WORK_ORDERS)
def submit(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Phase 2."""
    said = "Identity and address are on their way to the provider."
    return _do(request, uid, phases.submit_to_provider, said)


@require_POST
@allowed(Can.WORK_ORDERS)
def upload_proofs(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Phase 3."""
    said = "The documents are on their way to the provider, encrypted."
    return _do(request, uid, phases.upload_proofs, said)


@require_POST
@allowed(Can.WORK_ORDERS)
def mark_uploaded(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Phase 3 by hand."""
    return _do(request, uid, phases.mark_uploaded, "Noted: the documents are at the provider.")


@require_POST
@allowed(Can.WORK_ORDERS)
def check_status(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Phase 5."""
    said = "Asking the provider. What it says appears here."
    return _do(request, uid, phases.check_status, said)


@require_POST
@allowed(Can.WORK_ORDERS)
def submit_again(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """After a rejection."""
    return _do(request, uid, phases.submit_again, "The papers are on their way once more.")


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_ORDERS)
def reset(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Back to the documents, for a written reason."""
    order = order_for_staff(request, uid)
    file = papers_for_staff(request, order)
    return for_a_reason(
        request,
        "papers/reset",
        order,
        lambda reason: phases.reset_purchase(order, reason=reason, actor=actor_of(request)),
        said=f"{order.label} is back at the documents. Your reason is kept in its history.",
        file=file,
    )


# -- phase 4 -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_ORDERS)
def place_order(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The last look at number, capacity and price. The button approves the plan that stands there, or
    changes the order where something else was chosen; then another plan is read first."""
    order = order_for_staff(request, uid)
    file = papers_for_staff(request, order)
    if request.method == "POST":
        return _placed(request, order, file)
    return _look(request, order, file)


def _look(
    request: HttpRequest, order: Order, file: RegulatoryFile, *, refusal: str = ""
) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    capacity, silent, look = asked.get("capacity"), "", None
    try:
        look = choosing.ordering(order, e164=asked.get("e164", ""), capacity=capacity)
    except Refusal as no_answer:
        silent = str(no_answer)
    is_dialog = wants_fragment(request)
    context = {
        "nav": "queue",
        "order": order,
        "placing": placing(order, file, look),
        "silent": silent,
        "refusal": refusal,
        "is_dialog": is_dialog,
        "heading": "h3" if is_dialog else "h2",
        "frame": "office/papers/_dialog.html" if is_dialog else "office/papers/_page.html",
    }
    status = 422 if refusal else 200
    response = render(request, "office/papers/place_order.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _placed(request: HttpRequest, order: Order, file: RegulatoryFile) -> HttpResponse:
    try:
        outcome = _place(request, order, actor_of(request))
    except Refusal as refusal:
        return _look(request, order, file, refusal=str(refusal))
    plan = approving.latest_plan(order)
    messages.success(request, SAID[outcome].format(order=order.label, client=order.client.name))
    response = redirect("office:order", order.uid)
    if outcome is Outcome.CHANGED and plan is not None:
        response["Location"] += f"?checked={plan.uid}"
    return response


SAID = {
    Outcome.APPROVED: "{order} is placed. You can leave this page, the run goes on.",
    Outcome.CHANGED: "{order} was changed, and nothing is ordered yet. Its new plan appears here: "
    "read it, then approve it.",
    Outcome.PROPOSED: "This number is dearer: it is proposed to {client} and held for two days. "
    "Nothing is ordered yet.",
}


def _place(request: HttpRequest, order: Order, actor: Actor) -> Outcome:
    return choosing.place(
        order,
        e164=request.POST.get("e164", ""),
        capacity=request.POST.get("capacity", ""),
        digest=request.POST.get("digest", ""),
        doubts_seen=request.POST.get("doubts", ""),
        actor=actor,
    )
