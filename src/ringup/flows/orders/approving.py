"""Staff's verbs on an order that waits or runs: look again, approve, resume, skip, take back.

What keeps an order from approval stands here too: ``hindrances`` and, to be ticked, its doubts.
"""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.db.models import Q

from ringup.accounts.verifying import is_verified
from ringup.catalog import selling
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.core.states import IllegalMove, StaleState, move
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.parking import release_key
from ringup.orders.locking import lock
from ringup.orders.models import Order
from ringup.orders.proposals import open_proposal
from ringup.provisioning.approving import approve_plan, run_key, undo_key
from ringup.provisioning.models import Plan, Run, Step
from ringup.regulatory import checking, correcting
from ringup.regulatory.models import RegulatoryFile
from ringup.regulatory.moving import sending_key
from ringup.services.models import Service

GOES_ON = (
    Run.State.READY, Run.State.RUNNING, Run.State.WAITING, Run.State.FAILED, Run.State.ASKING,
)  # fmt: skip
BEING_PLANNED = "The plan is being made. Nothing was started. Wait a moment, then read it."
PROPOSED = (
    "Another number is proposed to the client, who has not answered yet. Nothing was started. Wait "
    "for the answer, or take the proposal back."
)
ASKED = (
    "The client has not answered our question yet. Nothing was started. Wait for the answer, or "
    "withdraw the question."
)
NOT_PROVED = (
    "The client has no service with us yet and has not proved his e-mail address. Nothing was "
    "started. Mail the link again, or place the order for him after a call."
)
DOUBTED = (
    "Something about this order should be looked at first. Nothing was started. Read the yellow "
    "card, tick that you have looked at it, and approve again."
)
BEING_SENT = (
    "The papers are being sent to the provider right now. Nothing was changed. Wait a moment."
)
ADDITION = (
    "Seats and add-ons cannot be added to a PBX that runs yet. Nothing was started. Cancel the order, "
    "and add them on the PBX itself."
)
MOVED = "Somebody else changed this order first. Nothing was started. Reload the page."


def service_of(order: Order) -> Service:
    """The service that the order is to become. One line an order, for now."""
    return Service.objects.select_related("account", "server", "number").get(line__order=order)


def latest_plan(order: Order) -> Plan | None:
    """The newest plan of the order's service; None while the first is being made."""
    return Plan.objects.filter(service__line__order=order).order_by("pk").last()


def latest_run(order: Order) -> Run | None:
    """The newest run of the order's service."""
    return Run.objects.filter(service__line__order=order).order_by("pk").last()


def replan(order: Order, *, actor: Actor) -> None:
    """Look at the world again; the page shows the new plan when it is there."""
    service = service_of(order)
    with transaction.atomic():
        Activity.record(actor, f"order:{order.uid}", "asked for a new plan")
        _look_again(service)


def plan_anew(service: Service) -> None:
    """What is wanted has changed, in the caller's transaction: no earlier plan can be approved."""
    Plan.objects.filter(service=service, approval__isnull=True).delete()
    _look_again(service)


def _look_again(service: Service) -> None:
    release_key(f"plan/{service.pk}")
    enqueue("provisioning.plan", key=f"plan/{service.pk}", service=str(service.uid))


def approve(order: Order, *, digest: str, actor: Actor, doubts_seen: str = "") -> Run:
    """Consent to the latest plan, as seen (``digest``), and start it. ``doubts_seen`` is the
    ``doubts_mark`` of the doubts that staff has looked at."""
    try:
        with transaction.atomic():
            lock(order)
            plan = latest_plan(order)
            if plan is None or _is_planned_anew(plan):
                raise Refusal(BEING_PLANNED)
            _require_free(order, doubts_seen)
            order.move_to(Order.State.APPROVED, actor=actor, text="Approved. We are setting it up.")
            Order.objects.filter(pk=order.pk).update(proposed={})
            run = approve_plan(plan, digest=digest, actor=actor)
            Activity.record(actor, f"order:{order.uid}", "approved the plan", digest=digest)
    except (IllegalMove, StaleState) as error:
        raise Refusal(MOVED) from error
    return run


def _is_planned_anew(plan: Plan) -> bool:
    """Whether another plan was asked for since: something may have been changed behind this one. A
    job that runs and was not asked for again began behind the last change."""
    jobs = Job.objects.filter(key=f"plan/{plan.service_id}", parked=False)
    return jobs.filter(Q(owner="") | Q(next_due__isnull=False)).exists()


def _require_free(order: Order, doubts_seen: str) -> None:
    """Refuse while something waits to be answered, proved or looked at."""
    if order.state != Order.State.PENDING:
        raise Refusal(MOVED)
    for sentence in hindrances(order):
        raise Refusal(sentence)
    if order.doubts and doubts_seen != doubts_mark(order):
        raise Refusal(DOUBTED)


