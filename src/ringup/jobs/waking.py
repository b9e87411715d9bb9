"""How idle workers learn that there is work. A hint only: correctness never depends on it.

A wake-up may be lost, repeated or late, since workers also look by themselves. ``RINGUP_WAKES``
may name another class of this shape, for example one that publishes to a message broker.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any, Protocol, cast

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

CHANNEL = "ringup_jobs"


class Wakes(Protocol):
    """Carries the news of due work from processes that enqueue to idle workers."""

    def publish(self, queue: str) -> None:
        """Called right after the commit of a job that is due now."""

    def wait(self, seconds: float) -> None:
        """Return when work may have come, or after at most ``seconds``."""


class Looking:
    """Nobody is told; idle workers look five times a second. For SQLite, on one host."""

    pause = 0.2

    def publish(self, queue: str) -> None:
        """Nothing to do."""

    def wait(self, seconds: float) -> None:
        time.sleep(min(seconds, self.pause))


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
