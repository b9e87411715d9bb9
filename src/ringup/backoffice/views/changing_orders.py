"""What staff changes in an order before it approves it: number, PBX address, or its end."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.orders.access import order_for_staff
from ringup.backoffice.orders.forms import LabelForm, NumberForm
from ringup.backoffice.views.orders import answer, decision, for_a_reason
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows.orders import asking_for_proof, cancelling, proposing, renaming, renumbering
from ringup.orders.contents import contents_of
from ringup.orders.models import Order


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_ORDERS)
def choose_number(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Another number: put into the order, or proposed to the client where it is dearer."""
    order = order_for_staff(request, uid)
    form = NumberForm(request.POST if request.method == "POST" else None)
    refusal = ""
    if form.is_valid():
        e164 = form.cleaned_data["e164"]
        try:
            is_done = proposing.put_or_propose(order, e164, actor=actor_of(request))
        except Refusal as no:
            refusal = str(no)
        else:
            messages.success(request, _said(order, e164, is_done=is_done))
            return redirect("office:order", order.uid)
    context = {"nav": "queue", "order": order, "form": form, "refusal": refusal}
    context |= _on_sale(order)
    status = 422 if form.is_bound else 200
    return render(request, "office/choose_number.html", context, status=status)


def _said(order: Order, e164: str, *, is_done: bool) -> str:
    if is_done:
        return f"{order.label} has {shown(e164)} now. The new plan appears here."
    return f"{shown(e164)} is proposed to {order.client.name} and held for two days."


def _on_sale(order: Order) -> dict[str, object]:
    """The order's number, and what is on sale beside it."""
    context: dict[str, object] = {"old": contents_of(order).number}
    try:
        context["choices"] = renumbering.choices(order)
    except Refusal as silent:
        context["silent"] = str(silent)
    return context


@require_POST
@allowed(Can.WORK_ORDERS)
def withdraw_proposal(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Take a proposed number back."""
    order = order_for_staff(request, uid)
    return answer(
        request,
        order,
        lambda: proposing.withdraw(order, actor=actor_of(request)),
        said="The proposal is taken back, and its number is free again.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_ORDERS)
def domain(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Another address for the PBX."""
    order = order_for_staff(request, uid)
    service = contents_of(order).service
    suffix = service.server.domain_suffix if service.server else ""
    first = service.name.removesuffix(f".{suffix}")
    form = LabelForm(request.POST if request.method == "POST" else None, initial={"label": first})
    if form.is_valid():
        try:
            new = renaming.rename(order, form.cleaned_data["label"], actor=actor_of(request))
        except Refusal as refusal:
            form.add_error("label", str(refusal))
        else:
            messages.success(request, f"The address is {new} now. The new plan appears here.")
            return redirect("office:order", order.uid)
    context = {"order": order, "form": form, "suffix": suffix, "domain": service.name}
    return decision(request, "rename", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_ORDERS)
def cancel(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Cancel for the client, with a reason that he reads."""
    order = order_for_staff(request, uid)
    return for_a_reason(
        request,
        "cancel",
        order,
        lambda reason: cancelling.cancel_for_client(order, reason=reason, actor=actor_of(request)),
        said=f"{order.label} is cancelled. {order.client.name} gets a mail with the reason.",
    )


@require_POST
@allowed(Can.WORK_ORDERS)
def ask_for_proof(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Mail the client's owner the link that proves his address, once more."""
    order = order_for_staff(request, uid)
    return answer(
        request,
        order,
        lambda: asking_for_proof.ask_for_proof(order, actor=actor_of(request)),
        said="The link is on its way. The order can be approved when it was followed.",
    )
