"""How a sandbox server says that it listens, and how it is told to stop."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType


def announce(facts: Mapping[str, object]) -> None:
    """Print ``facts`` as one line of JSON, at once: who started us reads one line and goes on."""
    print(json.dumps(facts), flush=True)


@contextmanager
def stop_requests() -> Iterator[threading.Event]:
    """Inside, SIGTERM and SIGINT set the event that is given instead of killing the process.

    Main thread only. Enter it before anything is started that must be taken down again.
    """
    stop = threading.Event()

    def request(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, request) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
