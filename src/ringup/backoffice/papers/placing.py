"""The dialog in which a number is ordered: what was looked at, the plan that the button approves, and why
it cannot be pressed."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.backoffice.orders.plan_table import PlanTable, plan_table
from ringup.backoffice.papers.panel import PROOFS_FIRST
from ringup.flows.orders import approving
from ringup.flows.papers.choosing import Ordering
from ringup.orders.contents import contents_of
from ringup.orders.models import Order
from ringup.regulatory.models import RegulatoryFile

PURCHASE = "number-purchase/"
NO_PLAN = "The plan is being made. Wait a moment, then open this again."
STALE = (
    "The price is not the plan’s any more. Nothing was ordered. Check again on the order’s page, and "
    "read the new plan."
)
IMPOSSIBLE = "The plan cannot be approved yet: see the order’s page for what does not hold."


@dataclass(frozen=True, slots=True)
class Placing:
    """``look`` is None where the carrier is silent. ``whys`` are empty when the button may be pressed."""

    look: Ordering | None
    table: PlanTable | None
    doubts_mark: str
    whys: list[str]

    @property
    def button(self) -> str:
        if self.look is None or self.look.breakdown is None:
            return ""
        if self.look.is_changed:
            return "Put it into the order"
        return f"Place order for {self.look.breakdown.total}"


def placing(order: Order, file: RegulatoryFile, look: Ordering | None) -> Placing:
    """Beside what was looked at, the newest plan."""
    plan = approving.latest_plan(order)
    table = plan_table(plan, contents_of(order)) if plan is not None else None
    return Placing(look, table, approving.doubts_mark(order), _whys(order, file, look, table))


def _whys(
    order: Order, file: RegulatoryFile, look: Ordering | None, table: PlanTable | None
) -> list[str]:
    if look is None or look.is_changed or look.is_bought:
        return []
    if waiting := approving.hindrances(order):
        return waiting
    if file.state != RegulatoryFile.State.DOCUMENTS_UPLOADED:
        return [PROOFS_FIRST]
    if table is None:
        return [NO_PLAN]
    if not table.plan.is_possible:
        return [table.plan.problem or IMPOSSIBLE]
    return [STALE] if _is_stale(look, table) else []


def _is_stale(look: Ordering, table: PlanTable) -> bool:
    """Whether the carrier asks another price now than when the plan was made."""
    if look.breakdown is None:
        return False
    lines = [line.change for target in table.targets for line in target.lines]
    shown = [(row.cost_once, row.cost_monthly) for row in lines if row.key.startswith(PURCHASE)]
    return bool(shown) and shown != [(look.breakdown.setup, look.breakdown.monthly)]
