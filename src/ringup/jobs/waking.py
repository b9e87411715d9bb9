"""How idle workers learn that there is work. A hint only: correctness never depends on it.

A wake-up may be lost, repeated or late, since workers also look by themselves. ``RINGUP_WAKES``
may name another class of this shape, for example one that publishes to a message broker.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Protocol, cast

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

CHANNEL = "ringup_jobs"


class Wakes(Protocol):
    """Carries the news of due work from processes that enqueue to idle workers."""

    def publish(self, queue: str) -> None:
        """Called right after the commit of jobs that are due now. An empty ``queue`` means any."""

    def wait(self, seconds: float) -> None:
        """Return when work may have come, or after at most ``seconds``."""


class Looking:
    """Nobody is told; idle workers notice each commit of others. For SQLite, on one host.

    Five times a second they look anyway, for jobs that were due later.
    """

    def __init__(self) -> None:
        self._seen = -1

    def publish(self, queue: str) -> None:
        """Nothing to do."""

    def wait(self, seconds: float) -> None:
        deadline = time.monotonic() + min(seconds, 0.2)
        # Compared with the last time we looked, so that a commit just before we wait counts.
        while self._seen == (version := _commits_of_others()) and time.monotonic() < deadline:
            time.sleep(0.02)
        self._seen = version


def _commits_of_others() -> int:
    """A number that changes whenever another connection commits (SQLite, PRAGMA data_version)."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        version: int = cursor.fetchone()[0]
        return version


class Notices:
    """PostgreSQL's NOTIFY, heard on the worker's own connection while it is idle."""

    def __init__(self) -> None:
        self._listening: object | None = None

    def publish(self, queue: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, queue])

    def wait(self, seconds: float) -> None:
        connection.ensure_connection()
        raw: Any = connection.connection
        with connection.wrap_database_errors:
            if raw is not self._listening:
                raw.execute(f"LISTEN {CHANNEL}")
                self._listening = raw
                return  # what was published before we listened was not heard: look once more
            for _ in raw.notifies(timeout=seconds, stop_after=1):
                pass


@lru_cache(maxsize=1)
def wakes() -> Wakes:
    """This installation's carrier of wake-ups."""
    if path := getattr(settings, "RINGUP_WAKES", ""):
        return cast(Wakes, import_string(path)())
    return Notices() if connection.vendor == "postgresql" else Looking()


def forget() -> None:
    """Read ``RINGUP_WAKES`` anew at the next use."""
    wakes.cache_clear()
    _publisher.cache_clear()


def publish_on_commit(queue: str) -> None:
    """Wake idle workers once the current transaction has committed, once per transaction."""
    publish = _publisher(queue)
    if all(waiting[1] is not publish for waiting in connection.run_on_commit):
        # Robust: the job is safe in its row, and the caller has no use for a failure here.
        transaction.on_commit(publish, robust=True)


@lru_cache(maxsize=100)
def _publisher(queue: str) -> Callable[[], None]:
    return partial(wakes().publish, queue)
