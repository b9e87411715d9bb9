"""The phases of papers, one by one: staff's verbs on an order whose number needs some.

``approving.approve`` does all of it at once. These do the free steps before, or after a correction; what
reaches the carrier is done by jobs (``sending``), with the verbs that a run uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.core.states import IllegalMove, StaleState
from ringup.flows.orders import approving
from ringup.flows.orders.approving import BEING_SENT, latest_run, plan_anew, service_of
from ringup.flows.papers.of_orders import require_papers
from ringup.flows.papers.sending import enqueue_sending, is_sending, wake
from ringup.numbers.models import OwnedNumber
from ringup.orders.locking import lock
from ringup.orders.models import Order
from ringup.provisioning.blueprint import main_number
from ringup.provisioning.models import Run
from ringup.regulatory import checking, submitting
from ringup.regulatory.models import RegulatoryFile
from ringup.regulatory.moving import move_to

_State = RegulatoryFile.State
MOVED = "Somebody else changed these papers first. Nothing was sent. Reload the page."
AT_WORK = "The order is being carried out right now. Nothing was changed. Wait until it rests."


# -- phases 2 and 3: free, and before the approval ----------------------------------------------------


def submit_to_provider(order: Order, *, actor: Actor) -> None:
    """Phase 2: have identity and address at the provider. A job does it; the page shows what came of
    it."""
    with _changing(order) as file:
        _require(file, {_State.PENDING_REVIEW}, "Identity and address were submitted already.")
        _require_sound(file, documents=False)
        enqueue_sending(file, "papers.submit")
        _record(order, actor, "submits identity and address to the provider")


def upload_proofs(order: Order, *, actor: Actor) -> None:
    """Phase 3: send the documents to the provider, encrypted, by a job."""
    with _changing(order) as file:
        _require(file, {_State.IDENTITY_CONFIRMED}, "Submit identity and address first.")
        _require_sound(file)
        enqueue_sending(file, "papers.upload")
        _record(order, actor, "uploads the documents to the provider")


def mark_uploaded(order: Order, *, actor: Actor) -> None:
    """Phase 3 by hand: staff has uploaded the documents in the provider's portal."""
    with _changing(order) as file:
        _require(file, {_State.IDENTITY_CONFIRMED}, "Submit identity and address first.")
        move_to(file, _State.DOCUMENTS_UPLOADED, actor=actor, uploaded_by_hand=timezone.now())
        _record(order, actor, "says that the documents were uploaded in the provider's portal")
        _go_on(order)


# -- phase 5: after the number was bought -------------------------------------------------------------


def check_status(order: Order, *, actor: Actor) -> None:
    """Phase 5: ask the provider now, instead of when it is due."""
    with transaction.atomic():
        lock(order)
        require_papers(order)
        run = latest_run(order)
        if run is None or run.state not in (Run.State.READY, Run.State.RUNNING, Run.State.WAITING):
            raise Refusal(
                "Nothing of this order waits for the provider. Nothing was asked. Reload the page."
            )
        wake(run)
        Activity.record(actor, f"order:{order.uid}", "asked the provider how the number stands")


def submit_again(order: Order, *, actor: Actor) -> None:
    """After a rejection, and a correction where one was asked for: send all in once more, by a job."""
    again = {_State.REJECTED, _State.PENDING_REVIEW, _State.IDENTITY_CONFIRMED}
    with _changing(order) as file:
        _require(file, again, "The provider has not rejected these papers.")
        if not _is_bought(order):
            raise Refusal("No number was bought yet. Nothing was sent. Approve the order instead.")
        _require_sound(file)
        if file.state == _State.REJECTED:
            move_to(file, _State.PENDING_REVIEW, actor=actor)
        enqueue_sending(file, "papers.again")
        _record(order, actor, "submits the papers again")


def reset_purchase(order: Order, *, reason: str, actor: Actor) -> None:
    """Back to the documents, with a new verification for the number that was bought. Only where the
    provider took the number back, the run is taken back too, and another number is bought after a
    new approval."""
    if not reason.strip():
        raise Refusal("Say why: the reason is kept with the order.", field="reason")
    reset = {_State.ORDER_PLACED, _State.REJECTED, _State.BLOCKED, _State.TERMINATED}
    with _changing(order) as file:
        _require(file, reset, "Nothing of this order waits for the provider.")
        run = latest_run(order)
        if run is None or not _is_bought(order):
            raise Refusal("No number was bought yet: there is no purchase to reset.")
        if file.state == _State.TERMINATED:
            approving.take_back(run, actor=actor)
        else:
            also = submitting.FRESH | {"attempt": file.attempt + 1, "uploaded_by_hand": None}
            move_to(file, _State.IDENTITY_CONFIRMED, actor=actor, **also)
            wake(run)
        _record(order, actor, f"reset the purchase: {reason.strip()}")


# -- what holds for all -------------------------------------------------------------------------------


@contextmanager
def _changing(order: Order) -> Iterator[RegulatoryFile]:
    """The order's papers, in a transaction that has locked the order."""
    try:
        with transaction.atomic():
            lock(order)
            file = require_papers(order)
            run = latest_run(order)
            if run is not None and run.state in (Run.State.READY, Run.State.UNDOING):
                raise Refusal(AT_WORK)
            if is_sending(file):
                raise Refusal(BEING_SENT)
            yield file
    except (IllegalMove, StaleState) as error:
        raise Refusal(MOVED) from error


def _require(file: RegulatoryFile, states: Set[str], otherwise: str) -> None:
    if file.state not in states:
        raise Refusal(f"{otherwise} Nothing was changed. Reload the page.")


def _require_sound(file: RegulatoryFile, *, documents: bool = True) -> None:
    """Refuse while a check must be settled, or the client owes a correction."""
    for sentence in checking.hindrances(file, documents=documents):
        raise Refusal(sentence)


def _is_bought(order: Order) -> bool:
    return main_number(service_of(order)).state == OwnedNumber.State.OWNED


def _go_on(order: Order) -> None:
    """The papers have come further: a run that waits for them goes on, else the plan is made anew."""
    run = latest_run(order)
    if run is not None and run.state == Run.State.WAITING:
        wake(run)
    elif order.state == Order.State.PENDING:
        plan_anew(service_of(order))


def _record(order: Order, actor: Actor, what: str) -> None:
    order.note("", actor=actor, staff_text=f"{actor.label} {what}.")
    Activity.record(actor, f"order:{order.uid}", what)
