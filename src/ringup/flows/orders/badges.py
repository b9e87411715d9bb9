"""One word for where an order stands, derived from the states of order and run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from ringup.orders.models import Order, OrderLine
from ringup.orders.proposals import waiting_for_client, waiting_for_staff, waits_for_client
from ringup.provisioning.models import Run
from ringup.services.models import Service


@dataclass(frozen=True, slots=True)
class Badge:
    """``word`` is staff's (the specification's), ``client_word`` the softer one of the same tone."""

    slug: str
    word: str
    client_word: str
    tone: str
    icon: str


PENDING = Badge("pending", "Pending", "Received", "blue", "clock")
FOR_CLIENT = Badge(
    "waiting-for-client", "Waiting for client", "Your answer, please", "orange", "user"
)
CHOOSE_NUMBER = Badge(
    "choose-number", "Choose another number", "Choose another number", "orange", "hourglass"
)
IN_PROGRESS = Badge("in-progress", "In progress", "Being set up", "yellow", "spin")
AWAITING = Badge(
    "awaiting-provider", "Awaiting provider", "Waiting for the carrier", "orange", "hourglass"
)
FAILED = Badge("failed", "Failed", "Being looked at", "red", "fail")
COMPLETED = Badge("completed", "Completed", "Ready", "green", "check-circle")
REJECTED = Badge("rejected", "Rejected", "Not accepted", "grey", "minus-circle")
CANCELLED = Badge("cancelled", "Cancelled", "Cancelled", "grey", "minus-circle")

BADGES = {
    badge.slug: badge
    for badge in (
        PENDING,
        FOR_CLIENT,
        CHOOSE_NUMBER,
        IN_PROGRESS,
        AWAITING,
        FAILED,
        COMPLETED,
        REJECTED,
        CANCELLED,
    )
}
BY_STATE = {
    Order.State.PENDING: PENDING,
    Order.State.CHOOSE_NUMBER: CHOOSE_NUMBER,
    Order.State.COMPLETED: COMPLETED,
    Order.State.REJECTED: REJECTED,
    Order.State.CANCELLED: CANCELLED,
}
# An order in another state has come to its end.
OPEN_STATES = (Order.State.PENDING, Order.State.CHOOSE_NUMBER, Order.State.APPROVED)
ENDED = (COMPLETED, REJECTED, CANCELLED)
STOPPED = (Run.State.FAILED, Run.State.ASKING, Run.State.UNDO_FAILED)


_OF_LINES = ("service__account", "service__number")


def queue_rows() -> QuerySet[Order, Any]:
    """All orders, newest first, with all that a row of the queue shows, in one query and two more
    for the lines and their parts. ``run_state`` and ``run_problem`` are the newest run's."""
    runs = newest_run()
    return (
        Order.objects.select_related("client")
        .prefetch_related(
            Prefetch("lines", OrderLine.objects.select_related(*_OF_LINES)),
            Prefetch("lines__service__parts", Service.objects.select_related("number")),
        )
        .annotate(
            run_state=Subquery(runs.values("state")[:1]),
            run_problem=Subquery(runs.values("problem")[:1]),
        )
        .order_by("-pk")
    )


def badge(order: Order) -> Badge:
    """The order's badge. Uses the annotations of ``queue_rows`` where they are."""
    run_state = ""
    if order.state != Order.State.APPROVED:
        pass
    elif hasattr(order, "run_state"):
        run_state = order.run_state
    else:
        run = Run.objects.filter(service__line__order=order).order_by("pk").last()
        run_state = run.state if run else ""
    waits = order.state == Order.State.PENDING and waits_for_client(order)
    return badge_of(order.state, waits, run_state)


def badge_of(state: str, waits_for_client: bool, run_state: str | None) -> Badge:
    """From the order's state, whether the client owes an answer, and the newest run's state."""
    if waits_for_client:
        return FOR_CLIENT
    if state != Order.State.APPROVED:
        return BY_STATE[Order.State(state)]
    if run_state in STOPPED:
        return FAILED
    return AWAITING if run_state == Run.State.WAITING else IN_PROGRESS


def newest_run() -> QuerySet[Run, Any]:
    """The runs of an outer query's order, the newest first, for a subquery."""
    return Run.objects.filter(service__line__order=OuterRef("pk")).order_by("-pk")


def open_counts(orders: QuerySet[Order, Any]) -> Counter[str]:
    """How many of the orders carry each badge that is not an end, by slug: one query, which reads
    what is open and nothing else."""
    run_state = Case(
        When(state=Order.State.APPROVED, then=Subquery(newest_run().values("state")[:1])),
        default=Value(""),
        output_field=CharField(),
    )
    rows = (
        orders.filter(state__in=OPEN_STATES)
        .order_by()
        .annotate(of_run=run_state, waits=_waits())
        .values_list("state", "waits", "of_run")
        .annotate(Count("pk"))
    )
    counts: Counter[str] = Counter()
    for state, has_asked, of_run, count in rows:
        counts[badge_of(state, has_asked, of_run).slug] += count
    return counts


def _waits() -> Case:
    return Case(
        When(Q(waiting_for_client(), state=Order.State.PENDING), then=Value(True)),
        default=Value(False),
    )


def with_badge(orders: QuerySet[Any, Any], slug: str) -> QuerySet[Any, Any]:
    """Only the orders that carry this badge. They have ``run_state`` as ``queue_rows`` gives it."""
    if slug == FAILED.slug:
        return orders.filter(state=Order.State.APPROVED, run_state__in=STOPPED)
    if slug == AWAITING.slug:
        return orders.filter(state=Order.State.APPROVED, run_state=Run.State.WAITING)
    if slug == IN_PROGRESS.slug:
        elsewhere = Q(run_state__in=(*STOPPED, Run.State.WAITING))
        return orders.filter(state=Order.State.APPROVED).exclude(elsewhere)
    if slug == FOR_CLIENT.slug:
        return orders.filter(waiting_for_client(), state=Order.State.PENDING)
    if slug == PENDING.slug:
        return orders.filter(waiting_for_staff(), state=Order.State.PENDING)
    return orders.filter(state=slug)
