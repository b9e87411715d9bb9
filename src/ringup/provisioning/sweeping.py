"""The sweep: wakes runs that nobody wakes, and repeats refreshes that never finished."""

from __future__ import annotations

import logging

from django.db.models import Q
from django.utils import timezone

from ringup.core.failures import PortFailure
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.parking import drop
from ringup.jobs.tickets import Ticket
from ringup.pbx.models import PbxServer
from ringup.pbx.opening import pbx_for
from ringup.provisioning.approving import run_key, undo_key
from ringup.provisioning.journal import Journal
from ringup.provisioning.models import Run, Step

log = logging.getLogger(__name__)

UNDER_WAY = (Run.State.READY, Run.State.RUNNING, Run.State.WAITING, Run.State.UNDOING)


def sweep(ticket: Ticket) -> None:
    """Job of a schedule. Enqueuing a run that is under way only wakes it: its key has one runner."""
    _stop_given_up(ticket)
    for run in Run.objects.filter(
        state__in=[Run.State.READY, Run.State.RUNNING, Run.State.WAITING]
    ):
        if not _is_due_later(run):
            enqueue("provisioning.advance", key=run_key(run), run=str(run.uid))
    for run in Run.objects.filter(state=Run.State.UNDOING):
        enqueue("provisioning.take_back", key=undo_key(run), run=str(run.uid))
    # Disabled means "no new tenants": those that it has are looked after.
    for server in PbxServer.objects.filter(Q(is_enabled=True) | Q(claimed_tenants__gt=0)):
        ticket.check()
        _refresh_leftovers(server)


def _stop_given_up(ticket: Ticket) -> None:
    """A run whose job was parked, for example because it killed its workers, moves no more: it
    stops where people look, and can be resumed or undone."""
    for run in Run.objects.filter(state__in=UNDER_WAY):
        given_up = Job.objects.filter(key__in=[run_key(run), undo_key(run)], parked=True).first()
        if given_up is None:
            continue
        problem = f"Ringup gave up on its own work here. {given_up.last_error}"
        with ticket.fenced():
            Journal(ticket, run).given_up(problem)
            drop(given_up.pk)


def _is_due_later(run: Run) -> bool:
    """Whether a step waits for a later time, for which its job is enqueued already."""
    return Step.objects.filter(run=run, run_at__gt=timezone.now()).exists()


def _refresh_leftovers(server: PbxServer) -> None:
    try:
        with pbx_for(server) as pbx:
            for key in pbx.unrefreshed():
                log.warning(
                    "refreshing %s on %s, which was committed and not refreshed", key, server
                )
                pbx.refresh(key)
    except PortFailure as failure:
        log.warning("the sweep could not refresh %s: %s", server, failure)
