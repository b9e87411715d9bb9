"""Which numbers of the index are not for this buyer: held by others, or ours already.

What we own is remembered per index, and only what came since is asked for; holds are asked each
time, there are a few hundred at most. Nothing is promised here: a number is looked at again when it
is held.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from django.utils import timezone

from ringup.numbers.index.groups import U32
from ringup.numbers.index.searching import Index
from ringup.numbers.models import Hold, OwnedNumber

# A number that was given back comes into the list again after this time at the latest.
_FORGET_SECONDS = 600.0
_LIVE = (OwnedNumber.State.WANTED, OwnedNumber.State.OWNED)


@dataclass
class Taken:
    """The taken rows of one index. Shared between threads."""

    index: Index
    _owned: U32 = field(default_factory=lambda: np.empty(0, np.uint32))
    _newest: int = 0
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rows(self, holders: Collection[uuid.UUID] = ()) -> U32:
        """Ascending. ``holders`` are the buyer's drafts: their holds stay in the list."""
        held = Hold.objects.filter(state=Hold.State.HELD, expires__gt=timezone.now())
        if holders:
            held = held.exclude(holder__in=holders)
        owned = self._owned_now()
        e164s = list(held.values_list("e164", flat=True))
        return np.union1d(owned, self.index.rows_of(e164s)) if e164s else owned

    def _owned_now(self) -> U32:
        with self._lock:
            if time.monotonic() > self._until:
                self._owned, self._newest = np.empty(0, np.uint32), 0
                self._until = time.monotonic() + _FORGET_SECONDS
            fresh = OwnedNumber.objects.filter(pk__gt=self._newest, state__in=_LIVE)
            found = list(fresh.values_list("pk", "e164"))
            if found:
                rows = self.index.rows_of(e164 for _, e164 in found)
                self._owned = np.union1d(self._owned, rows)
                self._newest = max(pk for pk, _ in found)
            return self._owned
