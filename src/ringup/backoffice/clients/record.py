"""The record of one client: who he is, what he has and where it stands, and what happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, Sum

from ringup.accounts.letting_in import WayIn, way_in
from ringup.accounts.models import Client, ClientNote, Invitation, Membership, User
from ringup.backoffice.badges import Badge
from ringup.backoffice.orders.rows import Row, records, rows_of, with_runs
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.mail.models import Outbox
from ringup.orders.models import Order
from ringup.services.models import Service
from ringup.services.wanted import WantedNumber, WantedTenant

SEALED = ("text_sealed", "html_sealed", "secrets_sealed")
MOST_SERVICES = 100
MOST_ORDERS = 15
MOST_MAILS = 15
MOST_ACTIVITY = 15

SERVICE_BADGES = {
    Service.State.PENDING: Badge("blue", "clock", "Pending"),
    Service.State.ACTIVE: Badge("green", "signal", "Active"),
    Service.State.CANCELLED: Badge("grey", "minus-circle", "Cancelled"),
}
# Whatever other states there come to be: their own word, and no colour.
MAIL_TONES = {
    "sent": ("green", "check-circle"),
    "waiting": ("blue", "clock"),
    "failed": ("red", "fail"),
    "bounced": ("red", "fail"),
    "complained": ("orange", "alert"),
}


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One tenant with its numbers, or one number. ``goes_to`` is empty for a tenant."""

    service: Service
    badge: Badge
    seats: str
    numbers: list[str]
    goes_to: str
    order: Order | None
    monthly: Money | None


@dataclass(frozen=True, slots=True)
class MailRow:
    """One mail of the client, without its words."""

    mail: Outbox
    badge: Badge


@dataclass(frozen=True, slots=True)
class Record:
    """All of one client that the page shows."""

    client: Client
    people: list[Membership]
    invited: list[Invitation]
    services: list[ServiceRow]
    counts: dict[str, int]
    orders: list[Row]
    mails: list[MailRow]
    notes: list[ClientNote]
    activity: list[Activity]
    monthly: list[Money]
    # What can be mailed to an owner who cannot sign in yet.
    way_in: WayIn | None

    @property
    def is_new(self) -> bool:
        """Whether the limits for clients without a service hold for him."""
        return not self.counts.get(Service.State.ACTIVE)

    @property
    def more_services(self) -> int:
        """How many there are that the page does not show."""
        return sum(self.counts.values()) - len(self.services)


def record(client: Client, *, reader: User) -> Record:
    """Read it: about a dozen queries, however much the client has."""
    counts, monthly = _sums(client)
    people = list(Membership.objects.filter(client=client).select_related("user").order_by("pk"))
    invited = Invitation.objects.filter(client=client, accepted=None, revoked=None)
    orders = records(with_runs(Order.objects.filter(client=client)))
    mails = Outbox.objects.filter(client_id=client.pk).order_by("-pk")
    about = Activity.objects.filter(subject=f"client:{client.uid}").order_by("-pk")
    return Record(
        client=client,
        people=people,
        invited=list(invited.order_by("pk")),
        services=[_service_row(service) for service in _services(client)],
        counts=counts,
        orders=rows_of(orders.order_by("-submitted", "-pk")[:MOST_ORDERS]),
        mails=list(_mail_rows(mails.defer(*SEALED)[:MOST_MAILS])),
        notes=list(client.notes.all()),
        activity=list(about[:MOST_ACTIVITY]),
        monthly=monthly,
        way_in=way_in(client, people),
    )


def _sums(client: Client) -> tuple[dict[str, int], list[Money]]:
    """How many services it has in each state, what is inside of a tenant not counted, and what the
    active ones bring a month (as ``flows.revenue`` has it), the greatest sum first. One query."""
    groups = Service.objects.filter(client=client).order_by()
    rows = groups.values_list("state", "line__monthly_currency").annotate(
        count=Count("pk", filter=Q(tenant=None)), micros=Sum("line__monthly_micros")
    )
    counts: dict[str, int] = defaultdict(int)
    monthly = []
    for state, currency, count, micros in rows:
        counts[state] += count
        if state == Service.State.ACTIVE and currency is not None:
            monthly.append(Money(micros, currency))
    found = {state: count for state, count in counts.items() if count}
    return found, sorted(monthly, key=lambda amount: -amount.micros)


def _services(client: Client) -> list[Service]:
    parts = Service.objects.select_related("number").defer("secrets_sealed", "wanted")
    rows = (
        Service.objects.filter(client=client, tenant=None)
        .select_related("server", "account", "number", "line__order")
        .defer("secrets_sealed", "account__secrets_sealed", "line__quote")
        .prefetch_related(Prefetch("parts", parts.order_by("pk")))
    )
    return list(rows.order_by("-pk")[:MOST_SERVICES])


def _service_row(service: Service) -> ServiceRow:
    line = getattr(service, "line", None)
    seats, goes_to = "", ""
    if service.kind == Service.Kind.TENANT:
        extensions = [one.extension for one in WantedTenant.from_data(service.wanted).extensions]
        seats = f"{len(extensions)} ({extensions[0]} to {extensions[-1]})" if extensions else "none"
    else:
        goes_to = WantedNumber.from_data(service.wanted).text
    numbers = [part.number.called for part in service.parts.all() if part.number is not None]
    if service.number is not None:
        numbers.insert(0, service.number.called)
    return ServiceRow(
        service=service,
        badge=SERVICE_BADGES[Service.State(service.state)],
        seats=seats,
        numbers=numbers,
        goes_to=goes_to,
        order=line.order if line is not None else None,
        monthly=line.monthly if line is not None else None,
    )


def _mail_rows(mails: Iterable[Outbox]) -> Iterable[MailRow]:
    for mail in mails:
        tone, icon = MAIL_TONES.get(mail.state, ("grey", "circle"))
        yield MailRow(mail, Badge(tone, icon, mail.get_state_display()))
