"""An order's history as the client reads it: what happened, who did it, what happens now, for whom we
wait and how long that usually takes, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ringup.core.phones import shown
from ringup.flows.orders.approving import latest_run
from ringup.flows.orders.how_long import HowLong, how_long
from ringup.orders.models import Order, OrderEvent
from ringup.orders.proposals import open_proposal
from ringup.provisioning.models import Run
from ringup.regulatory.documents import missing_documents
from ringup.regulatory.models import RegulatoryFile
from ringup.services.models import Service


@dataclass(frozen=True, slots=True)
class Moment:
    """``state`` is done, now, next or bad; ``when`` is empty for what is still to come. ``who`` acted,
    or for whom all wait; empty: Ringup by itself."""

    state: str
    title: str
    text: str = ""
    when: datetime | None = None
    who: str = ""


US = "us"
YOU = "you"
CARRIER = "the carrier"
REGISTERING = {
    RegulatoryFile.State.ORDER_PLACED: (
        "now",
        "The carrier checks your papers",
        "This usually takes one to three business days. Then we go on by ourselves.",
        None,
        CARRIER,
    ),
    RegulatoryFile.State.REJECTED: (
        "bad",
        "The carrier wants better papers",
        "It did not accept your papers yet. Your number is kept. We look at it and write to you.",
        None,
        US,
    ),
    RegulatoryFile.State.PENDING_REVIEW: (
        "now",
        "We check your papers once more",
        "Then they go to the carrier again. Your number is kept.",
        None,
        US,
    ),
    RegulatoryFile.State.BLOCKED: (
        "bad",
        "We are looking at a problem",
        "The carrier has stopped your number, and we ask it why. Nothing is lost.",
        None,
        US,
    ),
    RegulatoryFile.State.TERMINATED: (
        "bad",
        "We are looking at a problem",
        "The carrier took your number back. We find another with you. Nothing is lost.",
        None,
        US,
    ),
}
NEXT = {
    Order.State.PENDING: ("We set it up", "Ready to call"),
    Order.State.CHOOSE_NUMBER: ("We check your order", "We set it up", "Ready to call"),
    Order.State.APPROVED: ("Ready to call",),
}


# With papers there is one more thing to come.
BEFORE = {"We set it up": ("The carrier checks your papers", "We set it up")}


def client_timeline(order: Order, service: Service) -> list[Moment]:
    """Oldest first. Staff's remarks are left out; what it did for the client says so."""
    moments = [
        Moment("done", event.text, when=event.at, who=_who(order, event))
        for event in order.events.all()
        if event.text
    ]
    now = happens_now(order, service)
    if now is not None:
        moments.append(now)
    titles = NEXT.get(Order.State(order.state), ())
    if service.papers_id is not None and order.state != Order.State.APPROVED:
        titles = tuple(part for one in titles for part in BEFORE.get(one, (one,)))
    return moments + [Moment("next", title) for title in titles]


def _who(order: Order, event: OrderEvent) -> str:
    name = shown_name(event.actor, event.actor_label)
    return f"{name} for {order.client.name}" if event.on_behalf_of else name


def shown_name(actor: str, label: str) -> str:
    """``Ann (staff)``, or the name of one of the client's own people; empty for Ringup and guests."""
    kind = actor.partition(":")[0]
    if kind == "staff":
        # A login without a name is labelled by its address, which is nobody's business.
        first = "" if "@" in label else label.split(" ")[0]
        return f"{first} (staff)" if first else "our staff"
    return label if kind == "user" else ""


def happens_now(order: Order, service: Service) -> Moment | None:
    """The step that the order is at; None when it has ended. Its words are also the mail's."""
    match order.state:
        case Order.State.PENDING:
            lasts = how_long(order, service)
            return _owed(service) or _waits_for_approval(order, service, lasts)
        case Order.State.CHOOSE_NUMBER:
            return Moment(
                "bad",
                "Choose another number",
                "Your number can no longer be had at our supplier. Nothing was charged.",
                who=YOU,
            )
        case Order.State.APPROVED:
            run, lasts = latest_run(order), how_long(order, service)
            return _owed(service) or _registering(service, run) or _under_way(run, lasts)
        case _:
            return None


def _waits_for_approval(order: Order, service: Service, lasts: HowLong) -> Moment:
    proposal = open_proposal(order)
    if proposal is not None:
        text = (
            f"We propose {shown(proposal.e164)}. Take it or leave it; then we go on. "
            "Nothing was charged."
        )
        return Moment("now", "Your answer, please", text, who=YOU)
    if order.asked is not None:
        text = "We asked you something. We go on when you have answered. Nothing was charged."
        return Moment("now", "Your answer, please", text, who=YOU)
    then = f"Then we set it up: {lasts.set_up}."
    if service.papers_id is not None:
        then = "Then the carrier checks your papers, usually for one to three business days."
    text = f"Our staff looks at it, {lasts.review}. {then} Nothing is charged yet."
    return Moment("now", "We check your order", text, who=US)


def _owed(service: Service) -> Moment | None:
    """The client's own turn: something in his papers has to be corrected, or is missing."""
    file = service.papers
    if file is None:
        return None
    if file.asked:
        text = "Something in your papers has to be corrected. We go on when it is. Nothing is lost."
        return Moment("now", "Your papers, please", text, who=YOU)
    is_begun = file.state != RegulatoryFile.State.PENDING_REVIEW or file.attempt > 1
    if is_begun or file.uploaded_by_hand or not missing_documents(file):
        return None
    text = "Documents are still missing. We go on when they are here. Nothing is charged yet."
    return Moment("now", "Your documents, please", text, who=YOU)


def _registering(service: Service, run: Run | None) -> Moment | None:
    """While the carrier looks at papers; None where the run is about something else."""
    file = service.papers
    if file is None or run is None or run.state not in (Run.State.WAITING, Run.State.RUNNING):
        return None
    words = REGISTERING.get(RegulatoryFile.State(file.state))
    return None if words is None else Moment(*words)


def _under_way(run: Run | None, lasts: HowLong) -> Moment:
    if run is not None and run.client_problem:
        return Moment("bad", "We are looking at a problem", run.client_problem, who=US)
    if run is not None and run.state == Run.State.WAITING:
        text = "Everything that we can do is done. We ask again by ourselves."
        return Moment("now", "The carrier is at work", text, who=CARRIER)
    text = f"This takes a while: {lasts.set_up}. You can leave this page."
    return Moment("now", "We are setting it up", text, who=US)
