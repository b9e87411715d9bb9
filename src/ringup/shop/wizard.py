"""The checkout as a list of steps, and the way through it."""

from __future__ import annotations

from ringup.orders.models import Draft
from ringup.shop.steps.administrator import AdministratorStep
from ringup.shop.steps.company import CompanyStep
from ringup.shop.steps.destination import DestinationStep
from ringup.shop.steps.number import NumberStep
from ringup.shop.steps.options import OptionsStep
from ringup.shop.steps.papers import PapersStep
from ringup.shop.steps.step import Step
from ringup.shop.steps.tenant import TenantStep

STEPS: tuple[Step, ...] = (
    CompanyStep(),
    NumberStep(),
    PapersStep(),
    OptionsStep(),
    TenantStep(),
    AdministratorStep(),
    DestinationStep(),
)


def steps_of(draft: Draft) -> list[Step]:
    """The steps of this draft, in order."""
    return [step for step in STEPS if step.applies(draft)]


def step_of(draft: Draft, slug: str) -> Step | None:
    """The draft's step of this slug."""
    return next((step for step in steps_of(draft) if step.slug == slug), None)


def first_open(draft: Draft) -> Step:
    """The first step that is not complete; the last one when all are."""
    steps = steps_of(draft)
    return next((step for step in steps if not step.complete(draft)), steps[-1])


def is_complete(draft: Draft) -> bool:
    """Whether no step is missing."""
    return all(step.complete(draft) for step in steps_of(draft))


def step_after(draft: Draft, step: Step) -> Step | None:
    """The next step; None behind the last."""
    steps = steps_of(draft)
    place = steps.index(step) + 1
    return steps[place] if place < len(steps) else None


def step_before(draft: Draft, step: Step) -> Step | None:
    """The step before; None before the first."""
    steps = steps_of(draft)
    place = steps.index(step)
    return steps[place - 1] if place else None


def step_for(draft: Draft, field: str, *, current: Step) -> Step:
    """The step to which a refusal belongs, by the step's or the input's name."""
    steps = steps_of(draft)
    for step in (current, *steps):
        if field == step.slug or field in step.inputs:
            return step
    return current
