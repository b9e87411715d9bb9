"""An order's history as the client reads it: what happened, what happens now, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ringup.flows.approving import latest_run
from ringup.orders.models import Order, OrderEvent
from ringup.provisioning.models import Run


@dataclass(frozen=True, slots=True)
class Moment:
    """``state`` is done, now, next or bad; ``when`` is empty for what is still to come."""

    state: str
    title: str
    text: str = ""
    when: datetime | None = None


NEXT = {
    Order.State.PENDING: ("We check your order", "We are setting it up", "Ready to call"),
    Order.State.CHOOSE_NUMBER: ("We check your order", "We are setting it up", "Ready to call"),
    Order.State.APPROVED: ("Ready to call",),
}


def client_timeline(order: Order) -> list[Moment]:
    """Oldest first. Staff's remarks are left out; what it did for the client says so."""
    moments = [
        Moment("done", event.text, _for_whom(order, event), event.at)
        for event in order.events.exclude(text="")
    ]
    now = _now(order)
    if now is not None:
        moments.append(now)
    titles = NEXT.get(Order.State(order.state), ())
    if order.state == Order.State.PENDING:
        titles = titles[1:]
    moments += [Moment("next", title) for title in titles]
    return moments


def _for_whom(order: Order, event: OrderEvent) -> str:
    return f"{event.actor_label} for {order.client.name}" if event.on_behalf_of else ""


def _now(order: Order) -> Moment | None:
    match order.state:
        case Order.State.PENDING:
            return Moment(
                "now",
                "We check your order",
                "Our staff looks at it, usually within one working day. Nothing was charged.",
            )
        case Order.State.CHOOSE_NUMBER:
            return Moment(
                "bad",
                "Choose another number",
                "Your number can no longer be had at our supplier. Nothing was charged.",
            )
        case Order.State.APPROVED:
            return _under_way(latest_run(order))
        case _:
            return None


def _under_way(run: Run | None) -> Moment:
    if run is not None and run.client_problem:
        return Moment("bad", "We are looking at a problem", run.client_problem)
    return Moment(
        "now", "We are setting it up", "This takes a few minutes. You can leave this page."
    )
