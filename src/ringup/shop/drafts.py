"""Whose draft it is: the browser session that began it, the signed-in client that owns it, or staff that
writes it for a client."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse

from ringup.accounts.access import acted_as, actor_of, client_of, user_of
from ringup.accounts.acting import on_behalf
from ringup.accounts.models import Client
from ringup.accounts.roles import Can
from ringup.accounts.signing_in import lacks_second_step
from ringup.core.actors import Actor
from ringup.core.prepared import prepared
from ringup.flows.checkout import drafting
from ringup.orders.models import Draft, Order

# Session keys: uids as text, the newest last. The portal reads them too.
DRAFTS = drafting.SESSION_DRAFTS
ORDERS = "orders"
MOST_REMEMBERED = 20
ACTING = (
    "You act as {client}, and this order was begun in the back office. End acting first, then go on "
    "with it."
)
NO_SECOND_STEP = "Set up your second step first."


def draft_for(request: HttpRequest, uid: uuid.UUID) -> Draft:
    """The draft of this uid for its owner; 404 for everybody else.

    A guest's drafts become the client's when he signs in: a session never outlives its login. What
    staff writes for a client is for staff alone, and any member of it may finish it.
    """
    client = client_of(request)
    if client is not None and acted_as(request) is None:
        drafting.adopt_all(request.session, client)
    draft = drafting.draft_with(uid)
    if draft is None:
        raise Http404
    _put_client(draft, client)
    if draft.placed_by_id is not None:
        _require_staff(request)
        return draft
    is_own = draft.client is not None and draft.client == client
    is_known = str(uid) in request.session.get(DRAFTS, [])
    if not is_own and not (is_known and _is_guest_s(request, draft)):
        raise Http404
    if not is_own and acted_as(request) is not None:
        raise Http404  # what the browser knows is of staff's own, not of the client
    return draft


def _put_client(draft: Draft, client: Client | None) -> None:
    """The present client was read with his brand a moment ago: his draft need not read them again."""
    if client is not None and draft.client_id == client.pk:
        draft.client = client
        if draft.brand_id == client.brand_id:
            draft.brand = client.brand


def _require_staff(request: HttpRequest) -> None:
    user = user_of(request)
    if user is None or not user.can(Can.WORK_ORDERS):
        raise Http404
    if lacks_second_step(request, user):
        raise PermissionDenied(NO_SECOND_STEP)
    client = acted_as(request)
    if client is not None:
        raise PermissionDenied(ACTING.format(client=client.name))


def actor_for(request: HttpRequest, draft: Draft) -> Actor:
    """Who orders this draft; staff that writes it does so for its client."""
    actor = actor_of(request)
    if draft.placed_by_id is None or draft.client is None:
        return actor
    return on_behalf(actor, draft.client)


def leads_back(draft: Draft) -> str:
    """The page to which leaving the draft leads."""
    if draft.placed_by_id is None or draft.client is None:
        return reverse("shop:home")
    return f"{reverse('office:new-order')}?client={draft.client.uid}"


def _is_guest_s(request: HttpRequest, draft: Draft) -> bool:
    """Whether it is enough that this browser knows the draft: nobody's yet, or one that became a new
    client's when it was ordered here. The session of a person outlives his place at a client."""
    if draft.client is None:
        return True
    user = user_of(request)
    return draft.state != Draft.State.OPEN and (user is None or user.is_staff)


def remember_draft(request: HttpRequest, draft: Draft) -> None:
    """This browser may go on with the draft. A client's people find it on every device; who acts as a
    client must not, once that has ended."""
    if draft.client is None:
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
    """The drafts that are being written: by a guest, in this browser; by the present client's people, on
    any device. The one that was changed last is first."""
    client = client_of(request)
    if client is None:
        known = request.session.get(DRAFTS, [])
        return list(_being_written().filter(client=None, uid__in=known)) if known else []
    if acted_as(request) is None:
        drafting.adopt_all(request.session, client)
    found = _open_drafts_of(client.pk)
    for draft in found:
        _put_client(draft, client)
    return found


def _being_written() -> QuerySet[Draft]:
    rows = Draft.objects.filter(state=Draft.State.OPEN, placed_by=None)
    return rows.select_related("bundle", "product").order_by("-changed", "-pk")


@prepared
def _open_drafts_of(client: int) -> QuerySet[Draft]:
    return _being_written().filter(client=client)


def open_draft(request: HttpRequest, *, slug: str) -> Draft | None:
    """The newest draft of this product or bundle that this browser is writing."""
    return next((draft for draft in open_drafts(request) if draft.sold.slug == slug), None)
