"""The list of the shelf: what the address asks for, how many numbers there are of each state, and what
one row says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Count, Exists, Q, QuerySet
from django.http import HttpRequest

from ringup.backoffice.badges import Chip
from ringup.backoffice.paging import asked
from ringup.carriers.models import CarrierAccount
from ringup.catalog.number_prices import Working, work_out_offer
from ringup.core.sentences import place_name
from ringup.numbers import own_stock
from ringup.numbers.models import OwnedNumber, OwnStock

ON_SALE, SOLD, WITHDRAWN = "on-sale", "sold", "withdrawn"
STATES = {ON_SALE: "For sale", SOLD: "Sold", WITHDRAWN: "Withdrawn"}
LOOKS = {
    ON_SALE: ("green", "check-circle"),
    SOLD: ("blue", "user"),
    WITHDRAWN: ("grey", "minus-circle"),
}
_GROUPING = re.compile(r"[\s().+/-]")


@dataclass(frozen=True, slots=True)
class Filters:
    """``q`` is part of a number, of a place or of a note; ``provider`` an account's key; ``country``
    ISO. Nonsense is ignored."""

    q: str = ""
    state: str = ""
    provider: str = ""
    country: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        found = {each.name: asked(request, each.name) for each in fields(cls)}
        if found["state"] not in STATES:
            found["state"] = ""
        if not re.fullmatch(r"[0-9]{1,9}", found["provider"], re.ASCII):
            found["provider"] = ""
        if not re.fullmatch(r"[A-Z]{2}", found["country"], re.ASCII):
            found["country"] = ""
        return cls(**found)

    @property
    def query(self) -> str:
        """As an address's query, without what is empty."""
        pairs = ((each.name, getattr(self, each.name)) for each in fields(self))
        return urlencode([(name, value) for name, value in pairs if value])

    def but(self, **changes: str) -> Self:
        """The same with other values; on the first page."""
        return replace(self, **changes)

    def rows(self) -> QuerySet[OwnStock]:
        """The numbers that they leave, with ``is_sold``, by number."""
        rows = OwnStock.objects.annotate(is_sold=Exists(own_stock.sold()))
        if self.provider:
            rows = rows.filter(account=int(self.provider))
        if self.country:
            rows = rows.filter(country=self.country)
        if self.q:
            rows = rows.filter(_holding(self.q))
        if self.state == SOLD:
            rows = rows.filter(is_sold=True)
        elif self.state:
            rows = rows.filter(is_sold=False, is_withdrawn=self.state == WITHDRAWN)
        return rows.order_by("e164")


def _holding(words: str) -> Q:
    """Rows in which the words stand somewhere; digits are looked for however they are grouped."""
    found = (
        Q(note__icontains=words) | Q(rate_centre__icontains=words) | Q(region_name__icontains=words)
    )
    digits = _GROUPING.sub("", words)
    return found | Q(e164__contains=digits) if digits.isascii() and digits.isdigit() else found


def chips(filters: Filters) -> list[Chip]:
    """All, and each state, with how many the other filters leave. One query."""
    sold, withdrawn = Q(is_sold=True), Q(is_sold=False, is_withdrawn=True)
    counts = (
        filters.but(state="")
        .rows()
        .order_by()
        .aggregate(
            all=Count("pk"),
            sold=Count("pk", filter=sold),
            withdrawn=Count("pk", filter=withdrawn),
        )
    )
    numbers = {
        "": counts["all"],
        ON_SALE: counts["all"] - counts["sold"] - counts["withdrawn"],
        SOLD: counts["sold"],
        WITHDRAWN: counts["withdrawn"],
    }
    words = {"": "All"} | STATES
    return [
        Chip(words[state], count, filters.but(state=state).query, filters.state == state)
        for state, count in numbers.items()
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """One number. ``client`` is who has it; ``working`` has the price of one that is for sale."""

    stock: OwnStock
    state: str
    client: str
    working: Working | None

    @property
    def has_no_price(self) -> bool:
        """Whether the shop leaves it out although it is for sale."""
        return self.working is not None and self.working.price is None

    @property
    def tone(self) -> str:
        return "yellow" if self.has_no_price else LOOKS[self.state][0]

    @property
    def icon(self) -> str:
        return "alert" if self.has_no_price else LOOKS[self.state][1]

    @property
    def word(self) -> str:
        return "Not in the shop" if self.has_no_price else STATES[self.state]

    @property
    def place(self) -> str:
        return place_of(self.stock)


def place_of(stock: OwnStock) -> str:
    """``Toronto, Ontario``; the country where no place is known."""
    region = stock.region_name or stock.region
    return ", ".join(filter(None, [place_name(stock.rate_centre), region])) or stock.country


def rows_of(found: Iterable[Any], currency: str) -> list[Row]:
    """What the page says about rows that have ``is_sold``. Two queries, and those of the price
    rules, once for each sort of number."""
    stocks = list(found)
    accounts = CarrierAccount.objects.in_bulk({stock.account_id for stock in stocks})
    sold = [stock.e164 for stock in stocks if stock.is_sold]
    living = OwnedNumber.objects.exclude(state=OwnedNumber.State.RELEASED).filter(e164__in=sold)
    clients = dict(living.values_list("e164", "client__name"))
    workings: dict[tuple[object, ...], Working] = {}
    rows = []
    for stock in stocks:
        stock.account = accounts[stock.account_id]
        state = state_of(stock)
        working = None
        if state == ON_SALE:
            sort = (
                stock.account_id, stock.country, stock.region, stock.number_type,
                stock.cost_monthly,
            )  # fmt: skip
            if sort not in workings:
                workings[sort] = work_out_offer(stock.account, own_stock.as_offer(stock), currency)
            working = workings[sort]
        rows.append(Row(stock, state, clients.get(stock.e164, ""), working))
    return rows


def state_of(stock: Any) -> str:
    """The state of a row that has ``is_sold``."""
    if stock.is_sold:
        return SOLD
    return WITHDRAWN if stock.is_withdrawn else ON_SALE
