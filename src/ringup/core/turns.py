"""How many pages a process works at, at the same time.

Python lets one thread of a process compute. More threads than a processor can feed wake each other up
with every question to the database: with eight at work an order took half as much processor time again as
with two. But a page that waits for a carrier computes nothing, and may not keep others waiting. So each
page waits for its turn, and gives it to others while it asks something outside.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class Turns:
    """Middleware: ``RINGUP_WEB_TURNS`` pages at once, the others in the order in which they came."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._free = threading.Semaphore(settings.RINGUP_WEB_TURNS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with self._free:
            _here.turn = self._free
            try:
                return self.get_response(request)
            finally:
                _here.turn = None


class _Here(threading.local):
    """What this thread has."""

    turn: threading.Semaphore | None = None


_here = _Here()


@contextmanager
def out_of_turn() -> Iterator[None]:
    """Let others work meanwhile. Outside of pages it does nothing, and inside of itself.

    Never call it with a lock in hand, a transaction's included: whoever has the turn then may wait for
    that lock, and this page for the turn.
    """
    turn = _here.turn
    if turn is None:
        yield
        return
    _here.turn = None
    turn.release()
    try:
        yield
    finally:
        turn.acquire()
        _here.turn = turn
