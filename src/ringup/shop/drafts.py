"""Whose draft it is: the browser session that began it, or the signed-in client that owns it."""

from __future__ import annotations

import uuid

from django.db.models import Q
from django.http import Http404, HttpRequest

from ringup.accounts.access import client_of, user_of
from ringup.flows import drafting
from ringup.orders.models import Draft, Order

# Session keys: uids as text, the newest last. The portal reads the second one too.
DRAFTS = "drafts"
ORDERS = "orders"
MOST_REMEMBERED = 20


def draft_for(request: HttpRequest, uid: uuid.UUID) -> Draft:
    """The draft of this uid for its owner; 404 for everybody else.

    A guest's draft becomes the client's when he signs in: a session never outlives its login.
    """
    draft = drafting.draft_with(uid)
    client = client_of(request)
    if draft is None:
        raise Http404
    is_own = draft.client is not None and draft.client == client
    is_known = str(uid) in request.session.get(DRAFTS, [])
    if not is_own and not (is_known and _is_guest_s(request, draft)):
        raise Http404
    if draft.client is None and client is not None and draft.state == Draft.State.OPEN:
        drafting.adopt(draft, client)
    return draft


def _is_guest_s(request: HttpRequest, draft: Draft) -> bool:
    """Whether it is enough that this browser knows the draft: nobody's yet, or one that became a new
    client's when it was ordered here. The session of a person outlives his place at a client."""
    if draft.client is None:
        return True
    user = user_of(request)
    return draft.state != Draft.State.OPEN and (user is None or user.is_staff)


def remember_draft(request: HttpRequest, draft: Draft) -> None:
    """This browser may go on with the draft."""
    _remember(request, DRAFTS, draft.uid)


def remember_order(request: HttpRequest, order: Order) -> None:
    """This browser may see the order, before its buyer has a password. Who orders for a client sees
    it as the client's."""
    if client_of(request) is None:
        _remember(request, ORDERS, order.uid)


def _remember(request: HttpRequest, key: str, uid: uuid.UUID) -> None:
    known = [text for text in request.session.get(key, []) if text != str(uid)]
    request.session[key] = [*known, str(uid)][-MOST_REMEMBERED:]


def open_drafts(request: HttpRequest) -> list[Draft]:
    """The drafts that this browser is writing for the present client, or as a guest; the one that was
    changed last is first."""
    known = request.session.get(DRAFTS, [])
    if not known:
        return []
    client = client_of(request)
    mine = Q(client=None) if client is None else Q(client=None) | Q(client=client)
    rows = Draft.objects.filter(mine, uid__in=known, state=Draft.State.OPEN)
    return list(rows.select_related("bundle", "product", "client").order_by("-changed", "-pk"))


def open_draft(request: HttpRequest, *, slug: str) -> Draft | None:
    """The newest draft of this product or bundle that this browser is writing."""
    return next((draft for draft in open_drafts(request) if draft.sold.slug == slug), None)
