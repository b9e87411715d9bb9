"""Which numbers of the index are not for this buyer: held by others, or ours already.

What we own is remembered per index, and only what came since is asked for. Both are at most
``RECENT_SECONDS`` old, so that a crowd of searchers asks the database twice a second and not with
each letter. Nothing is promised here: a number is looked at again when it is held.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.conf import settings
from django.utils import timezone

from ringup.numbers.index.groups import U32
from ringup.numbers.index.searching import Index
from ringup.numbers.models import Hold, OwnedNumber

# Two buyers see the same number for so long; the second one to take it is told.
RECENT_SECONDS = 0.5
# A number that was given back comes into the list again after this time at the latest.
_FORGET_SECONDS = 600.0
_LIVE = (OwnedNumber.State.WANTED, OwnedNumber.State.OWNED)


@dataclass
class Taken:
    """The taken rows of one index. Shared between threads."""

    index: Index
    _owned: U32 = field(default_factory=lambda: np.empty(0, np.uint32))
    _newest: int = 0
    _forget: float = 0.0
    _seen: _Seen | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rows(self, holders: Collection[uuid.UUID] = ()) -> U32:
        """Ascending. ``holders`` are the buyer's drafts: their holds stay in the list."""
        with self._lock:
            seen = self._seen
            if seen is None or time.monotonic() >= seen.until:
                seen = self._seen = self._look()
        if seen.holders.isdisjoint(holders):
            return seen.rows
        return self._together(seen.held, holders)

    def _look(self) -> _Seen:
        until = time.monotonic() + min(RECENT_SECONDS, settings.RINGUP_SHELF_SECONDS)
        held = Hold.objects.filter(state=Hold.State.HELD, expires__gt=timezone.now())
        holds = list(held.values_list("e164", "holder"))
        self._follow_owned()
        rows = self._together(holds, ())
        return _Seen(until, holds, frozenset(holder for _, holder in holds), rows)

    def _together(
        self, held: Sequence[tuple[str, uuid.UUID]], holders: Collection[uuid.UUID]
    ) -> U32:
        e164s = [e164 for e164, holder in held if holder not in holders]
        return np.union1d(self._owned, self.index.rows_of(e164s)) if e164s else self._owned

    def _follow_owned(self) -> None:
        if time.monotonic() > self._forget:
            self._owned, self._newest = np.empty(0, np.uint32), 0
            self._forget = time.monotonic() + _FORGET_SECONDS
        fresh = OwnedNumber.objects.filter(pk__gt=self._newest, state__in=_LIVE)
        found = list(fresh.values_list("pk", "e164"))
        if found:
            rows = self.index.rows_of(e164 for _, e164 in found)
            self._owned = np.union1d(self._owned, rows)
            self._newest = max(pk for pk, _ in found)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One look at the database: who holds what, and all rows that are taken for a stranger."""

    until: float
    held: list[tuple[str, uuid.UUID]]
    holders: frozenset[uuid.UUID]
    rows: U32
