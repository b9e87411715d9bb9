"""Whose draft it is: the browser session that began it, or the signed-in client that owns it."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest

from ringup.accounts.access import client_of
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
    if not is_own and str(uid) not in request.session.get(DRAFTS, []):
        raise Http404
    if draft.client is None and client is not None and draft.state == Draft.State.OPEN:
        drafting.adopt(draft, client)
    return draft


def remember_draft(request: HttpRequest, draft: Draft) -> None:
    """This browser may go on with the draft."""
    _remember(request, DRAFTS, draft.uid)


def remember_order(request: HttpRequest, order: Order) -> None:
    """This browser may see the order, before its buyer has a password."""
    _remember(request, ORDERS, order.uid)


def _remember(request: HttpRequest, key: str, uid: uuid.UUID) -> None:
    known = [text for text in request.session.get(key, []) if text != str(uid)]
    request.session[key] = [*known, str(uid)][-MOST_REMEMBERED:]


def open_drafts(request: HttpRequest) -> list[Draft]:
    """The drafts that this browser is writing, the one that was changed last first."""
    known = request.session.get(DRAFTS, [])
    if not known:
        return []
    rows = Draft.objects.filter(uid__in=known, state=Draft.State.OPEN)
    return list(rows.select_related("bundle", "product", "client").order_by("-changed", "-pk"))


def open_draft(request: HttpRequest, *, slug: str) -> Draft | None:
    """The newest draft of this product or bundle that this browser is writing."""
    return next((draft for draft in open_drafts(request) if draft.sold.slug == slug), None)
