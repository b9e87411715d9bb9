"""Consent to exactly the rows of a plan, and the test whether what is left is still within it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from ringup.core.actors import Actor
from ringup.core.fields import money_columns
from ringup.core.money import total
from ringup.core.sentences import Refusal
from ringup.jobs.enqueuing import enqueue
from ringup.provisioning.mapped import not_mapped
from ringup.provisioning.models import Approval, Plan, Run, Step
from ringup.provisioning.step import PlannedChange


def run_key(run: Run) -> str:
    """The key of a run's job: one runner per run."""
    return f"run/{run.uid}"


def undo_key(run: Run) -> str:
    """The key of a run's undo job."""
    return f"undo/{run.uid}"


def approve_plan(plan: Plan, *, digest: str, actor: Actor) -> Run:
    """Store the consent and start a run, in one transaction. Two approvers: one wins."""
    if digest != plan.digest or plan.generation != plan.service.generation:
        raise Refusal(
            "The plan has changed since you looked. Nothing was started. Read the new one."
        )
    if not plan.is_possible:
        raise Refusal(
            "This plan cannot be carried out yet. Nothing was started. See its conditions."
        )
    if sentence := not_mapped(plan.service):
        raise Refusal(sentence)
    try:
        with transaction.atomic():
            approval = _consent(plan, actor)
            run = _run(plan, approval)
            enqueue("provisioning.advance", key=run_key(run), run=str(run.uid))
    except IntegrityError as error:
        raise Refusal(
            "This order, or another change of its PBX, is already being carried out. "
            "Nothing was started twice. Wait until it ends."
        ) from error
    return run


def _consent(plan: Plan, actor: Actor) -> Approval:
    changes = list(plan.changes.all())
    currency = plan.service.account.currency
    return Approval.objects.create(
        plan=plan,
        by=actor.name,
        by_label=actor.label,
        until=timezone.now() + timedelta(hours=settings.RINGUP_APPROVAL_HOURS),
        **money_columns(
            bound_once=total((change.cost_once for change in changes), currency),
            bound_monthly=total((change.cost_monthly for change in changes), currency),
        ),
    )


def _run(plan: Plan, approval: Approval) -> Run:
    service = plan.service
    run = Run.objects.create(
        service=service,
        tenant=service.tenant or service,
        approval=approval,
        generation=plan.generation,
    )
    Step.objects.bulk_create(
        Step(
            run=run,
            position=change.position,
            key=change.key,
            target=change.target,
            text=change.text,
        )
        for change in plan.changes.all()
    )
    return run


def outside_approval(left: Sequence[PlannedChange], approval: Approval) -> str:
    """Why what is left to do is not what was approved; empty when it is within its bounds."""
    approved = {change.key: change for change in approval.plan.changes.all()}
    for change in left:
        row = approved.get(change.key)
        if row is None or (row.action, row.wanted_digest) != (change.action, change.digest):
            return f"Not approved: {change.text}."
        if change.cost_once > row.cost_once or change.cost_monthly > row.cost_monthly:
            return (
                f"{change.text} now costs {change.cost_once} once and {change.cost_monthly} a month; "
                f"approved were {row.cost_once} and {row.cost_monthly}."
            )
    costs = any(change.cost_once or change.cost_monthly for change in left)
    if costs and timezone.now() > approval.until:
        return f"The approval ended on {approval.until:%Y-%m-%d %H:%M} UTC, before the purchase."
    return ""
