"""Retention: the words of a mail are erased when their time is over; that it went out stays."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from ringup.jobs.tickets import Ticket
from ringup.mail.models import Outbox

# Rows that one transaction changes at most.
PORTION = 500


def erase(ticket: Ticket) -> None:
    """Job of a schedule. Running it twice erases nothing more. What still waits keeps its words."""
    before = timezone.now() - timedelta(days=settings.RINGUP_MAIL_DAYS)
    old = Outbox.objects.filter(erased=None, created__lt=before)
    old = old.exclude(state=Outbox.State.WAITING)
    done = PORTION
    while done == PORTION:
        ticket.check()
        with ticket.fenced():
            keys = list(old.order_by("created").values_list("pk", flat=True)[:PORTION])
            done = old.filter(pk__in=keys).update(
                text_sealed="", html_sealed="", secrets_sealed="", erased=timezone.now()
            )
