"""The provisioning queue: what a page of it shows, and what one row of it says.

No page counts all orders or skips rows: see ``narrowing`` and ``keyset``. ``./scripts/bench queue``
holds it to that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery, Value
from django.urls import reverse

from ringup.accounts.models import User
from ringup.backoffice.keyset import KeysetPage, Place, page_of
from ringup.backoffice.orders.filters import Filters
from ringup.backoffice.orders.narrowing import Narrowed, narrowed
from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import Bundle, Product
from ringup.flows.orders import badges
from ringup.flows.orders.badges import Badge
from ringup.orders.contents import number_of
from ringup.orders.models import Order, OrderLine
from ringup.provisioning.models import Plan
from ringup.services.models import Service

# So many ended orders are counted; where there are more, their chips show no number.
MOST_COUNTED = 1000


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
    def waits_for_review(self) -> bool:
        """Whether its papers should be looked at before anything else happens."""
        return self.badge is badges.REVIEW

    @property
    def mark(self) -> tuple[Any, ...]:
        """What must change for the row to look different."""
        return (self.order.pk, self.e164, self.badge.word, self.problem)


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
    page: KeysetPage[Order]
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
    page = page_of(_of_status(matching, filters), place, by="submitted")
    counts, total = _counts(matching)
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
    return Listing(filters, place, [row_of(order) for order in page.rows], page, chips, everything)


def all_rows(filters: Filters, *, reader: User, zone: str) -> Iterable[Row]:
    """Every row of the filtered queue, for export; read in portions."""
    shown = _of_status(narrowed(filters, reader=reader, zone=zone), filters)
    newest_first = shown.select_related("client", "draft").order_by("-submitted", "-pk")
    return (row_of(order) for order in newest_first.iterator(chunk_size=200))


def _counts(matching: Narrowed) -> tuple[dict[str, int], int | None]:
    """Of each badge by its slug, where it was counted, and of all. Those that have come to an end are
    counted only where they are few; then the sum is known as well, else it is None."""
    if matching.counts == "none":
        return {}, None
    ended = {badge.slug for badge in badges.ENDED}
    opened = badges.open_counts(matching.orders)
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


def _of_status(matching: Narrowed, filters: Filters) -> QuerySet[Order, Any]:
    orders = with_rows(matching.orders)
    return badges.with_badge(orders, filters.status) if filters.status else orders


def with_rows(orders: QuerySet[Order, Any]) -> QuerySet[Order, Any]:
    """With all that ``row_of`` shows: two more queries for a page, however many rows it has. Nothing
    sealed is read, and no quote."""
    return with_lines(orders).prefetch_related(Prefetch("lines__service__parts", parts()))


def parts() -> QuerySet[Service]:
    """The numbers inside of tenants, as rows show them."""
    return Service.objects.select_related("number").defer("secrets_sealed", "wanted")


def with_lines(orders: QuerySet[Order, Any]) -> QuerySet[Order, Any]:
    """The same without the parts of their services."""
    plans = Plan.objects.filter(service__line__order=OuterRef("pk")).order_by("-pk")
    lines = OrderLine.objects.select_related(
        "service__account", "service__number", "service__papers"
    ).defer("quote", "service__secrets_sealed", "service__account__secrets_sealed", *badges.UNREAD)
    return (
        orders.select_related("client")
        .annotate(
            run_state=Subquery(badges.newest_run().values("state")[:1]),
            run_problem=Subquery(badges.newest_run().values("problem")[:1]),
            plan_problem=Subquery(plans.values("problem")[:1]),
        )
        .prefetch_related(Prefetch("lines", lines))
    )


# The next thing to do, for the one visible button of a row.
ACTIONS = {
    badges.PENDING.slug: "Review plan",
    badges.IN_PROGRESS.slug: "Watch",
    badges.AWAITING.slug: "Watch",
    badges.FAILED.slug: "Resume or undo",
    badges.CHOOSE_NUMBER.slug: "Choose number",
    badges.REVIEW.slug: "View",
    badges.IDENTITY.slug: "Upload proofs",
    badges.DOCUMENTS.slug: "Place order",
    badges.ACTIVE.slug: "Watch",
    badges.REFUSED.slug: "View",
    badges.BLOCKED.slug: "View",
    badges.TERMINATED.slug: "View",
}


def row_of(order: Order) -> Row:
    """What the queue says about one order. An order has one line for now."""
    line, badge = order.lines.all()[0], badges.badge(order)
    service = line.service
    return Row(
        order=order,
        url=reverse("office:order", args=[order.uid]),
        product=line.text,
        provider=service.account.name,
        e164=number_of(service).called,
        domain=line.domain,
        badge=badge,
        problem=last_problem(order, badge),
        action=_action(badge, service),
    )


def _action(badge: Badge, service: Service) -> str:
    if badge is badges.AWAITING and service.papers_id is not None:
        return "Check status"
    return ACTIONS.get(badge.slug, "Open")


def last_problem(order: Any, badge: Badge) -> str:
    """Why the order stands still: its newest run's problem, or why it has no plan."""
    if badge is badges.FAILED:
        return str(order.run_problem or "")
    return str(order.plan_problem or "") if badge is badges.PENDING else ""


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
