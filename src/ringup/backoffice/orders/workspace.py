"""One order as staff works on it: what is shown, and whether it changes by itself."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from django.db.models import Q, QuerySet

from ringup.accounts.verifying import is_verified
from ringup.backoffice.orders.plan_table import PlanTable, plan_table
from ringup.backoffice.orders.run_card import RunCard, run_card
from ringup.backoffice.papers.panel import Panel, panel
from ringup.core.models import Activity
from ringup.flows.orders import approving, badges, writing
from ringup.flows.orders.badges import Badge
from ringup.flows.papers.of_orders import papers_of
from ringup.mail.models import Outbox
from ringup.orders.contents import Contents, contents_of
from ringup.orders.models import Order, OrderEvent, OrderMessage
from ringup.orders.proposals import Proposal, open_proposal
from ringup.provisioning.models import Run

OPEN = (Order.State.PENDING, Order.State.CHOOSE_NUMBER, Order.State.APPROVED)


@dataclass(frozen=True, slots=True)
class Workspace:
    """``plan`` is the newest one, ``approved`` that of the newest run; ``is_checking`` says that a
    newer plan is being made."""

    order: Order
    contents: Contents
    badge: Badge
    plan: PlanTable | None
    approved: PlanTable | None
    run: RunCard | None
    events: list[OrderEvent]
    mails: list[Outbox]
    activity: list[Activity]
    is_checking: bool
    # Whether an owner of the client has proved that mails reach him.
    is_verified: bool
    thread: list[OrderMessage]
    # What the client has been asked or proposed, and has not answered.
    question: OrderMessage | None
    proposal: Proposal | None
    # Why it cannot be approved, whatever its plan says; whether the client's address is a reason.
    hindrances: list[str]
    lacks_proof: bool
    can_write: bool
    # Of a number that needs papers.
    papers: Panel | None

    @property
    def is_live(self) -> bool:
        """Whether the page should look again by itself."""
        is_sending = self.papers is not None and self.papers.is_sending
        is_running = self.run is not None and self.run.is_live
        return self.is_checking or is_running or self.is_closing or is_sending

    @property
    def looks_every(self) -> int:
        """Seconds between two looks of the page. A carrier that checks papers takes days."""
        is_sending = self.papers is not None and self.papers.is_sending
        waits = self.run is not None and self.run.run.state == Run.State.WAITING
        return 10 if self.papers is not None and waits and not is_sending else 1

    @property
    def is_closing(self) -> bool:
        """The run is done, and the job that completes the order follows in a moment."""
        is_done = self.run is not None and self.run.run.state == Run.State.DONE
        return is_done and self.order.state == Order.State.APPROVED

    @property
    def can_approve(self) -> bool:
        """Whether the approve button is shown. The flow decides; this only spares a refusal."""
        return (
            self.order.state == Order.State.PENDING
            and not self.is_checking
            and self.plan is not None
            and self.plan.plan.is_possible
            and not self.hindrances
        )

    @property
    def doubts_mark(self) -> str:
        """What ticking "I have looked at this" posts back."""
        return approving.doubts_mark(self.order)

    @property
    def can_change(self) -> bool:
        """Whether staff can still give it another number."""
        waits = self.order.state in (Order.State.PENDING, Order.State.CHOOSE_NUMBER)
        return waits and self.proposal is None

    @property
    def can_ask(self) -> bool:
        """Whether a question can keep it from approval."""
        return self.order.state in (Order.State.PENDING, Order.State.CHOOSE_NUMBER)

    @property
    def can_rename(self) -> bool:
        return self.is_pending and bool(self.contents.domain)

    @property
    def is_pending(self) -> bool:
        return self.order.state == Order.State.PENDING

    @property
    def is_done(self) -> bool:
        return self.order.state == Order.State.COMPLETED

    @property
    def has_credentials(self) -> bool:
        """Whether a link to credentials can be mailed."""
        return self.is_done and self.contents.has_credentials

    @property
    def can_reject(self) -> bool:
        return Order.State.REJECTED in Order.MOVES[Order.State(self.order.state)]

    @property
    def wants_number(self) -> bool:
        return self.order.state == Order.State.CHOOSE_NUMBER

    @property
    def mark(self) -> str:
        """Changes when the page would look different, so that a poll is answered with nothing."""
        seen = (
            self.order.state,
            self.badge.word,
            self.plan.plan.pk if self.plan else None,
            self.is_checking,
            self.run.mark if self.run else None,
            len(self.events),
            [(mail.pk, mail.state) for mail in self.mails],
            len(self.thread),
            self.hindrances,
            self.papers.mark if self.papers else None,
        )
        return sha256(repr(seen).encode()).hexdigest()[:16]


def workspace(order: Order, *, checked: str = "") -> Workspace:
    """Read everything about one order. ``checked`` is the uid of the plan from which staff asked
    for a newer one."""
    contents = contents_of(order)
    plan, run = approving.latest_plan(order), approving.latest_run(order)
    waits = order.state == Order.State.PENDING
    thread, proposal = list(order.messages.all()), open_proposal(order)
    hindrances = approving.hindrances(order)
    file = papers_of(order) if contents.service.papers_id else None
    return Workspace(
        order=order,
        contents=contents,
        badge=badges.badge(order),
        plan=plan_table(plan, contents) if plan and waits else None,
        approved=plan_table(run.approval.plan, contents) if run else None,
        run=run_card(run) if run else None,
        events=list(order.events.order_by("-at", "-pk")),
        mails=list(mails_about(order, contents)),
        activity=list(Activity.objects.filter(subject=f"order:{order.uid}").order_by("-pk")[:20]),
        is_checking=waits and (plan is None or str(plan.uid) == checked),
        is_verified=is_verified(order.client),
        thread=thread,
        question=writing.open_question(order),
        proposal=proposal,
        hindrances=hindrances,
        lacks_proof=approving.NOT_PROVED in hindrances,
        can_write=writing.can_write(order),
        papers=panel(order, file, contents.number, run) if file else None,
    )


def mails_about(order: Order, contents: Contents) -> QuerySet[Outbox]:
    """Mails of the order and of the service that it became, newest first."""
    about = Q(subject_of=f"order:{order.uid}") | Q(subject_of=f"service:{contents.service.uid}")
    return Outbox.objects.filter(about).defer("text_sealed", "html_sealed").order_by("-pk")
