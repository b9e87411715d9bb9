"""The log of mails: filters, pages by key, and when a waiting mail is tried next.

Nothing is counted, and no row is read with its words: 200,000 mails cost what fifty do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.utils.http import urlencode

from ringup.accounts.models import Client
from ringup.backoffice.badges import Badge
from ringup.backoffice.paging import asked
from ringup.jobs.models import Job
from ringup.mail.events import all_events, event_of
from ringup.mail.models import Outbox
from ringup.mail.templating import TEST

PAGE = 50
LARGEST_KEY = 2**63 - 1
BADGES = {
    Outbox.State.WAITING: Badge("blue", "hourglass", "Waiting"),
    Outbox.State.SENT: Badge("green", "check-circle", "Sent"),
    Outbox.State.FAILED: Badge("red", "fail", "Failed"),
    Outbox.State.BOUNCED: Badge("red", "undo", "Bounced"),
    Outbox.State.COMPLAINED: Badge("orange", "alert", "Called spam"),
}
_WORDS = ("text_sealed", "html_sealed", "secrets_sealed")


@dataclass(frozen=True, slots=True)
class Row:
    """One mail of the list. ``next_try`` is None where none is due, ``is_parked`` where a person must
    look first."""

    mail: Outbox
    badge: Badge
    title: str
    client: str
    next_try: datetime | None
    is_parked: bool


class MailFilters:
    """What the address asks for."""

    def __init__(self, request: HttpRequest) -> None:
        self.state = asked(request, "state")
        self.event = asked(request, "event")
        self.q = asked(request, "q")
        self.client = asked(request, "client")
        if self.state not in Outbox.State.values:
            self.state = ""

    @property
    def in_use(self) -> dict[str, str]:
        given = {"state": self.state, "event": self.event, "q": self.q, "client": self.client}
        return {name: value for name, value in given.items() if value}

    @property
    def query(self) -> str:
        return urlencode(self.in_use)

    def found(self) -> QuerySet[Outbox]:
        """The mails that the filters leave."""
        rows = Outbox.objects.all()
        if self.state:
            rows = rows.filter(state=self.state)
        if self.event:
            rows = rows.filter(template=self.event)
        if self.client:
            clients = Client.objects.filter(
                Q(name__icontains=self.client) | Q(email__iexact=self.client)
            )
            rows = rows.filter(client_id__in=list(clients.values_list("pk", flat=True)[:200]))
        return self._with_words(rows)

    def _with_words(self, rows: QuerySet[Outbox]) -> QuerySet[Outbox]:
        """A whole address is found by its index; words are looked for in addresses and subjects."""
        if "@" in self.q and "." in self.q.rpartition("@")[2]:
            return rows.alias(address=Lower("to")).filter(address=self.q.lower())
        for word in self.q.split():
            rows = rows.filter(Q(to__icontains=word) | Q(subject__icontains=word))
        return rows


@dataclass(frozen=True, slots=True)
class LogPage:
    """Fifty rows, and the keys from which the neighbours begin; 0 where there is none."""

    rows: list[Row]
    newer: int
    older: int


def page_of(rows: QuerySet[Outbox], *, before: int = 0, after: int = 0) -> LogPage:
    """The newest rows; or those ``before`` (older than) or ``after`` (newer than) a row's number."""
    # The keys first: they are found in an index alone, without the rows and their words.
    keys = rows.values_list("pk", flat=True)
    if after:
        upwards = list(keys.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
        shown, newer, older = upwards[:PAGE][::-1], len(upwards) > PAGE, bool(upwards)
    else:
        found = list((keys.filter(pk__lt=before) if before else keys).order_by("-pk")[: PAGE + 1])
        shown, newer, older = found[:PAGE], bool(before), len(found) > PAGE
    if not shown:
        return LogPage([], 0, 0)
    mails = Outbox.objects.filter(pk__in=shown).defer(*_WORDS).order_by("-pk")
    return LogPage(rows_of(mails), shown[0] if newer else 0, shown[-1] if older else 0)


def rows_of(mails: Iterable[Outbox]) -> list[Row]:
    """The mails with their clients' names and their jobs: two queries."""
    listed = list(mails)
    names = dict(
        Client.objects.filter(pk__in={mail.client_id for mail in listed if mail.client_id})
        .values_list("pk", "name")
    )  # fmt: skip
    waiting = [f"mail/{mail.pk}" for mail in listed if mail.state == Outbox.State.WAITING]
    jobs = {job.key: job for job in Job.objects.filter(key__in=waiting)} if waiting else {}
    return [_row(mail, names.get(mail.client_id or 0, ""), jobs) for mail in listed]


def _row(mail: Outbox, client: str, jobs: dict[str | None, Job]) -> Row:
    job = jobs.get(f"mail/{mail.pk}")
    return Row(
        mail=mail,
        badge=BADGES[Outbox.State(mail.state)],
        title=title_of(mail.template),
        client=client,
        next_try=job.due if job and not job.parked else None,
        is_parked=bool(job and job.parked),
    )


def title_of(template: str) -> str:
    """What the mail is called."""
    if template == TEST:
        return "Test of words"
    event = event_of(template)
    return event.title if event else template.replace("-", " ").capitalize()


def choices() -> list[tuple[str, str]]:
    """The kinds of mails, for the filter."""
    found = [(event.name, event.title) for event in all_events().values()]
    return sorted([*found, (TEST, title_of(TEST))], key=lambda choice: choice[1])


def key_asked(request: HttpRequest, name: str) -> int:
    """A row's number from the address; 0 for nonsense."""
    text = request.GET.get(name, "")
    return (
        min(int(text), LARGEST_KEY) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    )
