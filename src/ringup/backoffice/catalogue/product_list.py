"""The lists of products and bundles: which are shown, and what one row says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from ringup.backoffice.badges import MAPPINGS, Badge
from ringup.backoffice.paging import asked
from ringup.catalog import mapped
from ringup.catalog.bundling import PREFETCH
from ringup.catalog.models import Bundle, Price, Product
from ringup.catalog.pricing import Cycle, quote
from ringup.catalog.selling import (
    cycles_of,
    is_complete,
    is_valid,
    items_of,
    own_mapping,
)
from ringup.core.money import Money
from ringup.pbx.models import PbxServer

Sold = TypeVar("Sold", Product, Bundle)
STATES = (("on-sale", "For sale"), ("hidden", "Hidden"), ("retired", "Retired"))
CODE = re.compile(r"(?:p-|bundle_)?([0-9]{1,9})", re.ASCII | re.IGNORECASE)
SHOWN_PRICES = 3
_MAPPINGS = ("group__mapping__account__defaults", "group__mapping__server")


FOR_SALE = Badge("green", "check-circle", "For sale")
HIDDEN = Badge("grey", "eye", "Hidden")
RETIRED = Badge("grey", "ban", "Retired")
INCOMPLETE = Badge("yellow", "alert", "Incomplete")
SOLD_OUT = Badge("orange", "alert", "Sold out")
NOT_MAPPED, MAPPED, INVALID = (MAPPINGS[status] for status in mapped.Status)


def state_of(sold: Product | Bundle) -> Badge:
    """What its own flags say; why the shop does not show it is told on its page."""
    if sold.is_retired:
        return RETIRED
    if sold.is_hidden:
        return HIDDEN
    if not is_complete(sold):
        return INCOMPLETE
    return SOLD_OUT if sold.stock == 0 else FOR_SALE


def mapping_status(sold: Product | Bundle, servers: Iterable[PbxServer]) -> tuple[Badge, str]:
    """The badge of the specification for its mapping, and the provider behind it."""
    mapping = own_mapping(sold)
    if mapping is None:
        return NOT_MAPPED, "No provider yet"
    if mapping.account is None:
        return NOT_MAPPED, "No provider"
    follows = " (its group's)" if mapping.group_id is not None else ""
    status = MAPPED if is_valid(mapping, sold, servers=servers) else INVALID
    return status, f"{mapping.account.name}{follows}"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address of a list asks for. Nonsense in it is ignored."""

    words: str
    group: str
    kind: str
    state: str

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        group, kind, state = (asked(request, name) for name in ("group", "kind", "state"))
        return cls(
            words=asked(request, "q"),
            group=group if re.fullmatch(r"[0-9]{1,9}", group, re.ASCII) else "",
            kind=kind if kind in Product.Kind.values else "",
            state=state if state in dict(STATES) else "",
        )

    @property
    def are_set(self) -> bool:
        return bool(self.words or self.group or self.kind or self.state)


def products(filters: Filters) -> QuerySet[Product]:
    """The products that the filters leave, as the shop orders them, with all that a row says."""
    rows = Product.objects.select_related(
        "group", "mapping__account__defaults", "mapping__server", *_MAPPINGS
    )
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    return _filtered(rows.prefetch_related("prices"), filters)


def bundles(filters: Filters) -> QuerySet[Bundle]:
    """The bundles that the filters leave; a kind is none of them."""
    rows = Bundle.objects.select_related("group", "mapping__account__defaults", "mapping__server")
    return _filtered(rows.prefetch_related(*PREFETCH), filters)


def _filtered(rows: QuerySet[Sold], filters: Filters) -> QuerySet[Sold]:
    if filters.words:
        found = Q(name__icontains=filters.words) | Q(slug__icontains=filters.words)
        code = CODE.fullmatch(filters.words)
        rows = rows.filter(found | Q(pk=int(code[1])) if code else found)
    if filters.group:
        rows = rows.filter(group=int(filters.group))
    if filters.state == "retired":
        rows = rows.filter(is_retired=True)
    elif filters.state:
        rows = rows.filter(is_retired=False, is_hidden=filters.state == "hidden")
    return rows.order_by("group__position", "group__name", "position", "name", "pk")


@dataclass(frozen=True, slots=True)
class ShownPrice:
    """One price of a row: ``$29.00`` and ``/mo``; set-up where there is one."""

    amount: Money
    per: str
    setup: Money | None


@dataclass(frozen=True, slots=True)
class Row:
    """One product or bundle as its list shows it. ``more`` counts prices that are not shown;
    ``is_sum`` says that a bundle has none of its own."""

    sold: Product | Bundle
    state: Badge
    mapping: Badge
    provider: str
    prices: list[ShownPrice]
    more: int
    is_sum: bool


def rows_of(found: Iterable[Product | Bundle], currency: str) -> Iterator[Row]:
    """Rows of one page, with prices in ``currency`` first. Two queries, whatever the length."""
    servers = list(PbxServer.objects.filter(is_enabled=True))
    for sold in found:
        mapping, provider = mapping_status(sold, servers)
        prices = prices_of(sold, currency)
        yield Row(
            sold=sold,
            state=state_of(sold),
            mapping=mapping,
            provider=provider,
            prices=prices[:SHOWN_PRICES],
            more=max(0, len(prices) - SHOWN_PRICES),
            is_sum=isinstance(sold, Bundle) and not sold.prices.all(),
        )


def prices_of(sold: Product | Bundle, currency: str) -> list[ShownPrice]:
    """Its own prices, those in ``currency`` first; else what a bundle's products cost together."""
    own = sorted(sold.prices.all(), key=lambda price: _rank(price, currency))
    if own or isinstance(sold, Product):
        return [_shown(price) for price in own]
    found = []
    for cycle in cycles_of(sold, currency):
        items = items_of(sold, cycle=cycle, currency=currency)
        total = quote(items, currency=currency, cycle=cycle)
        found.append(ShownPrice(total.recurring, cycle.per, total.setup or None))
    return found


def _rank(price: Price, currency: str) -> tuple[bool, str, int]:
    order = [cycle.value for cycle in Cycle]
    return price.currency != currency, price.currency, order.index(price.cycle)


def _shown(price: Price) -> ShownPrice:
    return ShownPrice(price.amount, Cycle(price.cycle).per, price.setup or None)
