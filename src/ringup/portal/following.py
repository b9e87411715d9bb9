"""An order as its buyer follows it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from django.urls import reverse

from ringup.flows.badges import Badge, badge
from ringup.flows.timeline import Moment, client_timeline
from ringup.orders.contents import Contents, contents_of
from ringup.orders.models import Order


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in the list; ``action`` leads to ``url``."""

    order: Order
    contents: Contents
    badge: Badge

    @property
    def action(self) -> str:
        if self.order.state == Order.State.CHOOSE_NUMBER:
            return "Choose a number"
        return "Follow" if Order.MOVES[self.order.state] else "Open"

    @property
    def url(self) -> str:
        is_asked = self.order.state == Order.State.CHOOSE_NUMBER
        name = "portal:choose-number" if is_asked else "portal:order"
        return reverse(name, args=[self.order.uid])


def order_row(order: Order) -> OrderRow:
    """Free of queries on rows fetched with ``contents.PREFETCH``."""
    return OrderRow(order, contents_of(order), badge(order))


@dataclass(frozen=True, slots=True)
class Following:
    """Everything that the order's page shows."""

    order: Order
    contents: Contents
    badge: Badge
    timeline: list[Moment]

    @property
    def is_open(self) -> bool:
        """Whether something will still happen, so that the page looks again by itself."""
        return bool(Order.MOVES[Order.State(self.order.state)])

    @property
    def is_being_built(self) -> bool:
        return self.order.state == Order.State.APPROVED

    @property
    def is_ready(self) -> bool:
        return self.order.state == Order.State.COMPLETED

    @property
    def wants_number(self) -> bool:
        return self.order.state == Order.State.CHOOSE_NUMBER

    @property
    def has_problem(self) -> bool:
        return any(moment.state == "bad" for moment in self.timeline)

    @property
    def can_cancel(self) -> bool:
        return Order.State.CANCELLED in Order.MOVES[Order.State(self.order.state)]

    @property
    def mark(self) -> str:
        """Changes when the page would look different, so that a poll is answered with nothing."""
        seen = (self.order.state, self.badge.slug, self.contents.number.e164, self.timeline)
        return sha256(repr(seen).encode()).hexdigest()[:16]


def follow(order: Order) -> Following:
    """Read an order for its buyer."""
    return Following(order, contents_of(order), badge(order), client_timeline(order))
