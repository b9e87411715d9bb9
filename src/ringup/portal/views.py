"""The client portal: orders with their timeline, services, and credentials behind a one-time link."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringup.accounts.access import (
    acted_as,
    actor_of,
    client_of,
    clients_only,
    may,
    unless_standing_in,
    user_of,
)
from ringup.accounts.member_roles import May
from ringup.core.failures import PortFailure
from ringup.core.fragments import wants_fragment
from ringup.core.sentences import Refusal
from ringup.flows import revealing
from ringup.flows.checkout import drafting
from ringup.flows.checkout.unfinished import unfinished
from ringup.flows.orders import cancelling, place_again, renumbering
from ringup.orders.contents import PREFETCH
from ringup.orders.models import Order
from ringup.portal.access import (
    buyers_only,
    just_ordered,
    order_for,
    orders_for,
    service_for,
    zone_of,
)
from ringup.portal.following import Following, follow, order_row
from ringup.portal.forms import NumberForm
from ringup.portal.owning import belongings
from ringup.portal.private import keep_private
from ringup.portal.set_up_sheets import set_up_sheets
from ringup.portal.showing import as_text

STOPS_POLLING = 286
PAGE_SIZE = 20


@require_safe
@clients_only(May.SEE_ORDERS)
def home(request: HttpRequest) -> HttpResponse:
    """My orders and my services."""
    client = client_of(request)
    assert client is not None  # clients_only
    if acted_as(request) is None:
        # Who has just signed in finds here what he wrote as a guest.
        drafting.adopt_all(request.session, client)
    orders = orders_for(request).prefetch_related(*PREFETCH)
    page = Paginator(orders, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "nav": "orders",
        "time_zone": zone_of(request),
        "client": client,
        "page": page,
        "rows": [order_row(order) for order in page],
        "unfinished": unfinished(client) if may(request, May.WORK_ORDERS) else [],
        "owned": belongings(client) if may(request, May.SEE_SERVICES) else None,
        "shows_prices": may(request, May.SEE_PRICES),
        "shows_secrets": may(request, May.SEE_SECRETS),
    }
    return render(request, "portal/home.html", context)


@require_safe
@buyers_only(May.SEE_ORDERS)
def order(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One order with its timeline. As a fragment: 204 when nothing is new, 286 at the end."""
    followed = follow(order_for(request, uid))
    if not wants_fragment(request):
        response = render(request, "portal/order.html", _context(request, followed))
    elif followed.is_open and request.GET.get("seen") == followed.mark:
        response = HttpResponse(status=204)
    else:
        status = 200 if followed.is_open else STOPS_POLLING
        response = render(request, "portal/_order.html", _context(request, followed), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _context(request: HttpRequest, followed: Following) -> dict[str, Any]:
    is_own = str(followed.order.uid) in just_ordered(request)
    return {
        "nav": "orders",
        "followed": followed,
        "time_zone": zone_of(request) or followed.order.client.time_zone,
        "shows_prices": is_own or may(request, May.SEE_PRICES),
        "may_work": is_own or may(request, May.WORK_ORDERS),
    }


def order_page(
    request: HttpRequest, order: Order, *, refusal: str, text: str = "", status: int
) -> HttpResponse:
    """The order's page with why something was not done, and what was typed."""
    context = _context(request, follow(order)) | {"refusal": refusal, "text": text}
    return render(request, "portal/order.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@buyers_only(May.WORK_ORDERS)
def cancel(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Ask once, then cancel an order that nobody has approved yet."""
    order = order_for(request, uid)
    if request.method != "POST":
        frame = "portal/_dialog.html" if wants_fragment(request) else "portal/_question.html"
        context = _context(request, follow(order)) | {"frame": frame}
        response = render(request, "portal/cancel.html", context)
        patch_vary_headers(response, ["HX-Request"])
        return response
    try:
        cancelling.cancel(order, actor=actor_of(request))
    except Refusal as refusal:
        return order_page(request, order_for(request, uid), refusal=str(refusal), status=422)
    messages.success(request, f"{order.label} is cancelled. Nothing was charged.")
    return redirect("portal:order", order.uid)


@require_http_methods(["GET", "HEAD", "POST"])
@buyers_only(May.WORK_ORDERS)
def choose_number(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Another number from the same place, when the ordered one was sold meanwhile."""
    order = order_for(request, uid)
    followed = follow(order)
    if not followed.wants_number:
        return redirect("portal:order", order.uid)
    refusal = ""
    if request.method == "POST":
        refusal = _put_number(request, order)
        if not refusal:
            messages.success(request, f"{order.label} has its new number. Nothing was charged.")
            return redirect("portal:order", order.uid)
    context = _context(request, followed) | {"refusal": refusal}
    try:
        context["place_again"] = place_again.is_on_sale(order)
        context["alternatives"] = renumbering.alternatives(order)
    except Refusal as silent:
        context["refusal"] = refusal or str(silent)
    status = 422 if request.method == "POST" else 200
    return render(request, "portal/choose_number.html", context, status=status)


def _put_number(request: HttpRequest, order: Order) -> str:
    """Put the chosen number into the order. Why it could not be done; empty when it was."""
    if "again" in request.POST:
        try:
            place_again.take(order, actor=actor_of(request))
        except Refusal as refusal:
            return str(refusal)
        return ""
    form = NumberForm(request.POST)
    if not form.is_valid():
        return str(form.errors["e164"][0])
    try:
        renumbering.choose_another(order, form.cleaned_data["e164"], actor=actor_of(request))
    except Refusal as refusal:
        return str(refusal)
    return ""


@require_POST
@clients_only(May.SEE_SECRETS)
def new_link(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Mail a new link to one's own credentials."""
    service = service_for(request, uid)
    to = revealing.reissue(service, actor=actor_of(request), asker=user_of(request))
    messages.success(request, f"A new link is on its way to {to}.")
    return redirect("portal:service", service.uid)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@unless_standing_in
def secrets(request: HttpRequest, token: str) -> HttpResponse:
    """A button first, since mail scanners open links; pressing it shows the credentials, once."""
    link = revealing.open_link(token)
    context: dict[str, Any] = {"link": link, "token": token}
    status = 200 if link else 410
    if link is not None and request.method == "POST":
        try:
            credentials = revealing.reveal(token, actor=actor_of(request))
            context |= {
                "credentials": credentials,
                "as_text": as_text(credentials),
                "sheets": list(set_up_sheets(credentials)),
            }
        except Refusal as refusal:
            context, status = {"link": None, "refusal": str(refusal)}, 410
        except PortFailure as failure:
            context["problem"], status = failure.user_message, 503
    return keep_private(render(request, "portal/secrets.html", context, status=status))
