"""One order: the page, its live fragment, and what staff can do with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import actor_of, allowed
from ringup.accounts.roles import Can
from ringup.backoffice.orders.access import order_for_staff
from ringup.backoffice.orders.forms import ReasonForm
from ringup.backoffice.orders.workspace import workspace
from ringup.core.fragments import wants_fragment
from ringup.core.sentences import Refusal
from ringup.flows import revealing
from ringup.flows.orders import approving, cancelling, supporting
from ringup.orders.contents import contents_of
from ringup.orders.models import Order

STOPS_POLLING = 286


@require_safe
@allowed(Can.SEE_ORDERS)
def order(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The order. As a fragment: 204 when nothing has changed, 286 when nothing will by itself."""
    work = workspace(order_for_staff(request, uid), checked=request.GET.get("checked", ""))
    context = {"nav": "queue", "work": work}
    if not wants_fragment(request):
        response = render(request, "office/order.html", context)
    elif work.is_live and request.GET.get("seen") == work.mark:
        response = HttpResponse(status=204)
    else:
        status = 200 if work.is_live else STOPS_POLLING
        response = render(request, "office/_order.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def answer(
    request: HttpRequest,
    order: Order,
    verb: Callable[[], object],
    *,
    said: str,
    query: str = "",
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    """Call one verb. Done: back to the order, with a word about it. Refused: the order with the
    sentence on top, nothing changed, and what was ``typed`` still there."""
    try:
        verb()
    except Refusal as refusal:
        order = order_for_staff(request, order.uid)
        context = {"nav": "queue", "work": workspace(order), "refusal": str(refusal)}
        context |= typed or {}
        return render(request, "office/order.html", context, status=422)
    messages.success(request, said)
    response = redirect("office:order", order.uid)
    response["Location"] += query
    return response


@require_POST
@allowed(Can.WORK_ORDERS)
def approve(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Approve exactly the plan that was on the screen."""
    order = order_for_staff(request, uid)
    digest, doubts = request.POST.get("digest", ""), request.POST.get("doubts", "")
    return answer(
        request,
        order,
        lambda: approving.approve(
            order, digest=digest, doubts_seen=doubts, actor=actor_of(request)
        ),
        said=f"{order.label} approved. You can leave this page, the run goes on.",
    )


@require_POST
@allowed(Can.WORK_ORDERS)
def check(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Look at the world again and make a new plan."""
    order = order_for_staff(request, uid)
    plan = approving.latest_plan(order)
    return answer(
        request,
        order,
        lambda: approving.replan(order, actor=actor_of(request)),
        said="Looking again. The new plan appears here.",
        query=f"?checked={plan.uid}" if plan else "",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Can.WORK_ORDERS)
def reject(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Refuse the order, with a reason that the client reads."""
    order = order_for_staff(request, uid)
    return for_a_reason(
        request,
        "reject",
        order,
        lambda reason: cancelling.reject(order, reason=reason, actor=actor_of(request)),
        said=f"{order.label} rejected. {order.client.name} gets a mail with the reason.",
    )


@require_safe
@allowed(Can.SEE_ORDERS)
def support(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The redacted package for a support request, to copy."""
    order = order_for_staff(request, uid)
    return decision(request, "support", {"order": order, "text": supporting.support_package(order)})


@require_POST
@allowed(Can.WORK_ORDERS)
def new_link(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Mail the client a new one-time link to the credentials."""
    order = order_for_staff(request, uid)
    service = contents_of(order).service
    return answer(
        request,
        order,
        lambda: revealing.reissue(service, actor=actor_of(request)),
        said=f"A new link is on its way to {order.client.email}. The old one no longer works.",
    )


def for_a_reason(
    request: HttpRequest,
    name: str,
    order: Order,
    verb: Callable[[str], object],
    *,
    said: str,
    **context: object,
) -> HttpResponse:
    """Ask for a written reason, then call a verb with it."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        return answer(request, order, lambda: verb(reason), said=said)
    return decision(request, name, {"order": order, "form": form, **context})


def decision(request: HttpRequest, name: str, context: dict[str, object]) -> HttpResponse:
    """A question on a page of its own; in a dialog when htmx asks."""
    frame = "office/_dialog.html" if wants_fragment(request) else "office/_question.html"
    status = 422 if request.method == "POST" else 200
    context = {"nav": "queue", "frame": frame, **context}
    response = render(request, f"office/{name}.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
