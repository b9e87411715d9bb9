"""A plan as staff reads it: rows per target, signs, costs, what the client pays and the margin."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from ringup.core.money import Money, total
from ringup.orders.contents import Contents
from ringup.provisioning.models import Change, Plan
from ringup.services.models import Service

SIGNS = {
    Change.Action.CREATE: ("+", "green"),
    Change.Action.CHANGE: ("~", "yellow"),
    Change.Action.REMOVE: ("\N{MINUS SIGN}", "red"),
}


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One change."""

    change: Change

    @property
    def sign(self) -> str:
        return SIGNS[Change.Action(self.change.action)][0]

    @property
    def tone(self) -> str:
        return SIGNS[Change.Action(self.change.action)][1]


@dataclass(frozen=True, slots=True)
class Target:
    """The changes at one outside system, in the order of the plan."""

    name: str
    note: str
    lines: list[PlanLine]


@dataclass(frozen=True, slots=True)
class Costs:
    """Once and a month; None where two currencies cannot be compared."""

    once: Money | None
    monthly: Money | None


@dataclass(frozen=True, slots=True)
class PlanTable:
    """All of a plan. ``margin`` is what the client pays beyond what the carrier takes."""

    plan: Plan
    targets: list[Target]
    cost: Costs
    price: Costs
    margin: Costs
    counts: str

    @property
    def short_digest(self) -> str:
        """For people who compare two screens."""
        return f"{self.plan.digest[:4]} {self.plan.digest[4:8]}"


def plan_table(plan: Plan, contents: Contents) -> PlanTable:
    """Everything that the plan's table shows."""
    changes = list(plan.changes.all())
    currency = contents.service.account.currency
    cost = Costs(
        total((change.cost_once for change in changes), currency),
        total((change.cost_monthly for change in changes), currency),
    )
    price = Costs(contents.quote.setup, contents.quote.monthly)
    return PlanTable(
        plan=plan,
        targets=_targets(changes, contents.service),
        cost=cost,
        price=price,
        margin=Costs(_less(price.once, cost.once), _less(price.monthly, cost.monthly)),
        counts=_counts(changes),
    )


def _targets(changes: list[Change], service: Service) -> list[Target]:
    """Neighbours with one target stand under one heading; the order of the plan is kept."""
    return [
        Target(name, _note(name, service), [PlanLine(change) for change in group])
        for name, group in groupby(changes, key=lambda change: change.target)
    ]


def _note(name: str, service: Service) -> str:
    if name == service.account.name:
        return f"carrier, {service.account.get_environment_display().lower()} account"
    if service.server is not None and name == service.server.name:
        return f"PBX, {service.server.get_environment_display().lower()}"
    return ""


def _less(price: Money | None, cost: Money | None) -> Money | None:
    if price is None or cost is None or price.currency != cost.currency:
        return None
    return price - cost


def _counts(changes: list[Change]) -> str:
    words = {"create": "to create", "change": "to change", "remove": "to remove"}
    counted = {action: sum(change.action == action for change in changes) for action in words}
    return ", ".join(f"{count} {words[action]}" for action, count in counted.items() if count)
