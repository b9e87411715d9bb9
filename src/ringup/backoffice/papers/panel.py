"""The papers on the page of an order: the specification's six phases, and what can be done in each now,
or why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from ringup.flows.papers.sending import is_sending, problem_of
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from ringup.regulatory import checking, correcting
from ringup.regulatory.common_rejections import COMMON_REASONS
from ringup.regulatory.models import RegulatoryFile

State = RegulatoryFile.State
# The specification's phases, 1 to 6.
NAMES = (
    "Order review",
    "Submit identity to provider",
    "Upload proof documents",
    "Place DID order",
    "Monitor provider order status",
    "Sync DID and provision to FusionPBX",
)
# The phase that is at hand in each state.
AT_HAND = {
    State.DRAFT: 1,
    State.PENDING_REVIEW: 1,
    State.IDENTITY_CONFIRMED: 3,
    State.DOCUMENTS_UPLOADED: 4,
    State.ORDER_PLACED: 5,
    State.REJECTED: 5,
    State.BLOCKED: 5,
    State.TERMINATED: 5,
    State.ACTIVE: 6,
    State.CLOSED: 7,
}
BAD = (State.REJECTED, State.BLOCKED, State.TERMINATED)
PROOFS_FIRST = "Upload the proofs first, or do all that is possible now."
RESETS = (State.ORDER_PLACED, *BAD)
AGAIN = (State.REJECTED, State.PENDING_REVIEW, State.IDENTITY_CONFIRMED)
TIMELINE = "usually 1-5 business days"


@dataclass(frozen=True, slots=True)
class Action:
    """One button. ``why`` says why it cannot be used now; empty when it can. A ``dialog`` asks first,
    a ``page`` is opened, ``outside`` in a new tab; else it acts."""

    words: str
    url: str
    icon: str
    why: str = ""
    how: str = "act"
    needs: str = "work-orders"


@dataclass(frozen=True, slots=True)
class Phase:
    """One of the six. ``state`` is done, now, bad or todo."""

    number: int
    name: str
    state: str
    note: str
    actions: list[Action]

    @property
    def reasons(self) -> list[str]:
        """Why buttons of it cannot be used, each sentence once."""
        return list(dict.fromkeys(action.why for action in self.actions if action.why))


@dataclass(frozen=True, slots=True)
class Panel:
    """All of it. ``problem`` is why the papers could not be sent the last time."""

    file: RegulatoryFile
    number: OwnedNumber
    phases: list[Phase]
    is_sending: bool
    problem: str
    open_words: list[tuple[str, str, str]]

    @property
    def at_hand(self) -> int:
        return min(AT_HAND[State(self.file.state)], len(NAMES))

    @property
    def timeline(self) -> str:
        """How long it takes, in the specification's words, while it is not over."""
        return "" if self.file.state in (State.ACTIVE, State.CLOSED) else TIMELINE

    @property
    def common_reasons(self) -> tuple[str, ...]:
        return COMMON_REASONS

    @property
    def is_rejected(self) -> bool:
        return self.file.state == State.REJECTED

    @property
    def is_stopped(self) -> bool:
        """Whether only the provider, or another number, helps."""
        return self.file.state in (State.BLOCKED, State.TERMINATED)

    @property
    def is_waiting(self) -> bool:
        """Whether the provider is at it, so that it counts how long that takes."""
        return self.file.state == State.ORDER_PLACED

    @property
    def ids(self) -> list[tuple[str, str]]:
        """What the carrier calls things, for its support: those that there are."""
        file, number = self.file, self.number
        identity = file.identity.carrier_key if file.identity else ""
        address = file.address.carrier_key if file.address else ""
        found = [
            ("Identity", identity),
            ("Address", address),
            ("Order", number.order_key),
            ("Number", number.carrier_key),
            ("Verification", file.verification_label or file.verification_key),
        ]
        return [(words, key) for words, key in found if key]

    @property
    def mark(self) -> tuple[Any, ...]:
        """Changes when the panel would look different."""
        file = self.file
        return (file.state, file.attempt, file.slow_level, file.asked, self.is_sending,
                self.problem, self.ids, [phase.reasons for phase in self.phases])  # fmt: skip


