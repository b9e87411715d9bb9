"""Misbehaviour of the event socket on request."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

FaultKind = Literal["slow", "drop-before", "drop-after", "refuse-auth", "error"]
KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with the next ``times`` commands that contain ``match``.

    ``slow`` waits ``seconds`` first; ``drop-before`` hangs up and does nothing; ``drop-after`` acts
    and hangs up without an answer; ``error`` does nothing and answers -ERR; ``refuse-auth`` takes
    no password. Commands are matched as they are sent: ``api sofia profile external rescan``.
    """

    kind: FaultKind
    match: str = ""
    times: int = 1
    seconds: float = 0.0


class Faults:
    """Faults that wait for their command."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)

    def take(self, command: str, kinds: Iterable[str]) -> Fault | None:
        """The first waiting fault of one of ``kinds`` for ``command``, counted down."""
        wanted = set(kinds)
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if fault.kind in wanted and fault.match in command:
                    left = replace(fault, times=fault.times - 1)
                    self._waiting[index : index + 1] = [left] if left.times > 0 else []
                    return fault
        return None
