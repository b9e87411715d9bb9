"""How clients' views load their rows: their client's own, or what this browser has just ordered."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from ringup.accounts.access import (
    Rest,
    View,
    acted_as,
    client_of,
    membership_of,
    unless_refused,
    user_of,
)
from ringup.accounts.member_roles import May
from ringup.core.prepared import prepared
from ringup.flows.orders.badges import queue_rows
from ringup.orders.models import Order
from ringup.services.models import Service

# The session's list of orders that a guest has just placed here (written by the shop).
JUST_ORDERED = "orders"


def just_ordered(request: HttpRequest) -> list[str]:
    """The uids of the orders that this browser has placed as a guest. None of them is of the client
    that a member of staff acts as."""
    if acted_as(request) is not None:
        return []
    return [str(uid) for uid in request.session.get(JUST_ORDERED, [])]


def buyers_only(capability: May) -> Callable[[View[Rest]], View[Rest]]:
    """For members whose role has the capability, and for the browser that has just placed the order
    ``uid``. Other guests are asked to sign in; whose client has no such order finds nothing."""

    def guard(view: View[Rest]) -> View[Rest]:
        def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
            if str(kwargs.get("uid")) not in just_ordered(request):
                if user_of(request) is None:
                    return redirect_to_login(request.get_full_path())
                unless_refused(request, capability)
            return view(request, *args, **kwargs)

        wrapped = update_wrapper(guarded, view)
        wrapped.capability = capability  # type: ignore[attr-defined]
        return cast("View[Rest]", wrapped)

    return guard


def orders_for(request: HttpRequest) -> QuerySet[Order, Any]:
    """The client's own orders, newest first."""
    own = Order.objects.for_client(client_of(request))
    return queue_rows().filter(pk__in=own.values("pk"))


def order_for(request: HttpRequest, uid: uuid.UUID) -> Order:
    """One's own order, or one placed from this browser. Strangers get 404."""
    client = client_of(request)
    if str(uid) in just_ordered(request):
        found = _with_uid(uid)
    else:
        found = [] if client is None else _own_with_uid(uid, client.pk)
    if not found:
        raise Http404
    return found[0]


@prepared
def _with_uid(uid: uuid.UUID) -> QuerySet[Order]:
    return queue_rows().filter(uid=uid).select_related("client", "brand", "draft")


@prepared
def _own_with_uid(uid: uuid.UUID, client: int) -> QuerySet[Order]:
    rows = queue_rows().filter(uid=uid, client=client)
    return rows.select_related("client", "brand", "draft")


def service_for(request: HttpRequest, uid: uuid.UUID) -> Service:
    """One's own service. Strangers get 404."""
    services = Service.objects.for_client(client_of(request)).select_related(
        "client", "brand", "server", "account", "tenant", "number", "line__order"
    )
    return get_object_or_404(services, uid=uid)


def zone_of(request: HttpRequest) -> str:
    """The time zone in which this reader wants to read: his own, else his client's."""
    user, membership = user_of(request), membership_of(request)
    if user is not None and user.time_zone:
        return user.time_zone
    return membership.client.time_zone if membership else ""