def panel(order: Order, file: RegulatoryFile, number: OwnedNumber, run: Run | None) -> Panel:
    """Read it."""
    facts = _Facts(
        order=order,
        file=file,
        is_bought=number.state == OwnedNumber.State.OWNED,
        run_state=run.state if run is not None else "",
        is_sending=is_sending(file),
        unsound=checking.hindrances(file),
    )
    return Panel(
        file=file,
        number=number,
        phases=list(_phases(facts)),
        is_sending=facts.is_sending,
        problem=problem_of(order),
        open_words=correcting.open_words(file),
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the buttons depend on."""

    order: Order
    file: RegulatoryFile
    is_bought: bool
    run_state: str
    is_sending: bool
    unsound: list[str]

    @property
    def state(self) -> str:
        return self.file.state

    @property
    def resting(self) -> str:
        """Why nothing can be done by hand right now, whatever the phase; empty when something can."""
        if self.is_sending:
            return "The papers are being sent right now. Wait a moment."
        if self.order.state not in (Order.State.PENDING, Order.State.APPROVED):
            return "The order does not wait for this."
        if self.run_state in (Run.State.READY, Run.State.UNDOING):
            return "The order is being carried out right now. Wait until it rests."
        return ""

    @property
    def sound(self) -> str:
        """Why the papers cannot go; empty when they can."""
        return self.unsound[0] if self.unsound else ""


def _phases(facts: _Facts) -> Iterator[Phase]:
    actions = (_review, _submit, _upload, _place, _monitor, _provision)
    now = AT_HAND[State(facts.state)]
    if facts.order.state == Order.State.COMPLETED:
        now = len(NAMES) + 1
    for number, (name, of_phase) in enumerate(zip(NAMES, actions, strict=True), start=1):
        state = "done" if number < now else "todo" if number > now else "now"
        if state == "now" and facts.state in BAD:
            state = "bad"
        found = list(of_phase(facts))
        # What is done needs no button that cannot be pressed.
        shown = [one for one in found if not one.why] if state == "done" else found
        yield Phase(number, name, state, _note(number, facts), shown)


def _note(number: int, facts: _Facts) -> str:
    """A word about the phase, where there is one to say."""
    if number == 1 and facts.file.asked:
        return "The client owes a correction."
    if number == 3 and facts.file.uploaded_by_hand is not None:
        return "Uploaded in the provider’s portal by hand."
    if number == 5 and facts.file.attempt > 1:
        return f"Attempt {facts.file.attempt}."
    if number == 6 and facts.state != State.CLOSED:
        return "Happens by itself as soon as the number is active."
    return ""


def _url(name: str, facts: _Facts) -> str:
    return reverse(f"office:{name}", args=[facts.order.uid])


def _review(facts: _Facts) -> Iterator[Action]:
    yield Action("View", _url("papers", facts), "eye", how="dialog", needs="see-papers")


def _submit(facts: _Facts) -> Iterator[Action]:
    why = ""
    if facts.state != State.PENDING_REVIEW:
        why = "Identity and address are at the provider."
    elif facts.is_bought:
        why = "A number is ordered already: submit the papers again."
    yield Action(
        "Submit to provider",
        _url("papers-submit", facts),
        "upload",
        why or facts.resting or facts.sound,
    )


def _upload(facts: _Facts) -> Iterator[Action]:
    why = ""
    if facts.state == State.PENDING_REVIEW:
        why = "Submit identity and address first."
    elif facts.state != State.IDENTITY_CONFIRMED:
        why = "All documents are at the provider."
    yield Action(
        "Upload proofs to provider",
        _url("papers-proofs", facts),
        "doc-up",
        why or facts.resting or facts.sound,
    )
    portal = facts.file.account.portal_url
    unknown = "" if portal else "The address of the provider’s portal is not set."
    yield Action("Open provider portal", portal, "external", why or unknown, how="outside")
    words, url = "Mark docs uploaded", _url("papers-uploaded", facts)
    yield Action(words, url, "check", why or facts.resting)


def _place(facts: _Facts) -> Iterator[Action]:
    why = ""
    if facts.is_bought or facts.order.state == Order.State.APPROVED:
        why = "The order is placed." if facts.is_bought else "The plan is approved: it runs."
    elif facts.state != State.DOCUMENTS_UPLOADED:
        why = PROOFS_FIRST
        words = "Number and capacity"
        yield Action(words, _url("place-order", facts), "edit", facts.resting, how="dialog")
    url = _url("place-order", facts)
    yield Action("Place order", url, "hash", why or facts.resting, how="dialog")


def _monitor(facts: _Facts) -> Iterator[Action]:
    waits = facts.run_state in (Run.State.READY, Run.State.RUNNING, Run.State.WAITING)
    none = "" if facts.is_bought else "No number is ordered yet."
    check = none or ("" if waits else "Nothing of this order waits for the provider.")
    yield Action("Check provider status", _url("papers-check", facts), "refresh", check)
    if facts.state in AGAIN and facts.is_bought:
        why = facts.resting or facts.sound
        yield Action("Submit again", _url("papers-again", facts), "upload", why)
    reset = none or ("" if facts.state in RESETS else "Nothing is to be reset.")
    url = _url("papers-reset", facts)
    yield Action("Reset purchase", url, "undo", reset or facts.resting, how="dialog")


def _provision(facts: _Facts) -> Iterator[Action]:
    yield from ()
