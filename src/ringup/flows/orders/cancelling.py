"""Ending an order that was not carried out: rejected by staff, or cancelled by either side."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ringup.catalog import promotions, stock
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.core.states import IllegalMove, StaleState, move
from ringup.flows.orders.approving import latest_run, service_of
from ringup.jobs.enqueuing import enqueue
from ringup.numbers import holding
from ringup.numbers.letting_go import let_go
from ringup.numbers.models import OwnedNumber
from ringup.orders.locking import lock
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from ringup.regulatory import withdrawing
from ringup.services.domains import release
from ringup.services.models import Service


def reject(order: Order, *, reason: str, actor: Actor) -> None:
    """Staff says no. The client is told why; number and domain are free again."""
    if not reason.strip():
        raise Refusal("Say why: the client reads it.", field="reason")
    _end(order, Order.State.REJECTED, f"Not accepted: {reason.strip()}", actor)


def cancel(order: Order, *, actor: Actor) -> None:
    """The client changes his mind before staff has approved."""
    _end(order, Order.State.CANCELLED, "Cancelled before it was carried out.", actor)


def cancel_for_client(order: Order, *, reason: str, actor: Actor) -> None:
    """Staff cancels: the client asked for it, or it cannot be done. The client is told why."""
    if not reason.strip():
        raise Refusal("Say why: the client reads it.", field="reason")
    _end(order, Order.State.CANCELLED, f"Cancelled by our staff: {reason.strip()}", actor)


def _end(order: Order, state: Order.State, text: str, actor: Actor) -> None:
    run = latest_run(order)
    if run is not None and run.state in Run.OPEN:
        raise Refusal("This order is being carried out. Undo its run first; then end the order.")
    try:
        with transaction.atomic():
            lock(order)
            order.move_to(state, actor=actor, text=text)
            # Nobody waits for an answer about an order that ended.
            Order.objects.filter(pk=order.pk).update(closed=timezone.now(), asked=None, proposed={})
            _let_go(order, actor)
            Activity.record(actor, f"order:{order.uid}", text[:200])
            enqueue("orders.ended", order=str(order.uid))
    except (IllegalMove, StaleState) as error:
        raise Refusal("This order can no longer be ended here. Reload the page.") from error


def _let_go(order: Order, actor: Actor) -> None:
    """Nothing is kept for an order that ended: papers, lock, wish for a number, domain, services."""
    service = service_of(order)
    if service.papers is not None and withdrawing.close(service.papers, actor=actor):
        # What reached the carrier is deleted there, where nothing else needs it.
        uid = str(service.papers.uid)
        enqueue("papers.withdraw", key=f"papers/withdraw/{uid}", file=uid)
    # In the order in which submitting takes them: product, number, code.
    stock.give_back(order.draft.sold)
    holding.end(order.draft.uid)
    release(service)
    for part in (service, *service.parts.filter(state=Service.State.PENDING)):
        move(part, Service.State.CANCELLED, moves=Service.MOVES)
        # Mostly it is only wanted. One that a run bought and lost sight of is found as nobody's.
        numbers = OwnedNumber.objects.filter(service=part)
        let_go(numbers.exclude(state=OwnedNumber.State.RELEASED))
    promotions.give_back(order.uid)
