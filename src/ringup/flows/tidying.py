"""Housekeeping of the shop: drafts that nobody came back to, holds that ran out."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ringup.jobs.tickets import Ticket
from ringup.numbers import holding
from ringup.orders.models import Draft

DRAFT_DAYS = 30
# Rows that one transaction changes at most.
PORTION = 500


def tidy(ticket: Ticket) -> None:
    """Job of a schedule: end stale holds and drafts. Running it twice changes nothing more."""
    now = timezone.now()
    ended = PORTION
    while ended == PORTION:
        ticket.check()
        with ticket.fenced():
            ended = holding.end_expired(most=PORTION)
    with ticket.fenced():
        Draft.objects.filter(
            state=Draft.State.OPEN, changed__lte=now - timedelta(days=DRAFT_DAYS)
        ).update(state=Draft.State.EXPIRED)
