"""Several orders that staff wants to approve at once: the plan of each, and what all of them cost."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from ringup.backoffice.orders.plan_table import PlanTable, plan_table
from ringup.core.money import Money
from ringup.flows.orders.approving import latest_plan
from ringup.flows.orders.approving_many import MOST, why_not
from ringup.orders.contents import PREFETCH, Contents, contents_of
from ringup.orders.models import Order


@dataclass(frozen=True, slots=True)
class Candidate:
    """One selected order. ``why`` says why it cannot be approved; empty when it can."""

    order: Order
    contents: Contents
    table: PlanTable | None
    why: str


@dataclass(frozen=True, slots=True)
class Bill:
    """What one carrier charges for all that can be approved; one line for each of its currencies."""

    carrier: str
    orders: int
    once: Money
    monthly: Money


def chosen_orders(uids: list[str]) -> list[Order]:
    """The orders behind what was ticked, oldest first, each once. Nonsense is left out."""
    wanted = {uid for text in uids[: 4 * MOST] if (uid := _uid(text)) is not None}
    rows = Order.objects.filter(uid__in=list(wanted)).select_related("client", "brand", "draft")
    return list(rows.prefetch_related(*PREFETCH).order_by("pk")[:MOST])


def _uid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def candidates(orders: list[Order]) -> list[Candidate]:
    """Each with its newest plan."""
    return [_candidate(order) for order in orders]


def _candidate(order: Order) -> Candidate:
    plan, contents = latest_plan(order), contents_of(order)
    table = plan_table(plan, contents) if plan is not None else None
    return Candidate(order, contents, table, why_not(order, plan))


def bills(ready: list[Candidate]) -> list[Bill]:
    """What approving all of these costs, by carrier."""
    found: dict[tuple[str, str], Bill] = {}
    for one in ready:
        if one.table is None or one.table.cost.once is None or one.table.cost.monthly is None:
            continue
        once, monthly = one.table.cost.once, one.table.cost.monthly
        name = one.contents.service.account.name
        zero = Money.zero(once.currency)
        old = found.get((name, once.currency), Bill(name, 0, zero, zero))
        bill = Bill(name, old.orders + 1, old.once + once, old.monthly + monthly)
        found[(name, once.currency)] = bill
    return [found[key] for key in sorted(found)]
