"""The journal of a run: every entry is committed, fenced by the job's lease, before work goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from ringup.core.failures import PortFailure
from ringup.core.states import move
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.tickets import Ticket
from ringup.provisioning.approving import run_key, undo_key
from ringup.provisioning.models import Run, Step


class Journal:
    """Writes for one run under one ticket. A frozen process that wakes up writes nothing."""

    def __init__(self, ticket: Ticket, run: Run) -> None:
        self.ticket = ticket
        self.run = run

    def begin(self) -> None:
        """The run is being worked on."""
        with self.ticket.fenced():
            started = self.run.started or timezone.now()
            self.move(Run.State.RUNNING, started=started, problem="", client_problem="")

    def started(self, step: Step) -> None:
        """Written first: after a crash behind this line we must assume that the step took effect.

        From now on the outcome of this try is unknown, until it is written down.
        """
        now = timezone.now()
        self._step(
            step,
            state=Step.State.RUNNING,
            touched=True,
            attempts=step.attempts + 1,
            started=step.started or now,
            unknown_since=now,
            detail="",
        )

    def done(self, step: Step, parts: list[str]) -> None:
        self._step(
            step,
            state=Step.State.DONE,
            parts=parts or step.parts,
            finished=timezone.now(),
            run_at=None,
            unknown_since=None,
            detail="",
        )

    def wait(self, step: Step, *, seconds: float, state: str, detail: str, **also: Any) -> None:
        """The step goes on later: the run's job is due then."""
        run_at = timezone.now() + timedelta(seconds=seconds)
        with self.ticket.fenced():
            known = {"unknown_since": step.unknown_since, **also}
            self._update(step, state=state, run_at=run_at, detail=detail, **known)
            self.move(Run.State.WAITING)
            enqueue(
                "provisioning.advance", key=run_key(self.run), due=run_at, run=str(self.run.uid)
            )

    def fail(self, step: Step | None, failure: PortFailure, *, state: str) -> None:
        """The run stops until a person decides."""
        with self.ticket.fenced():
            self._stop(step, str(failure), state=state, said=failure.user_message)
            self.tell()

    def number_gone(self, step: Step | None, failure: PortFailure) -> None:
        """The number was sold to somebody else: what was made is taken back by itself, and the
        client chooses another."""
        with self.ticket.fenced():
            self._stop(step, str(failure), state=Step.State.REFUSED, said=failure.user_message)
            self.move(Run.State.UNDOING)
            enqueue("orders.number_gone", run=str(self.run.uid))
            enqueue("provisioning.take_back", key=undo_key(self.run), run=str(self.run.uid))

    def ask(self, problem: str) -> None:
        """What is left is not what was approved."""
        with self.ticket.fenced():
            self.move(
                Run.State.ASKING,
                problem=f"{problem} Nothing more was done. Undo this run, then approve a new plan.",
                client_problem="Our staff is looking at your order once more.",
            )
            self.tell()

    def given_up(self, problem: str) -> None:
        """Nobody works on the run any more. In the caller's fenced transaction."""
        if self.run.state == Run.State.UNDOING:
            self.move(Run.State.UNDO_FAILED, problem=problem)
        else:
            if self.run.state == Run.State.READY:
                self.move(Run.State.RUNNING)
            self._stop(None, problem, state="", said=PortFailure.user_message)
        self.tell()

    def _stop(self, step: Step | None, problem: str, *, state: str, said: str) -> None:
        if step is not None:
            since = step.unknown_since
            self._update(step, state=state, detail=problem, run_at=None, unknown_since=since)
        self.move(Run.State.FAILED, problem=problem, client_problem=said[:300])

    def undone(self, step: Step, parts: list[str]) -> None:
        self._step(step, state=Step.State.UNDONE, parts=parts, touched=False, detail="")

    def undo_failed(self, step: Step, detail: str) -> None:
        """Kept on record, and tried again when undo runs again."""
        self._step(step, state=Step.State.UNDO_FAILED, detail=detail, attempts=step.attempts + 1)

    def tell(self) -> None:
        """What happened here is told above, by name, in the same transaction."""
        at = timezone.now().isoformat()
        enqueue("orders.run_stopped", run=str(self.run.uid), state=self.run.state, at=at)

    def _step(self, step: Step, **columns: Any) -> None:
        with self.ticket.fenced():
            self._update(step, **columns)

    def _update(self, step: Step, **columns: Any) -> None:
        # What staff skipped meanwhile stays skipped, whatever this process was waiting for.
        rows = Step.objects.filter(pk=step.pk)
        if self.run.state != Run.State.UNDOING:
            rows = rows.exclude(state=Step.State.SKIPPED)
        rows.update(**columns)
        for name, value in columns.items():
            setattr(step, name, value)

    def ended_undo(self, new: str, **also: Any) -> None:
        """Undo has come to its end, or as far as it goes now."""
        with self.ticket.fenced():
            self.move(new, **also)
            self.tell()

    def move(self, new: str, **also: Any) -> None:
        move(self.run, new, moves=Run.MOVES, **also)
