"""Orders as lists show them: each one flat row of one query, and no objects behind it.

A page of 25 orders with their clients, lines, services, numbers and papers would be 180 objects, and
making them took longer than all else on the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from ringup.core.linking import link
from ringup.flows.orders import badges
from ringup.flows.orders.badges import Badge
from ringup.numbers.models import number_called
from ringup.orders.models import Order, label_of
from ringup.provisioning.models import Plan
from ringup.services.models import Service

# What one row is made of. An order has one line for now, so none comes twice.
COLUMNS = (
    "pk", "uid", "state", "is_sandbox", "submitted", "asked", "proposed__until",
    "client__uid", "client__name", "client__contact_name", "client__email", "client__phone",
    "lines__text", "lines__domain", "lines__service", "lines__service__account__name",
    "lines__service__number__e164", "lines__service__number__rate_centre",
    "lines__service__number__country",
    "lines__service__papers__state", "lines__service__papers__asked",
    "run_state", "run_problem", "plan_problem",
)  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class Buyer:
    """The client of a row."""

    uid: UUID
    name: str
    contact_name: str
    email: str
    phone: str

    @property
    def url(self) -> str:
        return link("office:client", self.uid)


@dataclass(frozen=True, slots=True)
class Row:
    """One order as lists show it. ``action`` is the next thing to do, and leads to ``url``."""

    pk: int
    uid: UUID
    submitted: datetime
    is_sandbox: bool
    client: Buyer
    product: str
    provider: str
    e164: str
    domain: str
    badge: Badge
    problem: str
    action: str

    @property
    def key(self) -> str:
        """For the ids of a page's elements."""
        return str(self.pk)

    @property
    def label(self) -> str:
        return label_of(self.pk)

    @property
    def url(self) -> str:
        return link("office:order", self.uid)

    @property
    def papers_url(self) -> str:
        return link("office:papers", self.uid)

    @property
    def waits_for_review(self) -> bool:
        """Whether its papers should be looked at before anything else happens."""
        return self.badge is badges.REVIEW

    @property
    def mark(self) -> tuple[Any, ...]:
        """What must change for the row to look different."""
        return (self.pk, self.e164, self.badge.word, self.problem)


def with_runs(orders: QuerySet[Order, Any]) -> QuerySet[Order, Any]:
    """With the newest run's state and problem, and the newest plan's problem."""
    plans = Plan.objects.filter(service__line__order=OuterRef("pk")).order_by("-pk")
    return orders.annotate(
        run_state=Subquery(badges.newest_run().values("state")[:1]),
        run_problem=Subquery(badges.newest_run().values("problem")[:1]),
        plan_problem=Subquery(plans.values("problem")[:1]),
    )


def records(orders: QuerySet[Order, Any], *more: str) -> QuerySet[Order, Any]:
    """What ``rows_of`` takes, as a query, of orders ``with_runs``. Nothing sealed is read, no quote."""
    return orders.values_list(*COLUMNS, *more, named=True)


def rows_of(found: Iterable[Any]) -> list[Row]:
    """From ``records``: one more query, where some of them are PBXes."""
    found = list(found)
    tenants = [one.lines__service for one in found if one.lines__service__number__country is None]
    numbers = _main_numbers(tenants) if tenants else {}
    now = timezone.now().timestamp()
    return [_row_of(one, _number(one, numbers), now) for one in found]


def _number(one: Any, main_numbers: dict[int, str]) -> str:
    """Its own, or its PBX's."""
    if one.lines__service__number__country is None:
        return main_numbers.get(one.lines__service, "")
    return number_called(
        one.lines__service__number__e164,
        one.lines__service__number__rate_centre,
        one.lines__service__number__country,
    )


def _main_numbers(tenants: list[int]) -> dict[int, str]:
    """What the numbers are called that PBXes are built with, by the PBX's service."""
    parts = Service.objects.filter(tenant__in=tenants, number__isnull=False).order_by()
    columns = ("tenant", "tenant__wanted__main_number", "number__uid")
    place = ("number__e164", "number__rate_centre", "number__country")
    return {
        tenant: number_called(*called)
        for tenant, main, uid, *called in parts.values_list(*columns, *place)
        if str(uid) == main
    }


def _row_of(one: Any, number: str, now: float) -> Row:
    badge = _badge(one, now)
    return Row(
        pk=one.pk,
        uid=one.uid,
        submitted=one.submitted,
        is_sandbox=one.is_sandbox,
        client=Buyer(
            one.client__uid,
            one.client__name,
            one.client__contact_name,
            one.client__email,
            one.client__phone,
        ),
        product=one.lines__text,
        provider=one.lines__service__account__name,
        e164=number,
        domain=one.lines__domain,
        badge=badge,
        problem=last_problem(one, badge),
        action=_action(badge, has_papers=one.lines__service__papers__state is not None),
    )


def _badge(one: Any, now: float) -> Badge:
    waits = one.asked is not None or (one.proposed__until or 0) > now
    papers = badges.word_of(one.lines__service__papers__state, one.lines__service__papers__asked)
    return badges.badge_of(
        one.state, waits and one.state == Order.State.PENDING, one.run_state, papers
    )


def _action(badge: Badge, *, has_papers: bool) -> str:
    if badge is badges.AWAITING and has_papers:
        return "Check status"
    return ACTIONS.get(badge.slug, "Open")


def last_problem(order: Any, badge: Badge) -> str:
    """Why the order stands still: its newest run's problem, or why it has no plan."""
    if badge is badges.FAILED:
        return str(order.run_problem or "")
    return str(order.plan_problem or "") if badge is badges.PENDING else ""
