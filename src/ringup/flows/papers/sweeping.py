"""The sweep over papers: what no callback told, what a dead process left, and what takes too long."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from ringup.carriers.opening import papers_for
from ringup.core.actors import RINGUP
from ringup.core.failures import PortFailure
from ringup.core.models import Activity
from ringup.flows.papers import slow
from ringup.flows.papers.of_orders import order_of, run_of
from ringup.flows.papers.sending import wake
from ringup.jobs.tickets import Ticket
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.models import Run, Step
from ringup.regulatory import submitting, withdrawing
from ringup.regulatory.models import RegulatoryFile

log = logging.getLogger(__name__)
_State = RegulatoryFile.State
AT_THE_CARRIER = (_State.ORDER_PLACED, _State.BLOCKED, _State.TERMINATED, _State.REJECTED)
# So long after a process began to submit something, what it left is looked for.
LEFT_AFTER, LEFT_WITHIN = timedelta(minutes=10), timedelta(hours=6)


def sweep(ticket: Ticket) -> None:
    """Job of a schedule. Every part of it may be done again."""
    for file in _files(AT_THE_CARRIER):
        ticket.check()
        slow.look(file)
        _look(ticket, file)
    for file in _left_behind():
        ticket.check()
        _find_left(file)


def _files(states: tuple[_State, ...]) -> QuerySet[RegulatoryFile]:
    rows = RegulatoryFile.objects.filter(state__in=states, service__isnull=False)
    return rows.select_related("account", "identity", "address", "brand", "service").order_by("pk")


def _look(ticket: Ticket, file: RegulatoryFile) -> None:
    """A run that waits has its own rhythm, and is woken where that was lost. For one that stands still
    for another reason we ask, so that the books are right, and staff hears when it can go on."""
    run = run_of(file)
    if run is None or run.state in (Run.State.READY, Run.State.RUNNING, Run.State.UNDOING):
        return
    if run.state == Run.State.WAITING:
        if not Step.objects.filter(run=run, run_at__gt=timezone.now()).exists():
            with ticket.fenced():
                wake(run)
        return
    if run.state in Run.OPEN:
        _ask(file)


def _ask(file: RegulatoryFile) -> None:
    number = file.number
    if number is None or number.state != OwnedNumber.State.OWNED:
        return
    before = file.state
    try:
        with papers_for(file.account) as carrier:
            submitting.look(file, carrier, number=number.uid)
    except PortFailure as failure:
        log.warning("how %s stands is not known: %s", file, failure)
        return
    order = order_of(file)
    if order is not None and file.state == _State.ACTIVE != before:
        text = "The number is active at the provider, but the run stands still. Resume it."
        order.note("", actor=RINGUP, staff_text=text)


# -- what a dead process left -------------------------------------------------------------------------


def _left_behind() -> list[RegulatoryFile]:
    """Files whose identity somebody began to submit, and nobody wrote down that it was; and those of
    orders that ended meanwhile."""
    now = timezone.now()
    begun = Activity.objects.filter(
        what=submitting.BEGUN, at__lt=now - LEFT_AFTER, at__gt=now - LEFT_WITHIN
    )
    uids = {subject.partition(":")[2] for subject in begun.values_list("subject", flat=True)}
    is_unwritten = Q(identity__carrier_key="") & Q(state=_State.PENDING_REVIEW)
    rows = RegulatoryFile.objects.filter(is_unwritten | Q(state=_State.CLOSED), uid__in=uids)
    return list(rows.select_related("account", "identity", "address").order_by("pk"))


def _find_left(file: RegulatoryFile) -> None:
    """What is found is written down, or deleted where its order has ended."""
    try:
        with papers_for(file.account) as carrier:
            if file.state == _State.CLOSED:
                withdrawing.withdraw(file, carrier)
            else:
                submitting.find_submitted(file, carrier)
    except PortFailure as failure:
        log.warning("whether %s was submitted is not known: %s", file, failure)


def slow_orders() -> QuerySet[Order]:
    """The orders whose papers the carrier looks at for too long, for the page of the day."""
    files = RegulatoryFile.objects.filter(state=_State.ORDER_PLACED, slow_level__gt=0)
    return Order.objects.filter(lines__service__papers__in=files).order_by("pk")
