"""The first page of the day: what waits for staff, what happened today, and what comes in a month.

Every number leads to the list that it counts. Nothing outside is asked: balances are those of the last
connection tests, health is that of the last checkup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count, Value
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from ringup.accounts.models import Brand, User
from ringup.accounts.roles import Can
from ringup.backoffice.providers.cards import is_low
from ringup.carriers.models import CarrierAccount
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.flows import checkup, revenue
from ringup.flows.first_steps import FirstStep, first_steps
from ringup.flows.health.findings import Finding, State
from ringup.flows.orders import badges
from ringup.flows.orders.badges import Badge
from ringup.flows.papers import sweeping
from ringup.mail.models import Outbox
from ringup.numbers.models import Discrepancy
from ringup.orders.models import Order, OrderEvent

NEWEST = 12
UNDELIVERED = (Outbox.State.FAILED, Outbox.State.BOUNCED, Outbox.State.COMPLAINED)


@dataclass(frozen=True, slots=True)
class Task:
    """One of the day's tasks. Of none left the tone is empty."""

    word: str
    count: int
    note: str
    url: str
    tone: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the activity log; ``url`` leads to what it is about, where that has a page."""

    row: Activity
    url: str


@dataclass(frozen=True, slots=True)
class Home:
    """The page."""

    today: datetime
    tasks: list[Task]
    statuses: list[tuple[Badge, int]]
    troubles: list[Finding]
    low: list[CarrierAccount]
    steps: list[FirstStep]
    ordered: int
    activated: int
    monthly: list[Money]
    newest: list[Happened]

    @property
    def waiting(self) -> int:
        """How many orders wait for staff."""
        return sum(task.count for task in self.tasks[:3])


def home(reader: User, brand: Brand, *, is_young: bool) -> Home:
    """Read it: eight queries at most. Of a young installation the first steps are looked at as well."""
    now = timezone.now().astimezone(ZoneInfo(brand.time_zone))
    midnight = datetime.combine(now.date(), time(), now.tzinfo)
    counts, today = badges.open_counts(), _since(midnight)
    low = _low_balances() if reader.can(Can.SEE_PROVIDERS) else []
    troubles = _troubles() if reader.can(Can.SEE_HEALTH) else []
    return Home(
        today=now,
        tasks=list(_tasks(reader, counts, troubles, low, today["slow"])),
        statuses=[
            (badge, counts[slug])
            for slug, badge in badges.BADGES.items()
            if badge not in badges.ENDED
        ],
        troubles=troubles,
        low=low,
        steps=[step for step in first_steps() if not step.is_done] if is_young else [],
        ordered=today["ordered"],
        activated=today["activated"],
        monthly=revenue.monthly(),
        newest=_newest() if reader.can(Can.SEE_ACTIVITY) else [],
    )


def _since(midnight: datetime) -> Counter[str]:
    """How many orders came in, how many were completed, and of how many the provider looks at the
    papers for long. One query."""
    ordered = Order.objects.filter(submitted__gte=midnight).annotate(what=Value("ordered"))
    completed = OrderEvent.objects.filter(new=Order.State.COMPLETED, at__gte=midnight)
    slow = sweeping.slow_orders().annotate(what=Value("slow"))
    ways = [
        rows.order_by().values_list("what").annotate(many=Count("pk"))
        for rows in (ordered, completed.annotate(what=Value("activated")), slow)
    ]
    return Counter(dict(ways[0].union(*ways[1:], all=True)))


# -- the day's tasks ----------------------------------------------------------------------------


def _tasks(
    reader: User,
    counts: Counter[str],
    troubles: list[Finding],
    low: list[CarrierAccount],
    slow: int,
) -> Iterator[Task]:
    """The daily tasks of the handbook first, then what stands still, then the house."""
    yield _orders(badges.PENDING, counts, "review and approve")
    yield _papers(counts)
    yield _orders(badges.FAILED, counts, "resume or undo", tone="red")
    yield _awaiting(counts, slow)
    yield _for_client(counts)
    if reader.can(Can.SEE_NUMBERS):
        open_ones = Discrepancy.objects.filter(solved=None, accepted=None).count()
        url = reverse("office:differences")
        yield _task("Number differences", open_ones, "between providers and us", url, tone="orange")
    if reader.can(Can.SEE_MAILS):
        yield _mails()
    if reader.can(Can.SEE_HEALTH):
        worst = any(finding.state == State.ERROR for finding in troubles)
        url, tone = reverse("office:health"), "red" if worst else "yellow"
        yield _task("Unhealthy parts", len(troubles), "as of the last checkup", url, tone=tone)
    if reader.can(Can.SEE_PROVIDERS):
        url = reverse("office:providers")
        yield _task("Low balances", len(low), "as of the last tests", url, tone="orange")


def _task(word: str, count: int, note: str, url: str, *, tone: str = "blue") -> Task:
    return Task(word, count, note if count else "nothing to do", url, tone if count else "")


def _orders(badge: Badge, counts: Counter[str], note: str, *, tone: str = "") -> Task:
    url = f"{reverse('office:queue')}?status={badge.slug}"
    return _task(badge.word, counts[badge.slug], note, url, tone=tone or badge.tone)


def _papers(counts: Counter[str]) -> Task:
    """Orders whose papers wait for somebody here; the link leads to where there are most of them."""
    stopped = sum(counts[badge.slug] for badge in badges.STOPPED_BY_PROVIDER)
    to_send = counts[badges.IDENTITY.slug] + counts[badges.DOCUMENTS.slug]
    reviews = counts[badges.REVIEW.slug]
    words = ((reviews, "to review"), (to_send, "to send or order"), (stopped, "stopped there"))
    note = ", ".join(f"{count:,} {what}" for count, what in words if count)
    waiting = (badges.REVIEW, badges.IDENTITY, badges.DOCUMENTS, *badges.STOPPED_BY_PROVIDER)
    most = max(waiting, key=lambda badge: counts[badge.slug])
    url = f"{reverse('office:queue')}?status={most.slug}"
    return _task("Papers", reviews + to_send + stopped, note, url, tone="purple")


def _awaiting(counts: Counter[str], slow: int) -> Task:
    """What the provider looks at, and how much of it takes long."""
    note = f"the provider checks, {slow:,} for long" if slow else "the provider checks"
    return _orders(badges.AWAITING, counts, note, tone="red" if slow else "")


def _for_client(counts: Counter[str]) -> Task:
    """Both what was asked and what must be chosen anew; the link leads to where there is something."""
    asked, choosing = (counts[badge.slug] for badge in (badges.FOR_CLIENT, badges.CHOOSE_NUMBER))
    shown = badges.CHOOSE_NUMBER if choosing and not asked else badges.FOR_CLIENT
    note = f"{asked:,} asked, {choosing:,} to choose a number"
    url = f"{reverse('office:queue')}?status={shown.slug}"
    return _task("Waiting for client", asked + choosing, note, url, tone="orange")


def _mails() -> Task:
    """Those that could not be sent, came back, or were called spam; the link leads to the most."""
    rows = Outbox.objects.filter(state__in=UNDELIVERED).order_by().values_list("state")
    counts = Counter(dict(rows.annotate(Count("pk"))))
    state = counts.most_common(1)[0][0] if counts else Outbox.State.FAILED.value
    note = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    url = f"{reverse('office:mails')}?state={state}"
    return _task("Mails that failed", counts.total(), note, url, tone="red")


def _low_balances() -> list[CarrierAccount]:
    accounts = CarrierAccount.objects.filter(is_enabled=True, low_balance_micros__isnull=False)
    return [account for account in accounts.order_by("name") if is_low(account)]


def _troubles() -> list[Finding]:
    """What the last checkup found broken or doubtful, the worst first."""
    found = checkup.findings_of(checkup.latest())
    bad = [finding for finding in found if finding.state in (State.WARNING, State.ERROR)]
    return sorted(bad, key=lambda finding: -finding.state.weight)


def _newest() -> list[Happened]:
    rows = Activity.objects.order_by("-pk")[:NEWEST]
    return [Happened(row, _page_of(row.subject)) for row in rows]


def _page_of(subject: str) -> str:
    """Of an order or a client, whose names need no look."""
    kind, _, key = subject.partition(":")
    page = {"order": "office:order", "client": "office:client"}.get(kind)
    try:
        return reverse(page, args=[key]) if page else ""
    except NoReverseMatch:
        return ""
