"""Several at once: each call in a thread and a connection of its own, all started together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections

from ringup.core.sentences import Refusal


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls returned, in their order; a refusal stands as itself. Whatever else one raised
    is raised here."""
    return in_waves(calls, most=len(calls))


def in_waves(calls: Sequence[Callable[[], Any]], *, most: int = 20) -> list[Any]:
    """The same for more calls than there should be connections: ``most`` at once, wave after wave."""
    barrier = threading.Barrier(most)
    outcomes: list[Any] = [None] * len(calls)
    errors: list[BaseException] = []

    def call(place: int) -> None:
        try:
            outcomes[place] = calls[place]()
        except Refusal as refusal:
            outcomes[place] = refusal
        except BaseException as error:
            errors.append(error)

    def run(first: int) -> None:
        for begin in range(0, len(calls), most):
            barrier.wait()
            if begin + first < len(calls):
                call(begin + first)
        connections.close_all()

    threads = [threading.Thread(target=run, args=[first]) for first in range(most)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return outcomes


def refused(outcomes: Sequence[Any]) -> list[Refusal]:
    """Those that a rule of ours said no to."""
    return [outcome for outcome in outcomes if isinstance(outcome, Refusal)]


def kinds(outcomes: Sequence[Any]) -> list[str]:
    """``ok``, or the name of the refusal's type, sorted."""
    names = (type(one).__name__ if isinstance(one, Refusal) else "ok" for one in outcomes)
    return sorted(names)
