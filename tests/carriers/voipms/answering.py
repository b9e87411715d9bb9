"""A server with a script, for answers that the sandbox does not give."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ringup.sandbox.listening import Reply, Request, listening


@contextmanager
def answering(*replies: Reply) -> Iterator[tuple[str, list[Request]]]:
    """A server that answers with these replies in turn, the last one for ever."""
    waiting, seen = list(replies), []
    lock = threading.Lock()

    def answer(request: Request) -> Reply:
        with lock:
            seen.append(request)
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    with listening(answer) as base:
        yield f"{base}/api/v1/rest.php", seen
