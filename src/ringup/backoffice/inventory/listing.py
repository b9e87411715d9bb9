"""The inventory as one page shows it: numbers of clients, or the own shelf, with what they earn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Sum

from ringup.backoffice.badges import Badge, Chip
from ringup.backoffice.inventory.filters import LOSS, SHELF, Filters
from ringup.backoffice.inventory.margins import Margins
from ringup.core.money import Money
from ringup.core.sentences import place_name
from ringup.numbers.models import Discrepancy, OwnedNumber, OwnStock
from ringup.orders.models import Order, OrderLine
from ringup.services.models import Service
from ringup.services.wanted import WantedNumber

State = OwnedNumber.State
# All that a row shows, so that fifty rows are one query.
RELATED = (
    "client",
    "account",
    "service__tenant",
    "service__line__order",
    "service__tenant__line__order",
)


BADGES = {
    State.WANTED: Badge("blue", "clock", "Ordered"),
    State.OWNED: Badge("green", "check-circle", "Owned"),
    State.RELEASED: Badge("grey", "minus-circle", "Released"),
}
ON_SHELF = Badge("purple", "tag", "On the shelf")
WITHDRAWN = Badge("grey", "ban", "Withdrawn")


@dataclass(frozen=True, slots=True)
class Row:
    """One number. ``route`` says where its calls go, ``tenant`` in which PBX; ``price`` and ``margin``
    are None for a number that nobody pays for."""

    number: OwnedNumber | OwnStock
    badge: Badge
    place: str
    service: Service | None = None
    order: Order | None = None
    tenant: str = ""
    route: str = ""
    price: Money | None = None
    margin: Money | None = None
    differences: tuple[Discrepancy, ...] = ()

    @property
    def is_loss(self) -> bool:
        return self.margin is not None and self.margin.micros < 0


@dataclass(frozen=True, slots=True)
class Total:
    """The sums of the filtered numbers in one pair of currencies. ``margin`` is None without an
    exchange rate."""

    count: int
    cost: Money
    price: Money
    margin: Money | None


def open_differences() -> QuerySet[Discrepancy]:
    """What waits for somebody."""
    return Discrepancy.objects.filter(solved=None, accepted=None)


# -- rows -----------------------------------------------------------------------------------------


def numbers(filters: Filters) -> QuerySet[OwnedNumber, Any]:
    """The clients' numbers that the filters leave, in their order, ready for ``rows_of``."""
    rows = _matching(filters)
    rows = rows.filter(state=filters.state) if filters.state else rows.exclude(state=State.RELEASED)
    return (
        _sorted(rows, filters)
        .select_related(*RELATED)
        .prefetch_related(
            Prefetch("discrepancies", queryset=open_differences(), to_attr="differences")
        )
    )


def shelf(filters: Filters) -> QuerySet[OwnStock, Any]:
    """What stands on the own shelf and is nobody's now."""
    living = OwnedNumber.objects.filter(e164=OuterRef("e164")).exclude(state=State.RELEASED)
    rows = OwnStock.objects.filter(~Exists(living))
    if filters.provider:
        rows = rows.filter(account=int(filters.provider))
    if filters.country:
        rows = rows.filter(country=filters.country)
    if filters.only:
        differing = open_differences().filter(
            e164=OuterRef("e164"), account=OuterRef("account"), number=None
        )
        rows = rows.filter(Exists(differing)) if filters.only != LOSS else rows.none()
    if filters.client:
        rows = rows.none()
    if filters.digits:
        rows = rows.filter(e164__contains=filters.digits)
    elif filters.q:
        rows = rows.filter(Q(note__icontains=filters.q) | Q(rate_centre__icontains=filters.q))
    return _sorted(rows, filters).select_related("account")


def _matching(filters: Filters) -> QuerySet[OwnedNumber, Any]:
    """What all filters leave but the state."""
    rows = OwnedNumber.objects.all()
    if filters.provider:
        rows = rows.filter(account=int(filters.provider))
    if filters.country:
        rows = rows.filter(country=filters.country)
    if filters.client:
        rows = rows.filter(client__uid=filters.client)
    if filters.only == LOSS:
        same = Q(price_monthly_currency=F("cost_monthly_currency"))
        rows = rows.filter(same, price_monthly_micros__lt=F("cost_monthly_micros"))
    elif filters.only:
        rows = rows.filter(Exists(open_differences().filter(number=OuterRef("pk"))))
    return rows.filter(_search(filters)) if filters.q else rows


def _search(filters: Filters) -> Q:
    """Part of a number, or of a client, a tenant or a place."""
    words = filters.q
    found = (
        Q(client__name__icontains=words)
        | Q(client__email__icontains=words)
        | Q(service__name__icontains=words)
        | Q(service__tenant__name__icontains=words)
        | Q(rate_centre__icontains=words)
    )
    return found | Q(e164__contains=filters.digits) if filters.digits else found


