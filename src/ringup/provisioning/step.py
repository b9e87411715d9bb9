"""What a step of a run can do. Steps live in ``provisioning/steps/``, one file each."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ringup.core.money import Money


class Waiting(Exception):
    """The outside needs time: look again in ``seconds``. Not a failure."""

    def __init__(self, detail: str, *, seconds: float) -> None:
        super().__init__(detail)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One row of a plan. Identity is (key, action, digest); text, parts and target are for people."""

    key: str
    action: str
    digest: str
    target: str
    text: str
    cost_once: Money
    cost_monthly: Money
    undoable: bool = True
    parts: tuple[str, ...] = field(default=())


class StepWork(Protocol):
    """One resource of a blueprint, with its hands.

    ``settle_seconds`` is how long an unknown outcome may take to show outside: until then a look
    that finds nothing proves nothing, and the step is not applied again.
    """

    key: str
    target: str
    settle_seconds: float
    can_skip: bool

    def change(self) -> PlannedChange:
        """The plan row for making this resource. May look outside for its cost. Changes nothing."""

    def is_done(self) -> bool:
        """Ask the outside system, not our records, and prove that what is there is ours. Raises
        ``Waiting`` where it is being made there, and needs time."""

    def apply(self, *, run: str, started: datetime) -> list[str]:
        """Make it. Returns what was made, in words. Calling it again after a crash does no harm.

        ``run`` names the run; ``started`` is when this step was first tried.
        """

    def undo(self) -> list[str]:
        """Take it back, also a half-made one. Repeatable. Returns what was removed, in words."""


def digest_of(wanted: Any) -> str:
    """The fingerprint of a wanted thing. Secrets are late-bound and never part of it."""
    text = json.dumps(wanted, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
