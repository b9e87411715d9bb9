"""One pass over what a carrier has on sale: area by area, each in a transaction of its own.

All that a pass knows stands in its ``Sync`` row and in the areas' ``fetched``, so that any worker goes
on with it, and no area is asked for twice because a worker died. An area that fails keeps its numbers.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError

from ringup.carriers.places import sells_in
from ringup.carriers.port import Carrier, StockArea
from ringup.core.failures import NothingHappened, PortFailure
from ringup.jobs import clock
from ringup.jobs.redacting import brief, redact, whereabouts
from ringup.jobs.tickets import LeaseLost, Ticket
from ringup.numbers.models import Stock, Sync
from ringup.numbers.storing import Listed, can_be_kept, replace, storable
from ringup.numbers.troubles import TRIES, Troubles

log = logging.getLogger(__name__)

# After so long a job goes to the end of the queue, so that others get their turn.
SLICE_SECONDS = 20.0
# An area of more numbers than this must be found empty twice.
MANY = 50
# A carrier that is away is left alone for these seconds, then the pass ends.
RESTS = (30.0, 120.0, 480.0)
_LONGEST_WAIT = 900.0
_LONGEST_PROBLEM = 500
_PORTION = 500
# Two areas of an account never have the same ``fetched``.
LITTLE = timedelta(microseconds=1)


class Over(Exception):
    """The pass has ended, or its account is gone: there is nothing left to write to."""


class Pass:
    """The pass of one row, for one slice of time in one worker."""

    def __init__(self, ticket: Ticket, sync: Sync) -> None:
        self._ticket = ticket
        self._sync = sync
        self._account = sync.account
        self._troubles = Troubles.from_data(sync.troubles)
        self._areas: list[StockArea] | None = None
        # The areas that this pass has read, and how many numbers they have together.
        self._done: set[str] = set()
        self._numbers = 0
        self._had: dict[str, int] = {}
        self._newest = sync.started - LITTLE

    def slice(self, carrier: Carrier) -> float | None:
        """Go on with the pass. Returns the seconds until it goes on, None when it has ended."""
        deadline = time.monotonic() + SLICE_SECONDS
        self._ticket.check()
        try:
            areas = self._wanted(carrier.areas())
        except PortFailure as failure:
            return self._carrier_failed(failure)
        self._look_up(areas)
        for count, area in enumerate(self._remaining(areas)):
            if count and time.monotonic() > deadline:
                return 0.0
            if (wait := self._fetch(carrier, area)) is not None:
                return wait
            if self._sync.finished is not None:
                return None
        return self._finish(areas)

    def end(self, problem: str) -> None:
        """End the pass before its time: what was not read stays as it was."""
        self._troubles.is_cut = True
        self._write(finished=clock.now(), problem=_cut(problem))

    # -- what there is to do --------------------------------------------------------------------

    def _wanted(self, listed: list[StockArea]) -> list[StockArea]:
        """The areas of this pass: where the account sells, and within the pass's scope."""
        if not listed:
            raise NothingHappened("The provider listed no areas at all.")
        scope = self._sync.scope
        kept = {area.key: area for area in listed if can_be_kept(area)}
        if len(kept) < len(listed):
            log.warning("%s: %d areas left out", self._account, len(listed) - len(kept))
        return [
            area
            for area in kept.values()
            if sells_in(self._account, area.country)
            and (not scope or area.key == scope or area.key.startswith(f"{scope}/"))
        ]

    def _look_up(self, areas: list[StockArea]) -> None:
        """What is there already."""
        self._areas = areas
        wanted = {area.key for area in areas}
        self._troubles.keep(wanted)
        rows = Stock.objects.filter(account=self._account)
        for key, fetched, numbers in rows.values_list("area", "fetched", "numbers"):
            self._newest = max(self._newest, fetched)
            self._had[key] = numbers
            if key in wanted and fetched >= self._sync.started:
                self._done.add(key)
                self._numbers += numbers

    def _remaining(self, areas: list[StockArea]) -> Iterator[StockArea]:
        """First each area once, then again those that failed."""
        for tries in range(TRIES):
            for area in areas:
                if area.key not in self._done and self._troubles.tries(area.key) == tries:
                    yield area

    # -- one area -------------------------------------------------------------------------------

    def _fetch(self, carrier: Carrier, area: StockArea) -> float | None:
        """Read one area. Returns seconds when the carrier wants to be left alone."""
        self._ticket.check()
        asked = clock.now()
        try:
            listed = Listed.of(area, carrier.stock(area))
        except (LeaseLost, DatabaseError):
            raise
        except PortFailure as failure:
            if (wait := _wait_of(failure)) is not None:
                return wait
            return self._area_failed(carrier, area, str(failure))
        except ValueError as nonsense:
            return self._area_failed(carrier, area, f"The answer cannot be used: {nonsense}.")
        except Exception as bug:
            log.error("%s of %s: %s\n%s", area.key, self._account, brief(bug), whereabouts(bug))
            kind = type(bug).__name__
            sentence = f"A fault in Ringup itself ({kind}). The log of the worker says more."
            return self._area_failed(carrier, area, sentence)
        if self._is_doubtful(listed):
            self._note(
                area,
                f"Suddenly empty, where {self._had[area.key]} numbers were. They stay until a second "
                "look says the same.",
                is_empty=True,
            )
            return None
        self._keep(listed, asked)
        return None

    def _is_doubtful(self, listed: Listed) -> bool:
        key = listed.area.key
        if not listed.is_empty or self._had.get(key, 0) <= MANY:
            return False
        return not (key in self._troubles.areas and self._troubles.areas[key].is_empty)

    def _keep(self, listed: Listed, asked: datetime) -> None:
        """The area and the progress in one transaction: nothing is counted that is not there."""
        fetched = max(asked, self._newest + LITTLE)
        self._done.add(listed.area.key)
        self._numbers += listed.numbers
        self._troubles.settle(listed.area.key)
        with self._ticket.fenced():
            self._update()
            replace(self._account.pk, listed, fetched)
        self._newest = fetched

    def _area_failed(self, carrier: Carrier, area: StockArea, sentence: str) -> float | None:
        """Is it this area, or the whole carrier? One that is away fails in no area."""
        self._ticket.check()
        try:
            carrier.balance()
        except PortFailure as failure:
            return self._carrier_failed(failure)
        self._note(area, sentence)
        return None

    def _note(self, area: StockArea, sentence: str, *, is_empty: bool = False) -> None:
        trouble = self._troubles.of(area.key)
        trouble.tries += 1
        trouble.problem = _cut(sentence)
        trouble.is_empty = trouble.is_empty or is_empty
        log.warning("%s of %s: %s", area.key, self._account, trouble.problem)
        self._write(problem=_cut(f"{area.name}: {sentence}"))

    # -- the carrier as a whole -----------------------------------------------------------------

    def _carrier_failed(self, failure: PortFailure) -> float | None:
        """Come back later, or end the pass: what staff must mend does not mend itself."""
        if (wait := _wait_of(failure)) is not None:
            return wait
        rests = self._troubles.rests
        if not isinstance(failure, NothingHappened) or rests >= len(RESTS):
            self.end(str(failure))
            return None
        self._troubles.rests += 1
        self._write(problem=_cut(str(failure)))
        return RESTS[rests]

    def _finish(self, areas: list[StockArea]) -> float | None:
        """All areas were asked for."""
        scope, failed = self._sync.scope, self._troubles.areas
        if scope and not areas:
            self.end(f"The provider lists no area {scope}, or we do not sell there.")
            return None
        if not scope:
            self._forget_all_but(areas)
        problem = self._sync.problem if failed else ""
        with self._ticket.fenced():
            rows = Sync.objects.filter(pk=self._sync.pk, finished=None, scope=scope)
            ended = self._progress() | {"numbers": self._numbers + self._kept(areas)}
            if rows.update(**ended, problem=problem, finished=clock.now()):
                return None
        # Meanwhile somebody asked for all areas, or the account is gone: the next slice sees.
        return 0.0

    def _kept(self, areas: list[StockArea]) -> int:
        """The numbers of areas that could not be read: they are on sale as well."""
        return sum(self._had.get(area.key, 0) for area in areas if area.key not in self._done)

    def _forget_all_but(self, areas: list[StockArea]) -> None:
        """What the carrier lists no more, and where we no longer sell."""
        gone = sorted(self._had.keys() - {area.key for area in areas})
        for begin in range(0, len(gone), _PORTION):
            portion = gone[begin : begin + _PORTION]
            with self._ticket.fenced():
                Stock.objects.filter(account=self._account, area__in=portion).delete()

    # -- the row --------------------------------------------------------------------------------

    def _progress(self) -> dict[str, object]:
        troubles = {"troubles": self._troubles.as_data()}
        if self._areas is None:  # not known yet in this slice
            return {**troubles}
        return {
            **troubles,
            "areas": len(self._areas),
            "areas_done": len(self._done),
            "areas_failed": len(self._troubles.areas),
            "numbers": self._numbers,
        }

    def _write(self, **columns: object) -> None:
        with self._ticket.fenced():
            self._update(**columns)

    def _update(self, **columns: object) -> None:
        columns |= self._progress()
        if not Sync.objects.filter(pk=self._sync.pk, finished=None).update(**columns):
            raise Over
        for name, value in columns.items():
            setattr(self._sync, name, value)


def _wait_of(failure: PortFailure) -> float | None:
    """The seconds that the carrier, or our own share of its calls, asks for."""
    seconds = failure.retry_seconds if isinstance(failure, NothingHappened) else None
    return None if seconds is None else min(max(seconds, 1.0), _LONGEST_WAIT)


def _cut(sentence: str) -> str:
    return redact(storable(sentence))[:_LONGEST_PROBLEM]