def _sorted(rows: QuerySet[Any, Any], filters: Filters) -> QuerySet[Any, Any]:
    is_stock = rows.model is OwnStock
    match filters.sort:
        case "number":
            return rows.order_by("e164", "-pk")
        case "bought" if not is_stock:
            return rows.order_by(F("bought").asc(nulls_last=True), "pk")
    return rows.order_by("-pk")


def rows_of(found: Iterable[OwnedNumber | OwnStock], margins: Margins) -> Iterator[Row]:
    """The rows as they are read. Costs no query for what ``numbers`` or ``shelf`` gave."""
    for number in found:
        yield _shelf_row(number) if isinstance(number, OwnStock) else _row(number, margins)


def _row(number: OwnedNumber, margins: Margins) -> Row:
    service: Service | None = getattr(number, "service", None)
    tenant = service.tenant if service is not None else None
    is_routed = service and service.kind == Service.Kind.NUMBER
    return Row(
        number=number,
        badge=BADGES[State(number.state)],
        place=_place(number),
        service=service,
        order=order_of(service),
        tenant=tenant.name if tenant else "",
        route=WantedNumber.from_data(service.wanted).text if service and is_routed else "",
        price=number.price_monthly,
        margin=margins.of(number.price_monthly, number.cost_monthly),
        differences=tuple(getattr(number, "differences", ())),
    )


def order_of(service: Service | None) -> Order | None:
    """The order that brought a service: its own line, or its tenant's."""
    for one in (service, service.tenant if service else None):
        line: OrderLine | None = getattr(one, "line", None)
        if line is not None:
            return line.order
    return None


def _shelf_row(stock: OwnStock) -> Row:
    badge = WITHDRAWN if stock.is_withdrawn else ON_SHELF
    return Row(number=stock, badge=badge, place=_place(stock), route=stock.note)


def _place(number: OwnedNumber | OwnStock) -> str:
    parts = (place_name(number.rate_centre), number.region, number.country)
    return ", ".join(part for part in parts if part)


# -- sums and chips ---------------------------------------------------------------------------------


def totals(filters: Filters, margins: Margins) -> list[Total]:
    """What all filtered numbers cost and bring a month, for each pair of currencies. One query."""
    rows = _matching(filters)
    rows = rows.filter(state=filters.state or State.OWNED)
    sums = rows.order_by().values("cost_monthly_currency", "price_monthly_currency")
    told = sums.annotate(
        count=Count("pk"), cost=Sum("cost_monthly_micros"), price=Sum("price_monthly_micros")
    )
    found = []
    for each in told.order_by("-count"):
        cost = Money(int(each["cost"]), each["cost_monthly_currency"])
        price = Money(int(each["price"]), each["price_monthly_currency"])
        found.append(Total(each["count"], cost, price, margins.of(price, cost)))
    return found


def chips(filters: Filters) -> list[Chip]:
    """How many numbers the other filters leave in each state. Two queries."""
    counted = _matching(filters).order_by().values_list("state").annotate(Count("pk"))
    counts: dict[str, int] = dict(counted)
    words = {
        "": "Living",
        State.OWNED: "Owned",
        State.WANTED: "Ordered",
        State.RELEASED: "Released",
    }
    counts[""] = counts.get(State.OWNED, 0) + counts.get(State.WANTED, 0)
    counts[SHELF] = shelf(filters).count()
    words[SHELF] = "On the shelf"
    return [
        Chip(word, counts.get(state, 0), filters.but(state=state).query, state == filters.state)
        for state, word in words.items()
    ]


# -- export -------------------------------------------------------------------------------------------

COLUMNS = (
    "Number", "State", "Country", "Region", "Rate centre", "Provider", "Client", "Order", "PBX",
    "Calls go to", "Cost a month", "Cost currency", "Price a month", "Price currency",
    "Margin a month", "Bought", "Released", "Reference", "Differences",
)  # fmt: skip


def cells(filters: Filters) -> Iterator[list[str]]:
    """Every filtered row as text, read in portions."""
    margins = Margins()
    found: QuerySet[Any, Any] = shelf(filters) if filters.state == SHELF else numbers(filters)
    for row in rows_of(found.iterator(chunk_size=500), margins):
        yield _cells(row)


def _cells(row: Row) -> list[str]:
    number = row.number
    owned = number if isinstance(number, OwnedNumber) else None
    return [
        owned.called if owned else number.e164,
        row.badge.word, number.country, number.region, number.rate_centre,
        number.account.name,
        owned.client.name if owned else "",
        row.order.label if row.order else "",
        row.tenant, row.route,
        *_amount(number.cost_monthly), *_amount(row.price),
        str(row.margin.amount) if row.margin is not None else "",
        owned.bought.isoformat(timespec="seconds") if owned and owned.bought else "",
        owned.released.isoformat(timespec="seconds") if owned and owned.released else "",
        str(number.uid),
        "; ".join(each.get_kind_display() for each in row.differences),
    ]  # fmt: skip


def _amount(money: Money | None) -> tuple[str, str]:
    return ("", "") if money is None else (str(money.amount), money.currency)
