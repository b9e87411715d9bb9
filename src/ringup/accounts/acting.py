"""A member of staff acts as a client: for an hour at most, without the client's secrets, and whatever
is done is logged with both names.

It lives in the session of the member of staff and is judged anew with each request: it ends with the
hour, the role, the client, or the session.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from ringup.accounts.models import Client, User
from ringup.accounts.roles import Can
from ringup.accounts.signing_in import lacks_second_step
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal

# Session: ``{"staff": pk, "client": uid, "since": seconds since 1970, "back": path}``.
ACTING_AS = "ringup.acting_as"
MINUTES = 60

CLOSED = "{name} is closed, so nobody can act as it. Nothing was changed."
OVER = (
    "You act as no client. Acting ends after an hour, or when you end it. Begin again with “Act as” in "
    "the back office."
)


@dataclass(frozen=True, slots=True)
class Acting:
    """As whom ``staff`` (a login's key) acts until ``until``, and where in the back office it began."""

    staff: int
    client: Client
    until: datetime
    back: str


def begin(request: HttpRequest, staff: User, client: Client, *, back: str) -> None:
    """Act as ``client`` from the next page on. The caller has checked ``Can.ACT_AS_CLIENT``; ``back``
    is a path of the back office."""
    if is_closed(client):
        raise Refusal(CLOSED.format(name=client.name))
    end(request, staff, why="began to act as another client")
    with transaction.atomic():
        actor = on_behalf(staff.as_actor(), client)
        what = f"began to act as the client, for {MINUTES} minutes at most"
        Activity.record(actor, f"client:{client.uid}", what)
    request.session[ACTING_AS] = {
        "staff": staff.pk,
        "client": str(client.uid),
        "since": int(time.time()),
        "back": back,
    }


def end(request: HttpRequest, staff: User, *, why: str = "") -> str:
    """Act as nobody any more; none is no error. Returns where it began, empty where it did not."""
    kept = request.session.pop(ACTING_AS, None)
    request.__dict__.pop("_ringup_acting", None)
    if not kept:
        return ""
    client = _client(kept)
    actor = on_behalf(staff.as_actor(), client) if client else staff.as_actor()
    detail = {"why": why} if why else {}
    Activity.record(actor, f"client:{kept['client']}", "stopped acting as the client", **detail)
    return str(kept["back"])


def acting_of(request: HttpRequest) -> Acting | None:
    """As whom the signed-in member of staff acts now. What may not go on is ended here."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return None
    known: Acting | None = request.__dict__.get("_ringup_acting")
    if known is not None and known.staff == user.pk:
        return known
    kept = request.session.get(ACTING_AS)
    if not kept:
        return None
    client, why = _client(kept), ""
    if client is None or is_closed(client):
        why = "the client is closed"
    elif kept["staff"] != user.pk or not user.can(Can.ACT_AS_CLIENT):
        why = "may not act as clients any more"
    elif lacks_second_step(request, user):
        why = "has no second step any more"
    elif not 0 <= time.time() - kept["since"] < MINUTES * 60:
        why = f"{MINUTES} minutes are over"
    if client is None or why:
        end(request, user, why=why)
        return None
    until = datetime.fromtimestamp(kept["since"] + MINUTES * 60, UTC)
    found = Acting(user.pk, client, until, str(kept["back"]))
    request.__dict__["_ringup_acting"] = found
    return found


def _client(kept: dict[str, Any]) -> Client | None:
    try:
        return Client.objects.select_related("brand").filter(uid=kept["client"]).first()
    except ValidationError:  # no uid at all
        return None


def is_closed(client: Client) -> bool:
    """Whether its last owner has closed it: nobody can be written to any more."""
    return not client.email


# -- both names ---------------------------------------------------------------------------------------


def on_behalf(actor: Actor, client: Client) -> Actor:
    """The actor, for this client."""
    return replace(actor, on_behalf_of=f"client:{client.pk}")


def names_of(behalves: Iterable[str]) -> dict[str, str]:
    """``{"client:7": "Acme"}`` of the ``on_behalf_of`` values of some rows. One query."""
    keys = {text.removeprefix("client:") for text in behalves if text.startswith("client:")}
    rows = Client.objects.filter(pk__in=[int(key) for key in keys if key.isdecimal()])
    return {f"client:{pk}": name for pk, name in rows.values_list("pk", "name")}
