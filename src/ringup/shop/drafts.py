"""Whose draft it is: the browser session that began it, or the signed-in client that owns it."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest
from django.utils import timezone

from ringup.accounts.access import client_of
from ringup.flows import drafting
from ringup.numbers import holding
from ringup.numbers.models import Hold
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


def open_draft(request: HttpRequest, *, slug: str = "") -> Draft | None:
    """The newest draft that this browser is writing; with ``slug``, of that product or bundle."""
    known = request.session.get(DRAFTS, [])
    rows = Draft.objects.filter(uid__in=known, state=Draft.State.OPEN)
    rows = rows.select_related("bundle", "product", "client").order_by("-changed")
    for draft in rows:
        if not slug or draft.sold.slug == slug:
            return draft
    return None


def held_for(request: HttpRequest) -> tuple[Draft, Hold] | None:
    """The draft of this browser that holds a number now, with its hold."""
    draft = open_draft(request)
    hold = next(iter(holding.held_by(draft.uid)), None) if draft else None
    if draft is None or hold is None or hold.expires <= timezone.now():
        return None
    return draft, hold
