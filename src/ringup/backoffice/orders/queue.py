"""The provisioning queue: which orders are shown, and what one row of it says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict
from django.urls import reverse

from ringup.carriers.models import CarrierAccount
from ringup.flows import badges
from ringup.flows.badges import Badge
from ringup.orders.contents import PREFETCH, contents_of
from ringup.orders.models import Order
from ringup.provisioning.models import Plan

PAGE_SIZE = 25
LABEL = re.compile(r"[Rr]-?(\d{4,12})")
FEWEST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address of the queue asks for. Nonsense in it is ignored."""

    status: str = ""
    words: str = ""
    provider: str = ""
    page: str = "1"

    @classmethod
    def of(cls, query: QueryDict) -> Filters:
        status, provider = query.get("status", ""), query.get("provider", "")
        return cls(
            status=status if status in badges.BADGES else "",
            words=query.get("q", "").replace("\x00", "").strip()[:80],
            provider=provider if provider.isdecimal() and len(provider) < 10 else "",
            page=query.get("page", "1"),
        )

    @property
    def query(self) -> str:
        """As an address's query, without what is empty and without the page when it is the first."""
        pairs = {"status": self.status, "q": self.words, "provider": self.provider}
        if self.page != "1":
            pairs["page"] = self.page
        return urlencode({name: value for name, value in pairs.items() if value})

    def but(self, **changes: str) -> Filters:
        """The same with other values, on the first page."""
        return replace(self, page=changes.pop("page", "1"), **changes)


@dataclass(frozen=True, slots=True)
class Row:
    """One order as the queue shows it. ``action`` is the next thing to do, and leads to ``url``."""

    order: Order
    url: str
    product: str
    provider: str
    e164: str
    domain: str
    badge: Badge
    problem: str
    action: str

    @property
    def mark(self) -> tuple[Any, ...]:
        """What must change for the row to look different."""
        return (self.order.pk, self.e164, self.badge.word, self.problem)


@dataclass(frozen=True, slots=True)
class Chip:
    """One status to filter by, with the number of orders that have it."""

    slug: str
    word: str
    count: int
    query: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The queue as one page shows it."""

    filters: Filters
    rows: list[Row]
    page: Page[Order]
    chips: list[Chip]
    everything: Chip

    @property
    def earlier(self) -> str:
        """The query of the page before; empty on the first."""
        page = self.page
        return self._page(page.previous_page_number()) if page.has_previous() else ""

    @property
    def later(self) -> str:
        """The query of the next page; empty on the last."""
        return self._page(self.page.next_page_number()) if self.page.has_next() else ""

    def _page(self, number: int) -> str:
        # Never empty, so that a template can ask whether there is one.
        return f"{self.filters.but(page=str(number)).query or 'page=1'}"

    @property
    def mark(self) -> str:
        """Changes when something on the page does, so that a poll can be answered with nothing."""
        seen = [row.mark for row in self.rows], [chip.count for chip in self.chips]
        return sha256(repr(seen).encode()).hexdigest()[:16]


def listing(filters: Filters) -> Listing:
    """One page of the queue, newest first, with counts per status. The number of queries does not
    depend on the number of orders."""
    matching = matching_orders(filters)
    shown = badges.with_badge(matching, filters.status) if filters.status else matching
    page = Paginator(_newest_first(shown), PAGE_SIZE).get_page(filters.page)
    chips = [
        Chip(
            slug=slug,
            word=badge.word,
            count=badges.with_badge(matching, slug).count(),
            query=filters.but(status=slug).query,
            is_current=slug == filters.status,
        )
        for slug, badge in badges.BADGES.items()
    ]
    everything = Chip("", "All", matching.count(), filters.but(status="").query, not filters.status)
    return Listing(filters, [row_of(order) for order in page], page, chips, everything)


def all_rows(filters: Filters) -> Iterable[Row]:
    """Every row of the filtered queue, for export; read in portions."""
    matching = matching_orders(filters)
    shown = badges.with_badge(matching, filters.status) if filters.status else matching
    return (row_of(order) for order in _newest_first(shown).iterator(chunk_size=200))


def _newest_first(orders: QuerySet[Order, Any]) -> QuerySet[Order, Any]:
    return orders.prefetch_related(*PREFETCH).order_by("-submitted", "-pk")


def providers() -> QuerySet[CarrierAccount]:
    """Every provider that the queue can be filtered by."""
    return CarrierAccount.objects.order_by("name")


def matching_orders(filters: Filters) -> QuerySet[Order, Any]:
    """The orders that search and provider leave, whatever their status."""
    plans = Plan.objects.filter(service__line__order=OuterRef("pk")).order_by("-pk")
    orders = badges.queue_rows().annotate(plan_problem=Subquery(plans.values("problem")[:1]))
    if filters.provider:
        orders = orders.filter(lines__service__account=int(filters.provider))
    if filters.words:
        # By key, so that an order with two hits is one row.
        found = Order.objects.filter(_search(filters.words)).values("pk")
        orders = orders.filter(pk__in=found)
    return orders


def _search(words: str) -> Q:
    """Order label, client, contact, e-mail, domain, or any part of a number as people type it."""
    if label := LABEL.fullmatch(words):
        return Q(pk=int(label[1]) - 2000)
    found = (
        Q(client__name__icontains=words)
        | Q(client__contact_name__icontains=words)
        | Q(client__email__icontains=words)
        | Q(lines__service__name__icontains=words)
    )
    digits = re.sub(r"[\s().+-]", "", words)
    if digits.isdecimal() and len(digits) >= FEWEST_DIGITS:
        found |= Q(lines__service__number__e164__contains=digits)
        found |= Q(lines__service__parts__number__e164__contains=digits)
    if digits.isdecimal() and 4 <= len(digits) <= 12:
        found |= Q(pk=int(digits) - 2000)
    return found


# The next thing to do, for the one visible button of a row.
ACTIONS = {
    badges.PENDING.slug: "Review plan",
    badges.IN_PROGRESS.slug: "Watch",
    badges.AWAITING.slug: "Watch",
    badges.FAILED.slug: "Resume or undo",
    badges.CHOOSE_NUMBER.slug: "Choose number",
}


def row_of(order: Order) -> Row:
    """What the queue says about one order."""
    contents = contents_of(order)
    badge = badges.badge(order)
    return Row(
        order=order,
        url=reverse("office:order", args=[order.uid]),
        product=contents.line.text,
        provider=contents.service.account.name,
        e164=contents.number.e164,
        domain=contents.domain,
        badge=badge,
        problem=last_problem(order, badge),
        action=ACTIONS.get(badge.slug, "Open"),
    )


def last_problem(order: Any, badge: Badge) -> str:
    """Why the order stands still: its newest run's problem, or why it has no plan."""
    if badge is badges.FAILED:
        return str(order.run_problem or "")
    return str(order.plan_problem or "") if badge is badges.PENDING else ""
