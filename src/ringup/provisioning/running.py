"""Running an approved plan: step after step, each journalled, resumable after any crash."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from ringup.core.failures import (
    NothingHappened,
    NumberGone,
    OurFault,
    OutcomeUnknown,
    PortFailure,
    Refused,
)
from ringup.core.states import move
from ringup.jobs.redacting import brief, whereabouts
from ringup.jobs.tickets import LeaseLost, Ticket
from ringup.provisioning.approving import outside_approval
from ringup.provisioning.blueprint import steps_for
from ringup.provisioning.journal import Journal
from ringup.provisioning.models import Run, Step
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, StepWork, Waiting
from ringup.services.models import Service

# An error that no port declares is tried again this often, then the run stops and says so.
TRIES_OF_A_BUG = 3
log = logging.getLogger(__name__)
FINISHED = (Step.State.DONE, Step.State.SKIPPED)


def advance(ticket: Ticket, *, run: str) -> None:
    """Job: bring an approved run as far as it goes now. At least once is enough; twice is harmless.

    1. What the journal calls finished is not touched again (a resumed run forgets that, and looks).
    2. Every other step is looked for outside. Found and ours: done. A step that was begun by a
       process that died, or whose reply was lost, is looked for until its outcome must show. What
       stands behind a step that waits, for days perhaps, is not looked at before that is done.
    3. What is left must be within the approval, or the run stops and asks.
    4. For each: "started" is committed, then the step is applied, then "finished" is committed.
    5. When all are finished the service is live.
    """
    row = Run.whole(run)
    if row.state not in (Run.State.READY, Run.State.RUNNING, Run.State.WAITING):
        return
    journal = Journal(ticket, row)
    journal.begin()
    try:
        _carry_out(journal)
    except (LeaseLost, DatabaseError):
        raise
    except Exception as bug:
        if ticket.attempt < TRIES_OF_A_BUG:
            raise
        log.error("run %s: %s\n%s", row.uid, brief(bug), whereabouts(bug))
        journal.fail(None, _own_fault(bug), state="")


def _carry_out(journal: Journal) -> None:
    service = journal.run.service
    with Site(service) as site:
        works, is_whole = steps_for(service, site), False
        while not is_whole:
            open_ones, is_whole = _open(journal, works)
            left = _look(journal, open_ones)
            if left is None or not all(_take(journal, step, work) for step, work in left):
                return
    _finish(journal)


def _own_fault(bug: Exception) -> OurFault:
    """What staff reads when Ringup itself is wrong: the kind of error, never its text, which may
    quote anything. The log has the rest."""
    return OurFault(
        f"a fault in Ringup itself ({type(bug).__name__}). Nothing is lost: the log of the worker "
        "says more. Resume when it is mended."
    )


Left = list[tuple[Step, StepWork]]


def _open(
    journal: Journal, works: list[StepWork]
) -> tuple[list[tuple[Step | None, StepWork]], bool]:
    """The steps that are not finished, each with its row where the plan had one, and whether these are
    all: they end with one that was begun within the approval, and for which the outside needs time."""
    steps = {step.key: step for step in journal.run.steps.all()}
    found: list[tuple[Step | None, StepWork]] = []
    for work in works:
        step = steps.get(work.key)
        if step is not None and step.state in FINISHED:
            continue
        found.append((step, work))
        if step is not None and step.touched and step.state == Step.State.WAITING:
            return found, False
    return found, True


def _look(journal: Journal, works: list[tuple[Step | None, StepWork]]) -> Left | None:
    """The steps that are left, within the approval. None when the run waits, stops or asks."""
    left: Left = []
    changes: list[PlannedChange] = []
    for step, work in works:
        try:
            journal.ticket.check()
            if work.is_done():
                if step is not None:
                    journal.done(step, step.parts or ["Was there already, and is ours"])
                continue
            if step is not None and (seconds := unsettled(step, work)) > 0:
                journal.wait(
                    step, seconds=min(seconds, 5.0), state=Step.State.CHECKING, detail=step.detail
                )
                return None
            changes.append(work.change())
        except Waiting as waiting:
            _wait(journal, step, waiting)
            return None
        except PortFailure as failure:
            _stop(
                journal,
                step,
                failure,
                attempts=step.attempts + 1 if step else settings.RINGUP_STEP_ATTEMPTS,
            )
            return None
        if step is not None:
            left.append((step, work))
    if problem := outside_approval(changes, journal.run.approval):
        journal.ask(problem)
        return None
    return left


def _take(journal: Journal, step: Step, work: StepWork) -> bool:
    """One step. True when it is finished and the run goes on to the next."""
    journal.started(step)
    try:
        journal.ticket.check()
        assert step.started is not None  # journal.started has set it
        parts = work.apply(run=str(journal.run.uid), started=step.started)
    except Waiting as waiting:
        _wait(journal, step, waiting)
        return False
    except PortFailure as failure:
        if isinstance(failure, NothingHappened | Refused):
            step.unknown_since = None
        _stop(journal, step, failure, attempts=step.attempts)
        return False
    journal.done(step, parts)
    return True


def _wait(journal: Journal, step: Step | None, waiting: Waiting) -> None:
    """The outside needs time, and says so: that is no failure, however often it is looked."""
    if step is None:
        journal.fail(None, OutcomeUnknown(str(waiting)), state="")
        return
    step.unknown_since = None
    journal.wait(
        step, seconds=waiting.seconds, state=Step.State.WAITING, detail=str(waiting), attempts=0
    )


def unsettled(step: Step, work: StepWork) -> float:
    """Seconds until a look that finds nothing means that nothing happened."""
    if step.unknown_since is None:
        return 0.0
    return work.settle_seconds - (timezone.now() - step.unknown_since).total_seconds()


def _stop(journal: Journal, step: Step | None, failure: PortFailure, *, attempts: int) -> None:
    """Write down a failure of one of the four kinds, and what follows from it."""
    if (
        isinstance(failure, NothingHappened | OutcomeUnknown)
        and step
        and attempts < settings.RINGUP_STEP_ATTEMPTS
    ):
        _later(journal, step, failure, attempts)
    elif isinstance(failure, NumberGone):
        journal.number_gone(step, failure)
    elif isinstance(failure, Refused):
        journal.fail(step, failure, state=Step.State.REFUSED)
    else:
        journal.fail(step, failure, state=Step.State.FAILED)


def _later(journal: Journal, step: Step, failure: PortFailure, attempts: int) -> None:
    """Try again with growing pauses; an unknown outcome is looked for sooner."""
    seconds = min(settings.RINGUP_RETRY_SECONDS * 2.0 ** (attempts - 1), 120.0)
    state = Step.State.WAITING
    if isinstance(failure, OutcomeUnknown):
        step.unknown_since = timezone.now()
        seconds, state = min(seconds, 5.0), Step.State.CHECKING
    journal.wait(step, seconds=seconds, state=state, detail=str(failure), attempts=attempts)


def _finish(journal: Journal) -> None:
    """All steps are finished: the service and what was built with it are live."""
    now = timezone.now()
    with journal.ticket.fenced():
        journal.move(Run.State.DONE, finished=now)
        service = journal.run.service
        move(service, Service.State.ACTIVE, moves=Service.MOVES, activated=now)
        for part in service.parts.filter(state=Service.State.PENDING, runs=None):
            move(part, Service.State.ACTIVE, moves=Service.MOVES, activated=now)
        journal.tell()