def hindrances(order: Order) -> list[str]:
    """What must happen before a pending order can be approved, whatever its plan says."""
    if order.state != Order.State.PENDING:
        return []
    asked = [ASKED] if order.asked is not None else []
    proposed = [PROPOSED] if open_proposal(order) is not None else []
    addition = [ADDITION] if is_addition(order) else []
    unproved = [NOT_PROVED] if lacks_proof(order) else []
    return [*addition, *proposed, *asked, *unproved, *_of_papers(order)]


def _of_papers(order: Order) -> list[str]:
    """What must be settled in the papers of its number, and that nobody sends them right now."""
    files = RegulatoryFile.objects.select_related("identity", "address", "client")
    file = files.filter(service__line__order=order).first()
    if file is None:
        return []
    is_sent = Job.objects.filter(key=sending_key(file), parked=False).exists()
    return [*checking.hindrances(file), *([BEING_SENT] if is_sent else [])]


def is_addition(order: Order) -> bool:
    """Whether it orders something that is only sold as a part: there is no recipe that adds seats or
    an add-on to a PBX that runs."""
    kinds = order.lines.exclude(product=None).values_list("product__kind", flat=True)
    return not set(kinds) <= set(selling.ALONE)


def lacks_proof(order: Order) -> bool:
    """Whether the brand wants a proved e-mail address first: of a client who has no service yet and
    ordered himself."""
    if not order.brand.needs_proved_email or order.draft.placed_by_id is not None:
        return False
    client = order.client
    has_service = Service.objects.filter(client=client, state=Service.State.ACTIVE).exists()
    return not has_service and not is_verified(client)


def doubts_mark(order: Order) -> str:
    """Changes with the order's doubts: what staff ticks is what staff has read."""
    return hashlib.sha256(repr(order.doubts).encode()).hexdigest()[:16]


def resume(run: Run, *, actor: Actor) -> None:
    """Go on with a failed run: every step is looked for outside again, finished ones are found."""
    if run.state not in (Run.State.FAILED, Run.State.ASKING):
        raise Refusal("The run is going on already. Nothing was started twice. Reload the page.")
    papers = run.service.papers
    if papers is not None and papers.asked and papers.state in correcting.MAY_ASK:
        # It would send papers in that somebody has found wrong, and buy a number for them.
        raise Refusal(f"{checking.CORRECTION_OPEN} Nothing was started.")
    with transaction.atomic():
        _move(run, Run.State.RUNNING, problem="", client_problem="")
        open_steps = run.steps.exclude(state=Step.State.SKIPPED)
        open_steps.filter(state=Step.State.DONE).update(state=Step.State.READY)
        open_steps.exclude(state__in=[Step.State.READY]).update(
            state=Step.State.READY, attempts=0, started=None, run_at=None
        )
        _tell(run, actor, "resumed the run")
        _wake(run)


def skip_step(step: Step, *, reason: str, actor: Actor) -> None:
    """Go on without a proof that staff takes upon itself. Only the gateway's registration."""
    if not step.key.startswith("gateway-up/"):
        raise Refusal("Only the proof of the gateway's registration can be skipped.")
    if not reason.strip():
        raise Refusal(
            "Say why it may be skipped: the reason is kept with the order.", field="reason"
        )
    run = step.run
    if run.state not in GOES_ON:
        raise Refusal("This run has ended. Nothing was changed. Reload the page.")
    with transaction.atomic():
        rows = Step.objects.filter(pk=step.pk).exclude(state__in=[Step.State.DONE])
        if rows.update(state=Step.State.SKIPPED, detail=f"Skipped: {reason}", run_at=None) != 1:
            raise Refusal("This step is finished already.")
        if run.state == Run.State.FAILED:
            _move(run, Run.State.RUNNING, problem="", client_problem="")
        _tell(run, actor, f"skipped “{step.text}”: {reason}")
        _wake(run)


def take_back(run: Run, *, actor: Actor) -> None:
    """Undo a run whose service is not live."""
    with transaction.atomic():
        _move(run, Run.State.UNDOING)
        _tell(run, actor, "started to undo the run")
        release_key(undo_key(run))
        enqueue("provisioning.take_back", key=undo_key(run), run=str(run.uid))


def _wake(run: Run) -> None:
    """Have the run go on, also when its job was parked after too many failures."""
    release_key(run_key(run))
    enqueue("provisioning.advance", key=run_key(run), run=str(run.uid))


def _move(run: Run, new: Run.State, **also: str) -> None:
    try:
        move(run, new, moves=Run.MOVES, **also)
    except (IllegalMove, StaleState) as error:
        raise Refusal(
            "The run is not in a state for this any more. Nothing was changed. Reload the page."
        ) from error


def _tell(run: Run, actor: Actor, what: str) -> None:
    order = run.service.line.order
    order.note("", actor=actor, staff_text=f"{actor.label} {what}.")
    Activity.record(actor, f"order:{order.uid}", what[:200], run=str(run.uid))
