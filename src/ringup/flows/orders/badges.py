"""One word for where an order stands, derived from the states of order, run and papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from ringup.core.prepared import prepared
from ringup.orders.models import Order, OrderLine
from ringup.orders.proposals import waiting_for_client, waiting_for_staff, waits_for_client
from ringup.provisioning.models import Run
from ringup.regulatory.models import RegulatoryFile
from ringup.services.models import Service


@dataclass(frozen=True, slots=True)
class Badge:
    """``word`` is staff's (the specification's), ``client_word`` the softer one of the same tone.
    ``short`` stands for the word where there is little room."""

    slug: str
    word: str
    client_word: str
    tone: str
    icon: str
    name: str = ""

    @property
    def short(self) -> str:
        return self.name or self.word


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
REVIEW = Badge("review-papers", "Pending review", "Papers received", "purple", "alert")
IDENTITY = Badge(
    "identity-confirmed",
    "Identity confirmed - upload proofs",
    "Checking your papers",
    "green",
    "id",
    "Identity confirmed",
)
DOCUMENTS = Badge(
    "docs-uploaded",
    "Docs uploaded to provider",
    "Checking your papers",
    "purple",
    "doc-up",
    "Docs uploaded",
)
ACTIVE = Badge(
    "provider-active",
    "Provider active - ready to sync",
    "Your number is active",
    "green",
    "signal",
    "Active",
)
REFUSED = Badge("rejected-by-provider", "Rejected by provider", "Papers not accepted", "red", "doc")
BLOCKED = Badge("blocked", "Blocked", "Being looked at", "red", "ban")
TERMINATED = Badge("terminated", "Terminated", "Being looked at", "red", "minus-circle")
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
        REVIEW,
        IDENTITY,
        DOCUMENTS,
        AWAITING,
        REFUSED,
        BLOCKED,
        TERMINATED,
        ACTIVE,
        IN_PROGRESS,
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
STOPPED_BY_PROVIDER = (REFUSED, BLOCKED, TERMINATED)
STOPPED = (Run.State.FAILED, Run.State.ASKING, Run.State.UNDO_FAILED)

# Whether an order carries one of these depends on the time of day.
BY_THE_CLOCK = (PENDING.slug, FOR_CLIENT.slug)

# How the papers of an order stand, in a word: their state, or that the client owes a correction; empty
# of an order that needs none.
OWED = "owed"
_Papers = RegulatoryFile.State
# Before the plan is approved, and while the run waits.
OF_PENDING: Mapping[str, Badge] = {
    "": PENDING,
    OWED: FOR_CLIENT,
    _Papers.DRAFT: REVIEW,
    _Papers.PENDING_REVIEW: REVIEW,
    _Papers.IDENTITY_CONFIRMED: IDENTITY,
    _Papers.DOCUMENTS_UPLOADED: DOCUMENTS,
    _Papers.ORDER_PLACED: AWAITING,
    _Papers.REJECTED: REFUSED,
    _Papers.BLOCKED: BLOCKED,
    _Papers.TERMINATED: TERMINATED,
    _Papers.ACTIVE: ACTIVE,
    _Papers.CLOSED: PENDING,
}
OF_WAITING: Mapping[str, Badge] = {
    **OF_PENDING,
    "": AWAITING,
    _Papers.DOCUMENTS_UPLOADED: AWAITING,
    _Papers.CLOSED: AWAITING,
}
# Whatever the run does.
OF_APPROVED: Mapping[str, Badge] = {_Papers.BLOCKED: BLOCKED, _Papers.TERMINATED: TERMINATED}

# What a list need not read of papers.
_WIDE = ("requirement", "service_description_sealed", "reasons", "comment")
_OF_LINES = ("service__account", "service__number", "service__papers")
UNREAD = tuple(f"service__papers__{name}" for name in _WIDE)


def queue_rows() -> QuerySet[Order, Any]:
    """All orders, newest first, with all that a row of the queue shows, in one query and two more
    for the lines and their parts. ``run_state`` and ``run_problem`` are the newest run's."""
    runs = newest_run()
    lines = OrderLine.objects.select_related(*_OF_LINES).defer(*UNREAD)
    return (
        Order.objects.select_related("client")
        .prefetch_related(
            Prefetch("lines", lines),
            Prefetch("lines__service__parts", Service.objects.select_related("number")),
        )
        .annotate(
            run_state=Subquery(runs.values("state")[:1]),
            run_problem=Subquery(runs.values("problem")[:1]),
        )
        .order_by("-pk")
    )


def badge(order: Order) -> Badge:
    """The order's badge. Uses the annotations of ``queue_rows`` where they are, and the lines that were
    fetched."""
    if order.state not in (Order.State.PENDING, Order.State.APPROVED):
        return BY_STATE[Order.State(order.state)]
    run_state = ""
    if order.state != Order.State.APPROVED:
        pass
    elif hasattr(order, "run_state"):
        run_state = order.run_state
    else:
        run = Run.objects.filter(service__line__order=order).order_by("pk").last()
        run_state = run.state if run else ""
    waits = order.state == Order.State.PENDING and waits_for_client(order)
    return badge_of(order.state, waits, run_state, papers_word(papers_of(order)))


def papers_of(order: Order) -> RegulatoryFile | None:
    """The papers of the number that it orders; None where that needs none. An order has one line for
    now."""
    lines = order.lines.all()
    return lines[0].service.papers if lines else None


def papers_word(papers: RegulatoryFile | None) -> str:
    """How they stand, as ``badge_of`` takes it."""
    return "" if papers is None else word_of(papers.state, papers.asked)


