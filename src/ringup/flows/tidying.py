"""Housekeeping of the shop: drafts that nobody came back to, holds that ran out."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ringup.flows.keeping_passwords import NO_SECRETS
from ringup.jobs.tickets import Ticket
from ringup.numbers import holding
from ringup.orders.models import Draft

DRAFT_DAYS = 30
# Rows that one transaction changes at most.
PORTION = 500


def tidy(ticket: Ticket) -> None:
    """Job of a schedule: end stale holds and drafts. Running it twice changes nothing more."""
    for end in (_end_holds, _expire_drafts):
        ended = PORTION
        while ended == PORTION:
            ticket.check()
            with ticket.fenced():
                ended = end()


def _end_holds() -> int:
    return holding.end_expired(most=PORTION)


def _expire_drafts() -> int:
    before = timezone.now() - timedelta(days=DRAFT_DAYS)
    old = Draft.objects.filter(state=Draft.State.OPEN, changed__lte=before)
    portion = list(old.order_by("pk").values_list("pk", flat=True)[:PORTION])
    old.filter(pk__in=portion).update(state=Draft.State.EXPIRED, **NO_SECRETS)
    return len(portion)
