"""Approving several orders at once: exactly the plans that were seen, each in its own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ringup.core.actors import Actor
from ringup.core.sentences import Refusal
from ringup.flows.orders.approving import BEING_PLANNED, approve, hindrances
from ringup.flows.orders.badges import REVIEW, badge
from ringup.orders.models import Order
from ringup.provisioning.models import Plan

# More would be approved unread.
MOST = 50
NOT_PENDING = "It does not wait for approval any more."
LOOK_FIRST = "Something about it should be looked at first: open it, and approve it there."


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one order; ``refusal`` is empty when it was approved."""

    order: Order
    refusal: str


def approve_many(seen: Iterable[tuple[Order, str]], *, actor: Actor) -> list[Result]:
    """Approve each order with the digest of its plan that was on the screen. One that is refused
    keeps no other from being approved."""
    return [Result(order, _approve(order, digest, actor)) for order, digest in seen]


def _approve(order: Order, digest: str, actor: Actor) -> str:
    try:
        approve(order, digest=digest, actor=actor)
    except Refusal as refusal:
        return str(refusal)
    return ""


def why_not(order: Order, plan: Plan | None) -> str:
    """Why an order cannot be approved among others; empty when it can."""
    if order.state != Order.State.PENDING:
        return NOT_PENDING
    if plan is None:
        return BEING_PLANNED
    if plan.problem:
        return plan.problem
    unmet = [str(condition["text"]) for condition in plan.conditions if not condition["ok"]]
    if unmet:
        return " ".join(unmet)
    waiting = hindrances(order)
    if waiting:
        return waiting[0]
    return LOOK_FIRST if order.doubts or badge(order) is REVIEW else ""