def word_of(state: str | None, asked: Any) -> str:
    """The same from their columns, which are None where there are no papers."""
    return OWED if asked else state or ""


def badge_of(
    state: str, waits_for_client: bool, run_state: str | None, papers: str | None = ""
) -> Badge:
    """From the order's state, whether the client owes an answer, the newest run's state, and how the
    papers stand."""
    papers = papers or ""
    if waits_for_client:
        return FOR_CLIENT
    if state == Order.State.PENDING:
        return OF_PENDING[papers]
    if state != Order.State.APPROVED:
        return BY_STATE[Order.State(state)]
    if papers in OF_APPROVED:
        return OF_APPROVED[papers]
    if run_state in STOPPED:
        return FAILED
    return OF_WAITING[papers] if run_state == Run.State.WAITING else IN_PROGRESS


def newest_run() -> QuerySet[Run, Any]:
    """The runs of an outer query's order, the newest first, for a subquery."""
    return Run.objects.filter(service__line__order=OuterRef("pk")).order_by("-pk")


def open_counts(orders: QuerySet[Order, Any] | None = None) -> Counter[str]:
    """How many of the orders, or of all, carry each badge that is not an end, by slug: one query, which
    reads what is open and nothing else."""
    now = timezone.now().timestamp()
    counts: Counter[str] = Counter()
    for state, asked, until, of_run, of_papers, count in (
        _all_open() if orders is None else _open(orders)
    ):
        waits = state == Order.State.PENDING and (asked or (until or 0) > now)
        counts[badge_of(state, waits, of_run, of_papers).slug] += count
    return counts


@prepared
def _all_open() -> QuerySet[Order, Any]:
    return _open(Order.objects.all())


def _open(orders: QuerySet[Order, Any]) -> QuerySet[Order, Any]:
    """In groups of one badge each, with their numbers. Until when a proposal can be answered is not
    compared here: what "now" is must not be a part of a query that is written once."""
    run_state = Case(
        When(state=Order.State.APPROVED, then=Subquery(newest_run().values("state")[:1])),
        default=Value(""),
        output_field=CharField(),
    )
    has_asked = ExpressionWrapper(Q(asked__isnull=False), output_field=BooleanField())
    return (
        orders.filter(state__in=OPEN_STATES)
        .order_by()
        .annotate(of_run=run_state, has_asked=has_asked, of_papers=_word_of_order())
        .values_list("state", "has_asked", "proposed__until", "of_run", "of_papers")
        .annotate(Count("pk"))
    )


def _word(papers: str) -> Case:
    """``papers_word`` in a query: behind this path to the papers; null where there are none."""
    is_owed = Q(**{f"{papers}__isnull": False}) & ~Q(**{f"{papers}__asked": []})
    return Case(
        When(is_owed, then=Value(OWED)),
        default=F(f"{papers}__state"),
        output_field=CharField(),
    )


def _word_of_order() -> Coalesce:
    """Of an outer query's order. Asked of each order by itself: joined, PostgreSQL would read the lines
    of all orders for the few that are open."""
    lines = OrderLine.objects.filter(order=OuterRef("pk")).annotate(word=_word("service__papers"))
    return Coalesce(Subquery(lines.values("word")[:1]), Value(""))


def with_badge(orders: QuerySet[Any, Any], slug: str) -> QuerySet[Any, Any]:
    """Only the orders that carry this badge. They have ``run_state`` as ``queue_rows`` gives it."""
    if slug in (one.slug for one in (*ENDED, CHOOSE_NUMBER)):
        return orders.filter(state=slug)
    if papers := _states_of(slug):
        # Few: they are found by their state, and not by asking every open order.
        regulated = OrderLine.objects.filter(service__papers__in=papers)
        orders = orders.filter(pk__in=regulated.values("order"))
    orders = orders.annotate(of_papers=_word_of_order())
    carried = _of_pending(slug) | _of_approved(slug)
    return orders.filter(carried, state__in=(Order.State.PENDING, Order.State.APPROVED))


def _states_of(slug: str) -> QuerySet[RegulatoryFile, Any] | None:
    """The papers without which no order carries this badge, where they are few."""
    tables = (OF_PENDING, OF_WAITING, OF_APPROVED)
    words = {word for table in tables for word, one in table.items() if one.slug == slug}
    if not words or words & {"", OWED, _Papers.ACTIVE}:
        return None
    return RegulatoryFile.objects.filter(state__in=words)


def _of_pending(slug: str) -> Q:
    """The orders of this badge that are not approved."""
    own = Q(waiting_for_staff(), _papers(OF_PENDING, slug), state=Order.State.PENDING)
    if slug == FOR_CLIENT.slug:
        return own | Q(waiting_for_client(), state=Order.State.PENDING)
    return own


def _of_approved(slug: str) -> Q:
    """The orders of this badge that have a run."""
    approved, lasting = Q(state=Order.State.APPROVED), _among(list(OF_APPROVED))
    if slug in (one.slug for one in OF_APPROVED.values()):
        return approved & _papers(OF_APPROVED, slug)
    if slug == FAILED.slug:
        return approved & Q(run_state__in=STOPPED) & ~lasting
    if slug == IN_PROGRESS.slug:
        goes_on = Q(run_state__isnull=True) | ~Q(run_state__in=(*STOPPED, Run.State.WAITING))
        return approved & goes_on & ~lasting
    return approved & Q(run_state=Run.State.WAITING) & _papers(OF_WAITING, slug)


def _papers(badges: Mapping[str, Badge], slug: str) -> Q:
    return _among([word for word, one in badges.items() if one.slug == slug])


def _among(words: list[str]) -> Q:
    """Orders whose papers stand in one of these words."""
    return Q(of_papers__in=words)
