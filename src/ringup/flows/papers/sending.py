"""Jobs that bring papers to a carrier without a run: phase by phase, and again after a correction."""

from __future__ import annotations

from collections.abc import Callable

from ringup.carriers.opening import papers_for
from ringup.carriers.papers import TakesPapers
from ringup.core.actors import RINGUP
from ringup.core.failures import NothingHappened, OutcomeUnknown, PortFailure
from ringup.core.sentences import as_sentences
from ringup.flows.orders.approving import plan_anew
from ringup.flows.papers.of_orders import order_of, run_of, whole_file
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.parking import release_key
from ringup.jobs.tickets import Ticket
from ringup.orders.models import Order, OrderEvent
from ringup.provisioning.approving import run_key
from ringup.provisioning.models import Run
from ringup.regulatory import submitting, withdrawing
from ringup.regulatory.models import RegulatoryFile
from ringup.regulatory.moving import sending_key

# Away for a moment: the job tries again by itself so often, and says so then.
TRIES = 4
FAILED = "The provider did not take the papers: "
SENT = "The provider has "


def enqueue_sending(file: RegulatoryFile, job: str) -> None:
    """Have one of the jobs below run, in the caller's transaction."""
    release_key(sending_key(file))
    enqueue(job, key=sending_key(file), file=str(file.uid))


def is_sending(file: RegulatoryFile) -> bool:
    """Whether such a job waits or runs."""
    return Job.objects.filter(key=sending_key(file), parked=False).exists()


def problem_of(order: Order) -> str:
    """Why the papers could not be sent the last time, for staff; empty when they could."""
    told = order.events.filter(staff_text__startswith=FAILED) | order.events.filter(
        staff_text__startswith=SENT
    )
    last = told.order_by("-pk").first()
    return last.staff_text if last is not None and last.staff_text.startswith(FAILED) else ""


def wake(run: Run) -> None:
    """Have a run that waits look again now, in the caller's transaction."""
    release_key(run_key(run))
    enqueue("provisioning.advance", key=run_key(run), run=str(run.uid))


# -- jobs ---------------------------------------------------------------------------------------------


def submit(ticket: Ticket, *, file: str) -> None:
    """Job: phase 2, identity and address."""
    _send(ticket, file, _identity)


def upload(ticket: Ticket, *, file: str) -> None:
    """Job: phase 3, the documents."""
    _send(ticket, file, _documents)


def again(ticket: Ticket, *, file: str) -> None:
    """Job: both, for a number that was bought; then the run goes on with another verification."""
    _send(ticket, file, _both)


def withdraw(ticket: Ticket, *, file: str) -> None:
    """Job: the order ended: what nobody needs any more is deleted at the carrier."""
    row = whole_file(file)
    ticket.check()
    with papers_for(row.account) as carrier:
        said = withdrawing.withdraw(row, carrier)
    with ticket.fenced():
        _note(order_of(row), f"{said}.")


def _identity(file: RegulatoryFile, carrier: TakesPapers) -> str:
    if file.state == RegulatoryFile.State.PENDING_REVIEW:
        submitting.submit_identity(file, carrier)
    return f"{SENT}the identity and the address."


def _documents(file: RegulatoryFile, carrier: TakesPapers) -> str:
    if file.state != RegulatoryFile.State.IDENTITY_CONFIRMED:
        return ""
    lacking = submitting.send_documents(file, carrier)
    return f"{FAILED}{as_sentences(lacking)}" if lacking else f"{SENT}all documents."


def _both(file: RegulatoryFile, carrier: TakesPapers) -> str:
    _identity(file, carrier)
    return _documents(file, carrier)


def _send(ticket: Ticket, uid: str, verb: Callable[[RegulatoryFile, TakesPapers], str]) -> None:
    """Do it, and write down what came of it: for staff, in the order's history."""
    file = whole_file(uid)
    try:
        ticket.check()
        with papers_for(file.account) as carrier:
            said = verb(file, carrier)
    except PortFailure as failure:
        if isinstance(failure, NothingHappened | OutcomeUnknown) and ticket.attempt < TRIES:
            raise
        said = f"{FAILED}{failure}"
    order, run = order_of(file), run_of(file)
    with ticket.fenced():
        _note(order, said)
        if run is not None and run.state == Run.State.WAITING:
            wake(run)
        elif order is not None and order.state == Order.State.PENDING:
            plan_anew(file.service)


def _note(order: Order | None, said: str) -> None:
    """A line in the history, once: a job that is delivered twice says it once."""
    if order is None or not said:
        return
    last: OrderEvent | None = order.events.order_by("-pk").first()
    if last is None or last.staff_text != said:
        order.note("", actor=RINGUP, staff_text=said)
