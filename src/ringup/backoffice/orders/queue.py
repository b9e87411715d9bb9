"""The provisioning queue: what a page of it shows. What one row of it says: see ``rows``.

No page counts all orders or skips rows: see ``narrowing`` and ``keyset``. ``./scripts/bench queue``
holds it to that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet, Value

from ringup.accounts.models import User
from ringup.backoffice.keyset import PAGE_SIZE, KeysetPage, Place, first_page, page_of
from ringup.backoffice.orders.filters import Filters
from ringup.backoffice.orders.narrowing import Narrowed, narrowed
from ringup.backoffice.orders.rows import Row, records, rows_of, with_runs
from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import Bundle, Product
from ringup.core.prepared import prepared
from ringup.flows.orders import badges
from ringup.orders.models import Order

# So many ended orders are counted; where there are more, their chips show no number.
MOST_COUNTED = 1000
# An export reads so many orders at once.
PORTION = 200


@dataclass(frozen=True, slots=True)
class Chip:
    """One status to filter by, with the number of orders that have it; None where nobody counted."""

    slug: str
    word: str
    count: int | None
    query: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The queue as one page shows it."""

    filters: Filters
    place: Place
    rows: list[Row]
    page: KeysetPage[Any]
    chips: list[Chip]
    everything: Chip

    @property
    def total(self) -> int | None:
        """How many orders are on all pages together; None where nobody counted."""
        return next((chip.count for chip in self.chips if chip.is_current), self.everything.count)

    @property
    def here(self) -> str:
        """The query of this very page."""
        keys = {"before": self.place.before, "after": self.place.after}
        return self._with({name: key for name, key in keys.items() if key})

    @property
    def newer(self) -> str:
        """The query of the page before; empty on the first."""
        return self._with({"after": self.page.after}) if self.page.after else ""

    @property
    def older(self) -> str:
        """The query of the next page; empty on the last."""
        return self._with({"before": self.page.before}) if self.page.before else ""

    def _with(self, keys: dict[str, int]) -> str:
        return "&".join(filter(None, (self.filters.query, urlencode(keys))))

    @property
    def mark(self) -> str:
        """Changes when something on the page does, so that a poll can be answered with nothing."""
        seen = [row.mark for row in self.rows], [chip.count for chip in self.chips]
        return sha256(repr(seen).encode()).hexdigest()[:16]


def listing(filters: Filters, *, reader: User, zone: str, place: Place | None = None) -> Listing:
    """One page of the queue, newest first, with counts per status. What it costs does not depend on
    the number of orders."""
    matching = narrowed(filters, reader=reader, zone=zone)
    place = place or Place()
    page = _page(matching, filters, place)
    counts, total = _counts(matching, filters)
    chips = [
        Chip(
            slug=slug,
            word=badge.short,
            count=counts.get(slug),
            query=filters.but(status=slug).query,
            is_current=slug == filters.status,
        )
        for slug, badge in badges.BADGES.items()
    ]
    everything = Chip("", "All", total, filters.beside_status, not filters.status)
    return Listing(filters, place, rows_of(page.rows), page, chips, everything)


def all_rows(filters: Filters, *, reader: User, zone: str) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Every row of the filtered queue with the answers of its draft, for export; read in portions."""
    shown = _of_status(narrowed(filters, reader=reader, zone=zone).orders, filters.status)
    newest_first = records(shown, "draft__answers").order_by("-submitted", "-pk")
    found: Iterator[Any] = newest_first.iterator(chunk_size=PORTION)
    while portion := list(islice(found, PORTION)):
        for row, one in zip(rows_of(portion), portion, strict=True):
            yield row, one.draft__answers


def _page(matching: Narrowed, filters: Filters, place: Place) -> KeysetPage[Any]:
    if place.is_first and filters.is_only_status and filters.status not in badges.BY_THE_CLOCK:
        return first_page(_newest(status=filters.status))
    return page_of(records(_of_status(matching.orders, filters.status)), place, by="submitted")


@prepared
def _newest(*, status: str) -> QuerySet[Order, Any]:
    """What everybody looks at, and what every open page asks for again each few seconds."""
    newest = records(_of_status(Order.objects.all(), status)).order_by("-submitted", "-pk")
    return newest[: PAGE_SIZE + 1]


def _counts(matching: Narrowed, filters: Filters) -> tuple[dict[str, int], int | None]:
    """Of each badge by its slug, where it was counted, and of all. Those that have come to an end are
    counted only where they are few; then the sum is known as well, else it is None."""
    if matching.counts == "none":
        return {}, None
    ended = {badge.slug for badge in badges.ENDED}
    opened = badges.open_counts(None if filters.is_only_status else matching.orders)
    counts = {slug: opened[slug] for slug in badges.BADGES if slug not in ended}
    if matching.counts == "open":
        return counts, None
    # An end's slug is its state.
    rows = matching.orders.filter(state__in=ended).order_by()
    states = list(rows.values_list("state", flat=True)[: MOST_COUNTED + 1])
    if len(states) > MOST_COUNTED:
        return counts, None
    counts |= {slug: states.count(slug) for slug in ended}
    return counts, sum(counts.values())


def _of_status(orders: QuerySet[Order, Any], status: str) -> QuerySet[Order, Any]:
    orders = with_runs(orders)
    return badges.with_badge(orders, status) if status else orders


# -- what can be chosen ---------------------------------------------------------------------------------


def providers() -> QuerySet[CarrierAccount, Any]:
    """Every provider that the queue can be filtered by."""
    return CarrierAccount.objects.order_by("name").only("pk", "name")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the queue can be filtered by, by name: providers by their keys, products and bundles as
    ``("p12", name)``."""

    providers: list[tuple[str, str]]
    things: list[tuple[str, str]]

    @classmethod
    def read(cls) -> Choices:
        """One query."""
        rows = Product.objects.order_by().values_list(Value("p"), "pk", "name")
        others = [
            model._default_manager.order_by().values_list(Value(kind), "pk", "name")
            for kind, model in (("b", Bundle), ("", CarrierAccount))
        ]
        found = sorted(rows.union(*others, all=True), key=lambda row: row[2])
        return cls(
            providers=[(str(pk), name) for kind, pk, name in found if not kind],
            things=[(f"{kind}{pk}", name) for kind, pk, name in found if kind],
        )
