"""The browsers in which a login is signed in, as its owner sees them; each can be signed out."""

from __future__ import annotations

import uuid

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from ringup.accounts.models import Device, User
from ringup.core.limiting import address_of
from ringup.core.models import Activity

# Words of a browser's own description, the telling ones first: Edge and Opera call themselves
# Chrome, and Chrome calls itself Safari.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def words_of(agent: str) -> str:
    """``Firefox on Windows``, of what a browser says about itself. Anybody may say anything."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "Unknown browser")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser


def remember(request: HttpRequest, user: User) -> None:
    """This session is signed in as ``user`` from now on, under its present key."""
    if not request.session.session_key:
        request.session.create()
    _prune(user)
    Device.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={
            "user": user,
            "browser": words_of(request.headers.get("User-Agent", "")),
            "address": address_of(request),
        },
    )


def devices_of(user: User) -> list[Device]:
    """Where the login is signed in now, the newest first."""
    rows = list(Device.objects.filter(user=user).order_by("-pk"))
    living = _living([row.session_key for row in rows])
    return [row for row in rows if row.session_key in living]


def _living(keys: list[str]) -> set[str]:
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return set(rows.values_list("session_key", flat=True))


def _prune(user: User) -> None:
    keys = list(Device.objects.filter(user=user).values_list("session_key", flat=True))
    gone = set(keys) - _living(keys)
    Device.objects.filter(user=user, session_key__in=gone).delete()


def sign_out(user: User, uid: uuid.UUID) -> bool:
    """End one of the login's sessions; False when it is none of his, or over already."""
    with transaction.atomic():
        row = Device.objects.filter(user=user, uid=uid).first()
        if row is None:
            return False
        Session.objects.filter(session_key=row.session_key).delete()
        row.delete()
        Activity.record(
            user.as_actor(), f"user:{user.uid}", "signed a device out", browser=row.browser
        )
    return True


def forget_all(user: User) -> None:
    """In the caller's transaction: no session of this login is left."""
    keys = list(Device.objects.filter(user=user).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    Device.objects.filter(user=user).delete()
