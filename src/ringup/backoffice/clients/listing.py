"""The list of clients: filters, pages by key, and what each row adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ringup.accounts.models import Client
from ringup.backoffice.keyset import KeysetPage, Place, page_of
from ringup.backoffice.orders.filters import CHECKS as ORDER_CHECKS
from ringup.backoffice.orders.narrowing import clients_called
from ringup.core.money import Money
from ringup.flows import revenue
from ringup.flows.orders.badges import OPEN_STATES
from ringup.orders.models import Order
from ringup.services.models import Service

CHECKS: dict[str, Callable[[str], bool]] = {
    "has": lambda text: text in ("service", "none", "order"),
    "country": ORDER_CHECKS["country"],
    "since": ORDER_CHECKS["since"],
    "until": ORDER_CHECKS["until"],
    "sort": lambda text: text == "name",
}
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ClientFilters:
    """What the address asks for; nonsense is ignored. ``has`` is ``service``, ``none`` (no active
    service) or ``order`` (an open one). ``sort`` is ``name``, or empty for the newest first."""

    q: str = ""
    has: str = ""
    country: str = ""
    since: str = ""
    until: str = ""
    sort: str = ""

    @classmethod
    def of(cls, query: Any) -> ClientFilters:
        checked = {name: query.get(name, "") for name in CHECKS}
        kept = {name: text if CHECKS[name](text) else "" for name, text in checked.items()}
        return cls(q=query.get("q", "").replace("\x00", "").strip()[:80], **kept)

    @property
    def query(self) -> str:
        """As an address's query, without what is empty."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One client, and what he has: active services, open orders, and what he pays a month."""

    client: Client
    services: int
    orders: int
    monthly: list[Money]


@dataclass(frozen=True, slots=True)
class ClientPage:
    """One page of the list."""

    rows: list[ClientRow]
    page: KeysetPage[Client]


def clients(filters: ClientFilters, *, zone: str) -> QuerySet[Client]:
    """The clients that the filters leave."""
    found = clients_called(filters.q) if filters.q else Client.objects.all()
    active = Service.objects.filter(client=OuterRef("pk"), state=Service.State.ACTIVE)
    waiting = Order.objects.filter(client=OuterRef("pk"), state__in=OPEN_STATES)
    match filters.has:
        case "service":
            found = found.filter(Exists(active))
        case "none":
            found = found.filter(~Exists(active))
        case "order":
            found = found.filter(Exists(waiting))
    if filters.country:
        found = found.filter(country=filters.country)
    return found.filter(_created(filters, ZoneInfo(zone))).select_related("brand")


def _created(filters: ClientFilters, zone: ZoneInfo) -> Q:
    kept = Q()
    if filters.since:
        kept &= Q(created__gte=_midnight(filters.since, zone))
    if filters.until:
        kept &= Q(created__lt=_midnight(filters.until, zone) + timedelta(days=1))
    return kept


def _midnight(day: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), zone)


def client_page(filters: ClientFilters, place: Place, *, zone: str) -> ClientPage:
    """One page: the newest first, or by name. Four queries, however many clients there are."""
    found = clients(filters, zone=zone)
    by_name = filters.sort == "name"
    page = page_of(found, place, by="name" if by_name else "pk", is_rising=by_name)
    return ClientPage(list(rows_of(page.rows)), page)


def rows_of(some: Iterable[Client]) -> Iterator[ClientRow]:
    """Rows with their sums, read for all of ``some`` together."""
    listed = list(some)
    keys = [client.pk for client in listed]
    services = _count(Service.objects.filter(state=Service.State.ACTIVE, tenant=None), keys)
    orders = _count(Order.objects.filter(state__in=OPEN_STATES), keys)
    monthly = revenue.monthly_of(keys)
    for client in listed:
        key = client.pk
        yield ClientRow(client, services[key], orders[key], monthly.get(key, []))


def _count(rows: QuerySet[Any, Any], clients: list[int]) -> Counter[int]:
    counted = rows.filter(client__in=clients).order_by().values_list("client")
    return Counter(dict(counted.annotate(Count("pk"))))


# -- export ---------------------------------------------------------------------------------------------

COLUMNS = (
    "Client", "Contact", "E-mail", "Phone", "Street", "Postal code", "City", "Region", "Country",
    "VAT id", "Created", "Active services", "Open orders", "Monthly",
)  # fmt: skip


def cells(filters: ClientFilters, *, zone: str) -> Iterator[list[str]]:
    """Every client that the filters leave, read in portions."""
    found = clients(filters, zone=zone).order_by("pk").iterator(chunk_size=AT_ONCE)
    while some := list(islice(found, AT_ONCE)):
        yield from (_cells(row) for row in rows_of(some))


def _cells(row: ClientRow) -> list[str]:
    client = row.client
    return [
        client.name, client.contact_name, client.email, client.phone, client.street,
        client.postal_code, client.city, client.region, client.country, client.vat_id,
        client.created.isoformat(timespec="seconds"), str(row.services), str(row.orders),
        "; ".join(f"{money.amount.normalize():f} {money.currency}" for money in row.monthly),
    ]  # fmt: skip
