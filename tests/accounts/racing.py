"""Several at once: each call in a thread and a connection of its own, all started together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

from ringup.core.sentences import Refusal


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls returned, in no order; a refusal stands as its sentence."""
    barrier, outcomes = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            outcomes.append(call())
        except Refusal as refusal:
            outcomes.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
