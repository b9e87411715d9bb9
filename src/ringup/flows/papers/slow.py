"""How long a carrier looks at papers, in business days: longer than usual warns, much longer
escalates."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from ringup.core.actors import RINGUP
from ringup.flows.papers.of_orders import order_of
from ringup.jobs.enqueuing import enqueue
from ringup.regulatory.models import RegulatoryFile

# Business days that are usual at most, and those after which the carrier's support is called.
WARN_DAYS, ESCALATE_DAYS = 3, 5
WORDS = {
    1: "{provider} looks at the papers for more than {days} business days.",
    2: "{provider} looks at the papers for more than {days} business days. {contact}",
}
_DAY = timedelta(days=1)
_MONDAY_TO_FRIDAY = range(5)


def business_days(since: datetime, until: datetime, zone: str) -> float:
    """How many days, without Saturdays and Sundays of ``zone``, lie between two moments. Holidays
    count: whose they are nobody knows."""
    here = ZoneInfo(zone)
    start, end = since.astimezone(here), until.astimezone(here)
    total = timedelta()
    while start < end:
        midnight = datetime.combine(start.date() + _DAY, datetime.min.time(), here)
        stop = min(midnight, end)
        if start.weekday() in _MONDAY_TO_FRIDAY:
            total += stop - start
        start = stop
    return total / _DAY


def level_of(file: RegulatoryFile, now: datetime) -> int:
    """0: as usual; 1: slow; 2: so slow that somebody should call."""
    if file.state != RegulatoryFile.State.ORDER_PLACED or file.verification_sent is None:
        return 0
    days = business_days(file.verification_sent, now, file.brand.time_zone)
    return (days > WARN_DAYS) + (days > ESCALATE_DAYS)


def look(file: RegulatoryFile) -> None:
    """Warn staff of papers that are slow now and were not before: once for each level."""
    level = level_of(file, timezone.now())
    if level <= file.slow_level:
        return
    support = file.account.support_contact
    words = WORDS[level].format(
        provider=file.account.name,
        days=WARN_DAYS if level == 1 else ESCALATE_DAYS,
        contact=f"Ask its support: {support}" if support else "Ask its support.",
    )
    order = order_of(file)
    with transaction.atomic():
        rows = RegulatoryFile.objects.filter(pk=file.pk, slow_level=file.slow_level)
        if not rows.update(slow_level=level):
            return
        if order is not None:
            order.note("", actor=RINGUP, staff_text=words)
        key = f"papers/slow/{file.uid}/{file.attempt}/{level}"
        enqueue("papers.slow", key=key, file=str(file.uid), level=level)
    file.slow_level = level
