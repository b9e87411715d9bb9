"""A job that does nothing: it shows that workers are alive, and what a job costs."""

from __future__ import annotations

from ringup.jobs.tickets import Ticket


def probe(ticket: Ticket) -> None:
    """Job: end at once. The worker's log line says how long it waited and ran."""
