"""The functions behind the jobs of the contract tests.

``note`` writes what a test wants to see even of a run that fails; ``effect`` stands for the work
itself, and is written inside the fence only.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from django.db import connection

from ringup.jobs.enqueuing import enqueue
from ringup.jobs.tickets import Ticket


def note(what: str) -> None:
    _insert("note", what)


def effect(what: str) -> None:
    _insert("effect", what)


def _insert(kind: str, what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO seen (kind, what, pid) VALUES (%s, %s, %s)", [kind, what, os.getpid()]
        )


def wait_for(gate: str, seconds: float = 30.0) -> None:
    """Wait until the test makes this file."""
    deadline = time.monotonic() + seconds
    while not Path(gate).exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def mark(ticket: Ticket, what: str = "mark") -> None:
    with ticket.fenced():
        effect(what)


def hold(ticket: Ticket, what: str, gate: str) -> None:
    """Run until the test opens the gate."""
    note(f"{what} began")
    wait_for(gate)
    with ticket.fenced():
        effect(what)


def nap(ticket: Ticket, what: str, gate: str) -> None:
    """Run until the test opens the gate, and end without the database."""
    note(f"{what} began")
    wait_for(gate)


def hold_fenced(ticket: Ticket, what: str, gate: str) -> None:
    """The same, with the gate inside the fence."""
    with ticket.fenced():
        effect(what)
        Path(f"{gate}.inside").touch()
        wait_for(gate)


def die(ticket: Ticket) -> None:
    """Kill the worker, each time."""
    note("died")
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(ticket: Ticket, what: str) -> None:
    """Do the work unless it is done, and let the worker be killed before the job's end is known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM seen WHERE kind = 'effect' AND what = %s", [what])
        done = cursor.fetchone() is not None
    note("found it done" if done else "did it")
    if not done:
        with ticket.fenced():
            effect(what)
        os.kill(os.getpid(), signal.SIGKILL)


class Stumbled(Exception):
    retry_seconds = 0.05


def chain(ticket: Ticket, what: str) -> None:
    """Enqueue the next job, then fail inside the same transaction; succeed at the third attempt."""
    with ticket.fenced():
        effect(f"{what} attempt {ticket.attempt}")
        enqueue("mark", what=f"{what} follow-up of attempt {ticket.attempt}")
        if ticket.attempt < 3:
            raise Stumbled(what)


def book(ticket: Ticket, number: int) -> None:
    """A piece of work that must happen once, in two transactions with a little time between."""
    ticket.check()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM seen WHERE what = %s", [f"book {number}"])
        if cursor.fetchone():
            return
    time.sleep(0.02)
    with ticket.fenced():
        effect(f"book {number}")


def slot(ticket: Ticket) -> None:
    with ticket.fenced():
        effect(str(ticket.key))
