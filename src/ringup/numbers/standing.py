"""How the stock of each account stands: whether passes succeed, and whether they come in time."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ringup.carriers.models import CarrierAccount
from ringup.jobs import clock
from ringup.numbers.models import Sync
from ringup.numbers.syncing import interval
from ringup.numbers.troubles import Troubles

# Of the interval: so old may a whole pass be.
LATE = 2


class State(enum.StrEnum):
    """``partly``: some areas could not be read. ``failed``: the last pass ended before its time."""

    NEVER = "never"
    FINE = "fine"
    PARTLY = "partly"
    FAILED = "failed"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Standing:
    """``last`` is the newest whole pass that has ended, ``whole`` the newest that had asked for all
    areas, ``running`` the one that runs now, over whatever."""

    state: State
    last: Sync | None = None
    whole: Sync | None = None
    running: Sync | None = None

    @property
    def troubles(self) -> Troubles:
        """Of the last pass."""
        return Troubles.from_data(self.last.troubles if self.last else {})


def standings(accounts: Iterable[CarrierAccount]) -> dict[int, Standing]:
    """By account: one query, and the database's clock."""
    passes: dict[int, list[Sync]] = {account.pk: [] for account in accounts}
    for row in Sync.objects.filter(account__in=passes, kind=Sync.Kind.STOCK).order_by("-pk"):
        passes[row.account_id].append(row)
    now = clock.now()
    return {account: _standing(rows, now) for account, rows in passes.items()}


def _standing(rows: list[Sync], now: datetime) -> Standing:
    """``rows`` from the newest on."""
    running = next((row for row in rows if row.finished is None), None)
    ended = [row for row in rows if row.finished is not None and not row.scope]
    last = ended[0] if ended else None
    whole = next((row for row in ended if not Troubles.from_data(row.troubles).is_cut), None)
    return Standing(_state(last, whole, now), last, whole, running)


def _state(last: Sync | None, whole: Sync | None, now: datetime) -> State:
    if last is None:
        return State.NEVER
    if whole is None or whole.pk != last.pk:
        return State.FAILED
    if whole.started + LATE * interval() < now:
        return State.OVERDUE
    return State.PARTLY if whole.areas_failed else State.FINE
