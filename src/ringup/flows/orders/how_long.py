"""How long orders take here: medians of our own newest orders, or the usual words while they are few."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.core.cache import cache
from django.db.models import Min, Q

from ringup.orders.models import Order
from ringup.services.models import Service

NEWEST = 200
FEWEST = 5
KEPT_SECONDS = 600
# The specification's words, while there is no history to go by.
USUAL_REVIEW = "usually within one working day"
USUAL_SET_UP = "typically 5\N{EN DASH}15 minutes"


@dataclass(frozen=True, slots=True)
class HowLong:
    """From submitting to approval, and from approval to the end, as words behind "This takes"."""

    review: str
    set_up: str


def how_long(order: Order, service: Service) -> HowLong:
    """For orders like this one: of the same kind, at the same provider, real or rehearsed. One query
    in ten minutes, for all of that kind."""
    place = f"how-long/{service.kind}/{service.account_id}/{int(order.is_sandbox)}"
    found: HowLong | None = cache.get(place)
    if found is None:
        found = _from_history(order, service)
        cache.set(place, found, KEPT_SECONDS)
    return found


def _from_history(order: Order, service: Service) -> HowLong:
    done = Order.objects.filter(
        state=Order.State.COMPLETED,
        is_sandbox=order.is_sandbox,
        lines__service__kind=service.kind,
        lines__service__account=service.account_id,
    )
    newest = done.order_by("-pk").values("pk")[:NEWEST]
    rows = (
        Order.objects.filter(pk__in=list(newest.values_list("pk", flat=True)))
        .annotate(
            approved=Min("events__at", filter=Q(events__new=Order.State.APPROVED)),
            completed=Min("events__at", filter=Q(events__new=Order.State.COMPLETED)),
        )
        .values_list("submitted", "approved", "completed")
    )
    whole = [row for row in rows if row[1] is not None and row[2] is not None]
    if len(whole) < FEWEST:
        return HowLong(USUAL_REVIEW, USUAL_SET_UP)
    reviews = [approved - submitted for submitted, approved, _ in whole]
    set_ups = [completed - approved for _, approved, completed in whole]
    return HowLong(_words(_median(reviews)), _words(_median(set_ups)))


def _median(spans: list[timedelta]) -> timedelta:
    return timedelta(seconds=median(max(span.total_seconds(), 0.0) for span in spans))


def _words(span: timedelta) -> str:
    """``usually about 12 minutes``"""
    minutes = span.total_seconds() / 60
    if minutes < 1.5:
        return "usually about a minute"
    if minutes < 90:
        return f"usually about {round(minutes)} minutes"
    hours = minutes / 60
    if hours < 36:
        return f"usually about {round(hours)} hours"
    return f"usually about {round(hours / 24)} days"
