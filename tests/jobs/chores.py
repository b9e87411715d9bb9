"""Functions behind job names for tests that run jobs in their own process."""

from __future__ import annotations

from ringup.jobs.enqueuing import enqueue
from ringup.jobs.tickets import Ticket

RAN: list[object] = []


class Refused(Exception):
    pass


class ComeBack(Exception):
    retry_seconds = 120


def remember(ticket: Ticket, what: object = None) -> None:
    RAN.append(what)


def again(ticket: Ticket, times: int) -> None:
    """Ask for the same key while running, until it ran so often."""
    RAN.append(ticket.attempt)
    if len(RAN) < times:
        enqueue("again", key="loop", times=times)
        enqueue("again", key="loop", times=times, delay_seconds=600)


def fail(ticket: Ticket, text: str = "no") -> None:
    RAN.append(ticket.attempt)
    raise Refused(text)


def come_back(ticket: Ticket) -> None:
    raise ComeBack


def leave(ticket: Ticket) -> None:
    raise SystemExit(3)


JOBS = {
    name: f"tests.jobs.chores.{name}"
    for name in ("remember", "again", "fail", "come_back", "leave")
}
