"""Misbehaviour on request, per method or for any, each a counted number of times."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

ANY = "*"
# Kinds that say by their name whether the call is carried out, and those where ``acts`` says it.
KINDS = frozenset(
    {
        "slow",  # acts, then answers after ``seconds``
        "slow_before",  # acts only after ``seconds``, then answers
        "429",  # refused by the proxy in front, HTML, nothing done
        "500",
        "html",  # 503 with an HTML page instead of JSON
        "cut",  # acts, then answers with the first half of the JSON
        "garbled",  # acts, then answers with every list as PHP prints one: the word Array
        "trickle",  # acts, then answers byte by byte over ``seconds``
        "reply_lost_before",
        "reply_lost_after",
        "sold_meanwhile",  # the number is sold to somebody else just before the call
    }
)
STATUS = "status:"
MAY_ACT = frozenset({"500", "html"})


class BadFault(ValueError):
    """The fault that was asked for does not exist; the message says what is expected."""


@dataclass(slots=True)
class Fault:
    """``times`` is how often it strikes, below zero for ever, after ``skip`` calls were let pass.
    ``acts`` only with 500 and html."""

    method: str
    kind: str
    times: int = 1
    seconds: float = 0.0
    acts: bool = False
    skip: int = 0

    @property
    def status(self) -> str:
        """The forced status of ``status:<any>``, else empty."""
        return self.kind.removeprefix(STATUS) if self.kind.startswith(STATUS) else ""


class Faults:
    """The faults that wait for their call, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        kind: str,
        *,
        method: str = ANY,
        times: int = 1,
        seconds: float = 0.0,
        acts: bool = False,
        skip: int = 0,
    ) -> Fault:
        if kind not in KINDS and (not kind.startswith(STATUS) or kind == STATUS):
            raise BadFault(f"kind must be status:<code> or one of {', '.join(sorted(KINDS))}")
        if times == 0:
            raise BadFault("times must be at least 1, or below zero for ever")
        if acts and kind not in MAY_ACT:
            raise BadFault("acts is for the kinds 500 and html")
        fault = Fault(method, kind, times, seconds, acts, skip)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def add_from(self, wish: Mapping[str, object]) -> Fault:
        """A fault from JSON in the fields of ``Fault``; only kind is required."""
        try:
            return self.add(
                str(wish["kind"]),
                method=str(wish.get("method") or ANY),
                times=int(str(wish.get("times", 1))),
                seconds=float(str(wish.get("seconds", 0))),
                acts=wish.get("acts") is True,
                skip=int(str(wish.get("skip", 0))),
            )
        except KeyError as error:
            raise BadFault("kind is missing") from error
        except ValueError as error:
            raise BadFault(str(error)) from error

    def take(self, method: str) -> Fault | None:
        """The oldest fault for this method or for any, counted down."""
        with self._lock:
            for fault in self._waiting:
                if fault.method not in (ANY, method):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times == 0:
                    self._waiting.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)
