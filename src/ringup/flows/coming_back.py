"""Coming back from a backup: nothing goes on by itself, since the world went on without us.

What the database believes is as old as the backup. Steps that it calls untouched may have been taken
since, mails that wait may have been sent. So every unfinished run asks, every job waits for a person,
and everybody signs in again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.states import move
from ringup.flows.health.backups import INSTALLATION
from ringup.flows.models import Checkup
from ringup.jobs.models import Job, Schedule, WorkerSeen
from ringup.mail.models import Outbox
from ringup.numbers.models import IndexSeen
from ringup.orders.models import Order
from ringup.provisioning.models import Run, Step

RESTORED = "restored a backup"
SAID = "Our staff is looking at your order once more."
# These wake a run; staff's resume and undo wake it again.
_OF_RUNS = ("provisioning.advance", "provisioning.take_back")
_STOPPED = (Step.State.DONE, Step.State.SKIPPED, Step.State.UNDONE, Step.State.UNDO_FAILED)


@dataclass(frozen=True, slots=True)
class CameBack:
    """What now waits for a person: labels of orders, parked jobs, and mails among them."""

    orders: tuple[str, ...]
    jobs: int
    mails: int


def come_back(made: datetime, *, actor: Actor) -> CameBack:
    """Let everything in a restored database, whose backup was ``made`` then, wait for a person."""
    moment = f"{made:%Y-%m-%d %H:%M} UTC"
    with transaction.atomic():
        runs = Run.objects.filter(state__in=Run.OPEN).order_by("pk")
        orders = [label for run in runs if (label := _ask(run, moment, actor))]
        jobs = _park_jobs(moment)
        mails = Outbox.objects.filter(state=Outbox.State.WAITING).update(
            error=f"Restored from the backup of {moment}: it may have been sent already."
        )
        for model in (Session, WorkerSeen, IndexSeen, Checkup):
            model._default_manager.all().delete()
        Activity.record(
            actor, INSTALLATION, RESTORED, made=moment, orders=orders, jobs=jobs, mails=mails
        )
    return CameBack(tuple(orders), jobs, mails)


def _ask(run: Run, moment: str, actor: Actor) -> str:
    """Stop one run where staff looks, and return its order's label ("" without an order).

    A step that had not begun may have been taken since: from now on it counts as touched, so that
    undo looks for it as well. A run that was being undone can only be undone further.
    """
    problem = (
        f"Restored from the backup of {moment}. What happened since is not known here: look at the "
        "provider and the PBX. Then resume (every step is looked for outside first) or undo."
    )
    if run.state == Run.State.UNDOING:
        problem = (
            f"Restored from the backup of {moment}, in the middle of undoing. What is undone since "
            "is found missing and does no harm: undo again."
        )
        move(run, Run.State.UNDO_FAILED, moves=Run.MOVES, problem=problem)
    elif run.state in (Run.State.READY, Run.State.RUNNING, Run.State.WAITING):
        move(run, Run.State.ASKING, moves=Run.MOVES, problem=problem, client_problem=SAID)
    else:
        Run.objects.filter(pk=run.pk).update(problem=f"{problem}\n\nBefore: {run.problem}")
    open_steps = run.steps.exclude(state__in=_STOPPED)
    open_steps.filter(state=Step.State.REFUSED).update(state=Step.State.FAILED)
    open_steps.update(touched=True, run_at=None, unknown_since=None)
    order = Order.objects.filter(lines__service=run.service_id).first()
    if order is None:
        return ""
    order.note("", actor=actor, staff_text=problem)
    return order.label


def _park_jobs(moment: str) -> int:
    """No job begins: those of runs and of schedules go, all others wait to be released."""
    slots = Q(pk__in=[])
    for name in settings.RINGUP_SCHEDULES:
        slots |= Q(key__startswith=f"{name}@")
    Job.objects.filter(slots | Q(name__in=_OF_RUNS)).delete()
    Schedule.objects.all().delete()
    return Job.objects.filter(parked=False).update(
        parked=True,
        owner="",
        lease_until=None,
        next_due=None,
        last_error=f"Restored from the backup of {moment}: a person decides whether to do it.",
    )
