"""Catalogues, kept for a day in this process: they change rarely and calls are counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

DAY_SECONDS = 24 * 60 * 60.0
MOST_ENTRIES = 1_000

Key = tuple[str, ...]
Value = TypeVar("Value")


class Memory:
    """Values by key until they are a day old. An empty value is asked for again each time."""

    def __init__(self, *, keep_seconds: float = DAY_SECONDS) -> None:
        self._keep_seconds = keep_seconds
        self._values: dict[Key, tuple[float, object]] = {}
        self._lock = threading.Lock()

    def get(self, key: Key, load: Callable[[], Value]) -> Value:
        """The remembered value, or what ``load`` gives now. A failure is not remembered."""
        moment = time.monotonic()
        with self._lock:
            until, value = self._values.get(key, (0.0, None))
        if until > moment:
            return value  # type: ignore[return-value]  # stored under the same key by the same load
        fresh = load()
        if fresh:
            with self._lock:
                if len(self._values) >= MOST_ENTRIES:
                    self._values.clear()
                self._values[key] = (moment + self._keep_seconds, fresh)
        return fresh


CATALOGUES = Memory()
