"""Filters that a member of staff comes back to. Nobody sees another's."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.http import QueryDict

from ringup.accounts.models import SavedView, User
from ringup.backoffice.orders.filters import Filters
from ringup.core.models import Activity
from ringup.core.sentences import Refusal

LONGEST_NAME = 60
MOST = 30


@dataclass(frozen=True, slots=True)
class SavedChip:
    """One saved view as a page shows it."""

    uid: uuid.UUID
    name: str
    query: str
    is_current: bool


def views_of(user: User, *, page: str, query: str) -> list[SavedChip]:
    """The user's own, by name. ``query`` is that of the page that shows them."""
    views = SavedView.objects.filter(user=user, page=page)
    return [SavedChip(view.uid, view.name, view.query, view.query == query) for view in views]


def save_view(user: User, *, page: str, name: str, query: str) -> SavedView:
    """Keep the filters of ``query`` under a name; one of that name is replaced. What is no filter is
    left out."""
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise Refusal("Give the view a name, for example My failed orders. Nothing was saved.")
    if len(name) > LONGEST_NAME:
        raise Refusal(f"Use at most {LONGEST_NAME} characters. Nothing was saved.")
    kept = Filters.of(QueryDict(query[:2000])).query
    if not kept or len(kept) > 500:
        raise Refusal("Filter the queue first, then save the view. Nothing was saved.")
    views = SavedView.objects.filter(user=user, page=page)
    if views.exclude(name=name).count() >= MOST:
        raise Refusal(f"You have {MOST} views. Delete one first. Nothing was saved.")
    with transaction.atomic():
        view, _ = SavedView.objects.update_or_create(
            user=user, page=page, name=name, defaults={"query": kept}
        )
        Activity.record(user.as_actor(), f"user:{user.uid}", "saved a view", name=name, query=kept)
    return view


def delete_view(user: User, uid: uuid.UUID) -> SavedView | None:
    """Delete one of the user's own; None if there is none of his (any more)."""
    with transaction.atomic():
        view = SavedView.objects.select_for_update().filter(user=user, uid=uid).first()
        if view is not None:
            view.delete()
            Activity.record(user.as_actor(), f"user:{user.uid}", "deleted a view", name=view.name)
    return view
