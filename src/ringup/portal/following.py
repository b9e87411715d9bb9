"""An order as its buyer follows it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from django.urls import reverse

from ringup.core.actors import GUEST
from ringup.flows.orders.badges import Badge, badge
from ringup.flows.orders.timeline import Moment, client_timeline, shown_name
from ringup.flows.orders.writing import can_write
from ringup.orders.contents import Contents, contents_of
from ringup.orders.models import Order, OrderMessage
from ringup.orders.proposals import Proposal, open_proposal
from ringup.portal.papers_page import PapersTurn, turn_of_order


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
class Letter:
    """One letter of the thread. ``who`` is ``Ann (staff)``, or one of the client's own people."""

    message: OrderMessage
    who: str


@dataclass(frozen=True, slots=True)
class Following:
    """Everything that the order's page shows. ``question`` is what staff waits to be answered,
    ``proposal`` the number that it waits to be taken or left, ``papers`` where those of the number
    stand while they matter."""

    order: Order
    contents: Contents
    badge: Badge
    timeline: list[Moment]
    thread: list[Letter]
    proposal: Proposal | None
    can_write: bool
    papers: PapersTurn | None = None

    @property
    def question(self) -> Letter | None:
        if self.order.asked is None:
            return None
        asked = [letter for letter in self.thread if letter.message.is_question]
        return asked[-1] if asked else None

    @property
    def waits_for_answer(self) -> bool:
        """Whether it is the client's turn to say something."""
        return self.question is not None or self.proposal is not None

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
        seen = (
            self.order.state,
            self.badge.slug,
            self.contents.number.e164,
            self.contents.domain,
            self.timeline,
            len(self.thread),
            self.order.asked,
            self.proposal,
            self.papers,
        )
        return sha256(repr(seen).encode()).hexdigest()[:16]


def follow(order: Order) -> Following:
    """Read an order for its buyer."""
    contents = contents_of(order)
    is_open = order.state in (Order.State.PENDING, Order.State.CHOOSE_NUMBER)
    return Following(
        order=order,
        contents=contents,
        badge=badge(order),
        timeline=client_timeline(order, contents.service),
        thread=[Letter(one, _writer(one, order)) for one in order.messages.all()],
        proposal=open_proposal(order) if is_open else None,
        can_write=can_write(order),
        papers=turn_of_order(contents),
    )


def _writer(message: OrderMessage, order: Order) -> str:
    """A guest has no name here but the order's own contact."""
    if message.actor == GUEST.name:
        return order.client.contact_name
    return shown_name(message.actor, message.actor_label)
