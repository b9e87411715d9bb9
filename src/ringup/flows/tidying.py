"""Housekeeping of the shop: holds that ran out."""

from __future__ import annotations

from ringup.jobs.tickets import Ticket
from ringup.numbers import holding

# Rows that one transaction changes at most.
PORTION = 500


def tidy(ticket: Ticket) -> None:
    """Job of a schedule: end stale holds. Running it twice changes nothing more."""
    ended = PORTION
    while ended == PORTION:
        ticket.check()
        with ticket.fenced():
            ended = holding.end_expired(most=PORTION)
