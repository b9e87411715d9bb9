"""The follower: one process of each host that serves keeps the index there as new as the stock.

It compiles in a process of its own, so that no process that answers pages stalls or grows.
"""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from django.db import Error, close_old_connections, connections
from django.utils import timezone

from ringup.jobs.redacting import brief, whereabouts
from ringup.numbers import publishing
from ringup.numbers.current import Stamp, stamp_of
from ringup.numbers.index import columns
from ringup.numbers.models import IndexSeen, Sync

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
SIGN_SECONDS = 15.0
# Four signs may be missed; after a day a host has gone for good.
GONE = timedelta(seconds=60)
FORGOTTEN = timedelta(days=1)
# While a pass runs something changes all the time.
PAUSE_IN_A_PASS = 60.0
SHARE_IN_A_PASS = 20.0
# Else a core is busy with it for a fifth of the time at most.
SHARE = 4.0
PAUSE_AFTER_A_FAILURE = 60.0
COMMAND = (sys.executable, "-m", "ringup", "compile_numbers", "--child")
FAILED = "ringup compile_numbers ended with {code}. The log of ringup serve on this host says why."


class Follower:
    """Compares stock and index, and has it compiled where they differ. For one thread."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = list(command)
        self._stop = threading.Event()
        self._ended = 0.0  # the last compiler, on the monotonic clock
        self._took = 0.0
        self._problem = ""
        self._complaint = ""
        self._next_sign = 0.0
        self._shown: tuple[Stamp | None, int] = (None, 0)

    def stop(self) -> None:
        """Have ``run`` return soon. Safe in a signal handler, and repeatable."""
        self._stop.set()

    def run(self) -> None:
        """Follow until ``stop`` is called, whatever happens: a database that is away comes back."""
        while not self._stop.is_set():
            complaint = ""
            try:
                self.look()
            except Exception as error:
                complaint = brief(error)
                if complaint != self._complaint:
                    log.warning("the index is not followed: %s\n%s", complaint, whereabouts(error))
                connections.close_all()
            self._complaint = complaint
            self._stop.wait(LOOK_SECONDS)
        with suppress(Error):  # its sign fades by itself
            IndexSeen.objects.filter(host=this_host()).delete()
        connections.close_all()

    def look(self) -> None:
        """Look once, and compile when it is time for it."""
        close_old_connections()
        is_behind = publishing.is_behind()
        if is_behind and time.monotonic() >= self._ended + self._pause():
            self._compile()
            is_behind = publishing.is_behind()
            self._next_sign = 0.0
        if time.monotonic() >= self._next_sign:
            self._leave_sign(is_behind=is_behind)
            self._next_sign = time.monotonic() + SIGN_SECONDS

    def _pause(self) -> float:
        """How long the last compiler's end must be ago."""
        if not self._ended:
            return 0.0
        if self._problem:
            return PAUSE_AFTER_A_FAILURE
        if not publishing.published():  # none, or a damaged one: there is nothing to search
            return 0.0
        if Sync.objects.filter(kind=Sync.Kind.STOCK, finished=None).exists():
            return max(PAUSE_IN_A_PASS, SHARE_IN_A_PASS * self._took)
        return SHARE * self._took

    def _compile(self) -> None:
        began = time.monotonic()
        # Its standard input is the tether: see jobs/tether.py.
        with subprocess.Popen(self._command, stdin=subprocess.PIPE) as process:  # noqa: S603
            while process.poll() is None and not self._stop.wait(0.05):
                pass
            if self._stop.is_set():
                process.terminate()
                return
            code = process.returncode
        self._ended = time.monotonic()
        self._took = self._ended - began
        self._problem = FAILED.format(code=code) if code else ""
        if code:
            log.error("the index was not compiled: it ended with %d", code)

    def _leave_sign(self, *, is_behind: bool) -> None:
        now, host = timezone.now(), this_host()
        stamp = stamp_of(publishing.index_file())
        known = IndexSeen.objects.filter(host=host).first()
        since = known.behind_since if known and known.behind_since else now
        seen = IndexSeen(
            host=host,
            seen=now,
            published=stamp and datetime.fromtimestamp(stamp.written / 1e9, UTC),
            behind_since=since if is_behind else None,
            numbers=self._count(stamp),
            size=stamp.size if stamp else 0,
            problem=self._problem,
        )
        IndexSeen.objects.bulk_create(
            [seen],
            update_conflicts=True,
            unique_fields=["host"],
            update_fields=["seen", "published", "behind_since", "numbers", "size", "problem"],
        )
        IndexSeen.objects.filter(seen__lt=now - FORGOTTEN).delete()

    def _count(self, stamp: Stamp | None) -> int:
        """The numbers in the file, read again only when it is another one."""
        if stamp is None:
            return 0
        if self._shown[0] != stamp:
            try:
                count = columns.read(publishing.index_file(), is_mapped=False).size
            except (OSError, columns.BadIndex):
                count = 0
            self._shown = (stamp, count)
        return self._shown[1]


def this_host() -> str:
    """What this host is called in ``IndexSeen``."""
    return socket.gethostname()[:100]
