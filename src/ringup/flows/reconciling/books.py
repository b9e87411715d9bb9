"""What we believe to hold at a carrier account: the numbers of clients, and those on our own shelf."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from ringup.carriers.models import CarrierAccount
from ringup.core.money import Money
from ringup.numbers.models import OwnedNumber, OwnStock
from ringup.provisioning.models import Run

# A run in these states changes what the carrier has: it looks for itself, and judges for itself.
AT_WORK = (Run.State.RUNNING, Run.State.UNDOING)


class Standing(enum.StrEnum):
    """How we have a number. A number of a client that came from the shelf is the client's."""

    WANTED = "wanted"
    OWNED = "owned"
    SHELF = "shelf"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Held:
    """One number of ours. ``number`` is the key of its OwnedNumber, None for one on the shelf;
    ``uid`` is that row's, else the shelf row's."""

    e164: str
    uid: UUID
    standing: Standing
    monthly: Money
    number: int | None = None
    bought: datetime | None = None


Books = dict[str, Held]


def read(account: CarrierAccount, e164s: Collection[str] | None = None) -> Books:
    """What we believe to hold there, all of it or of these numbers. Two queries. What is known by its
    place only is not among them: see ``places``."""
    shelf = OwnStock.objects.filter(account=account)
    owned = _living(account).exclude(e164="")
    if e164s is not None:
        shelf, owned = shelf.filter(e164__in=e164s), owned.filter(e164__in=e164s)
    books = {row.e164: _on_shelf(row) for row in shelf.iterator(chunk_size=2000)}
    return books | {row.e164: _owned(row) for row in owned.iterator(chunk_size=2000)}


def places(account: CarrierAccount) -> set[str]:
    """The references, in small letters, of numbers there whose digits we do not know: the carrier may
    list them under any. One query."""
    rows = _living(account).filter(e164="")
    return {str(uid) for uid in rows.values_list("uid", flat=True)}


def _living(account: CarrierAccount) -> QuerySet[OwnedNumber, OwnedNumber]:
    rows = OwnedNumber.objects.filter(account=account)
    return rows.exclude(state=OwnedNumber.State.RELEASED)


def _on_shelf(row: OwnStock) -> Held:
    standing = Standing.WITHDRAWN if row.is_withdrawn else Standing.SHELF
    return Held(row.e164, row.uid, standing, row.cost_monthly)


def _owned(row: OwnedNumber) -> Held:
    return Held(
        e164=row.e164,
        uid=row.uid,
        standing=Standing(row.state),
        monthly=row.cost_monthly,
        number=row.pk,
        bought=row.bought,
    )


def at_work(account: CarrierAccount) -> set[str]:
    """Numbers that a run is buying, routing or giving back now."""
    rows = _living(account).exclude(e164="")
    lone = Q(service__tenant_runs__state__in=AT_WORK)
    in_tenant = Q(service__tenant__tenant_runs__state__in=AT_WORK)
    return set(rows.filter(lone | in_tenant).values_list("e164", flat=True))
