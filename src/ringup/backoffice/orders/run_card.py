"""A run as staff watches it: steps with their state, duration and results, and what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ringup.core.money import Money, total
from ringup.provisioning.models import Run, Step

LIVE = (Run.State.READY, Run.State.RUNNING, Run.State.WAITING, Run.State.UNDOING)
STOPPED = (Run.State.FAILED, Run.State.ASKING, Run.State.UNDO_FAILED)
SKIPPABLE = "gateway-up/"
FROM_SHELF = "number-adoption/"

# A step's state -> how the stylesheet calls it, the icon, and the word for those who do not see it.
LOOKS = {
    Step.State.READY: ("wait", "circle", "not begun"),
    Step.State.RUNNING: ("now", "spin", "running"),
    Step.State.WAITING: ("now", "spin", "waiting"),
    Step.State.CHECKING: ("now", "spin", "checking the outcome"),
    Step.State.DONE: ("done", "check-circle", "done"),
    Step.State.SKIPPED: ("undone", "minus-circle", "skipped"),
    Step.State.REFUSED: ("failed", "fail", "refused"),
    Step.State.FAILED: ("failed", "fail", "failed"),
    Step.State.UNDONE: ("undone", "undo", "undone"),
    Step.State.UNDO_FAILED: ("failed", "fail", "could not be undone"),
}
TITLES = {
    Run.State.READY: "Waiting for a worker",
    Run.State.DONE: "Everything works",
    Run.State.ASKING: "Asks for your approval again",
    Run.State.UNDOING: "Undoing, newest step first",
    Run.State.UNDONE: "Everything was undone",
    Run.State.UNDO_FAILED: "The undo stopped",
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step."""

    step: Step
    can_skip: bool

    @property
    def state(self) -> str:
        return LOOKS[Step.State(self.step.state)][0]

    @property
    def icon(self) -> str:
        return LOOKS[Step.State(self.step.state)][1]

    @property
    def word(self) -> str:
        return LOOKS[Step.State(self.step.state)][2]

    @property
    def is_finished(self) -> bool:
        return self.step.state in (Step.State.DONE, Step.State.SKIPPED)

    @property
    def duration(self) -> str:
        """How long it took; empty while it runs."""
        if self.step.started is None or self.step.finished is None:
            return ""
        return lasting(self.step.finished - self.step.started)

    @property
    def next_check(self) -> datetime | None:
        """When a waiting step is looked at again."""
        waits = self.step.state in (Step.State.WAITING, Step.State.CHECKING)
        return self.step.run_at if waits else None

    @property
    def mark(self) -> tuple[object, ...]:
        step = self.step
        return (step.pk, step.state, step.attempts, step.detail, step.run_at, step.parts)


@dataclass(frozen=True, slots=True)
class RunCard:
    """A run with its steps. ``charged`` is what the carrier took, as far as the journal knows; a
    number from the own shelf costs nothing that it did not cost before."""

    run: Run
    lines: list[StepLine]
    charged: Money | None
    monthly: Money | None

    @property
    def is_live(self) -> bool:
        """Whether it changes by itself, so that the page looks again."""
        return self.run.state in LIVE

    @property
    def is_stopped(self) -> bool:
        """Whether a person has to decide."""
        return self.run.state in STOPPED

    @property
    def state(self) -> str:
        """As the stylesheet calls it."""
        if self.run.state in (Run.State.DONE, Run.State.UNDONE):
            return "done"
        return "failed" if self.is_stopped else "running"

    @property
    def can_resume(self) -> bool:
        return self.run.state in (Run.State.FAILED, Run.State.ASKING)

    @property
    def can_undo(self) -> bool:
        return Run.State.UNDOING in Run.MOVES[Run.State(self.run.state)] and not self.is_undoing

    @property
    def is_undoing(self) -> bool:
        return self.run.state == Run.State.UNDOING

    @property
    def finished(self) -> int:
        return sum(line.is_finished for line in self.lines)

    @property
    def percent(self) -> int:
        return 100 * self.finished // max(1, len(self.lines))

    @property
    def current(self) -> StepLine | None:
        """The step at which it stands: the first that is not finished."""
        return next((line for line in self.lines if not line.is_finished), None)

    @property
    def title(self) -> str:
        """What happens now, in a few words; spoken when it changes."""
        state = Run.State(self.run.state)
        if state in TITLES:
            return TITLES[state]
        step = self.current.step.text if self.current else "Finishing"
        return f"Stopped at “{step}”" if state == Run.State.FAILED else step

    @property
    def lasted(self) -> str:
        """From start to end; empty while it runs."""
        if self.run.started is None or self.run.finished is None:
            return ""
        return lasting(self.run.finished - self.run.started)

    @property
    def kept(self) -> list[StepLine]:
        """What was made and stands."""
        return [line for line in self.lines if line.step.state == Step.State.DONE]

    @property
    def is_from_shelf(self) -> bool:
        """Whether its number is of the own stock: it is neither bought nor given back."""
        return any(line.step.key.startswith(FROM_SHELF) for line in self.lines)

    @property
    def is_unsure(self) -> bool:
        """Whether a step may have taken effect although its answer never came."""
        return any(line.step.unknown_since is not None for line in self.lines)

    @property
    def mark(self) -> tuple[object, ...]:
        return (self.run.pk, self.run.state, self.run.problem, *(line.mark for line in self.lines))


def run_card(run: Run) -> RunCard:
    """Everything that the run's card shows: two queries."""
    steps = list(run.steps.all())
    changes = {change.key: change for change in run.approval.plan.changes.all()}
    done = [changes[step.key] for step in steps if step.key in changes and _was_paid(step)]
    currency = run.service.account.currency
    open_run = run.state not in (Run.State.DONE, Run.State.UNDOING, Run.State.UNDONE)
    return RunCard(
        run=run,
        lines=[StepLine(step, open_run and _can_skip(step)) for step in steps],
        charged=total((change.cost_once for change in done), currency),
        monthly=total((change.cost_monthly for change in done), currency),
    )


def _was_paid(step: Step) -> bool:
    return step.state == Step.State.DONE and not step.key.startswith(FROM_SHELF)


def _can_skip(step: Step) -> bool:
    waits = step.state in (Step.State.WAITING, Step.State.FAILED)
    return waits and step.key.startswith(SKIPPABLE)


def lasting(span: timedelta) -> str:
    """``under 0.1 s``, ``0.4 s``, ``12 s``, ``2 min 41 s``, ``3 h 5 min``."""
    seconds = span.total_seconds()
    if seconds < 0.1:
        return "under 0.1 s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60} min"
