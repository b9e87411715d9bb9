"""What cuts a connection on which the server does not even say that the time is over."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

Link = psycopg.Connection[Any]


class Deadline:
    """Watches the blocks of one thread, from a thread of its own that lives from the first block to
    ``close``: one for each statement would cost as much as the statement."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._changed = threading.Condition()
        # The connection that is waited for, and when it is cut.
        self._link: Link | None = None
        self._until = 0.0
        self._is_idle = self._is_over = False
        self._watcher: threading.Thread | None = None

    @contextmanager
    def of(self, link: Link) -> Iterator[None]:
        """Cut the connection unless the block ends in time."""
        with self._changed:
            self._link, self._until = link, time.monotonic() + self._seconds
            if self._watcher is None:
                self._watcher = threading.Thread(
                    target=self._watch, name="pbx-deadline", daemon=True
                )
                self._watcher.start()
            elif self._is_idle:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._link = None

    def close(self) -> None:
        """Behind all blocks. Another block may follow."""
        with self._changed:
            watcher, self._watcher = self._watcher, None
            self._is_over = True
            self._changed.notify()
        if watcher is not None:
            watcher.join()
        self._is_over = False

    def _watch(self) -> None:
        with self._changed:
            while not self._is_over:
                left = self._until - time.monotonic()
                if left > 0:
                    # Not woken by blocks that begin meanwhile: they end later.
                    self._changed.wait(left)
                elif self._link is not None:
                    self._cut(self._link)
                else:
                    self._is_idle = True
                    self._changed.wait()
                    self._is_idle = False

    def _cut(self, link: Link) -> None:
        self._link = None
        if not link.closed:
            with socket.socket(fileno=os.dup(link.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
