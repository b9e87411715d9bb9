"""Worker processes that are killed at an exact point of a run, or of its undo.

The child is a real process with its own connections; it works on due jobs like any worker, until
the chosen step, where it kills itself with SIGKILL: no handler, no cleanup, no journal entry.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.provisioning import running, undoing
from ringup.provisioning.site import Site
from ringup.provisioning.step import StepWork
from ringup.services.models import Service

Moment = str  # "before" or "after" the outside call


def die_at(step: str, verb: str, moment: Moment) -> bool:
    """Work in a child until it dies ``moment`` the ``verb`` (apply, undo) of ``step``.

    ``step`` is the first part of a step's key. Returns whether the child did die there; the dead
    worker's lease is over when this returns.
    """
    connections.close_all()
    child = os.fork()
    if child == 0:
        _work_until_death(step, verb, moment)
    _, status = os.waitpid(child, 0)
    _end_leases()
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _work_until_death(step: str, verb: str, moment: Moment) -> None:
    """In the child. Never returns."""
    try:
        genuine = running.steps_for

        def armed(service: Service, site: Site) -> list[StepWork]:
            works = genuine(service, site)
            for work in works:
                if work.key.startswith(step):
                    _arm(work, verb, moment)
            return works

        running.steps_for = armed
        undoing.steps_for = armed
        while run_one():
            pass
    finally:
        os._exit(0)


def _arm(work: StepWork, verb: str, moment: Moment) -> None:
    genuine: Callable[..., list[str]] = getattr(work, verb)

    def deadly(**arguments: object) -> list[str]:
        try:
            # A step that waits for the outside has called it, too, and says so by raising.
            return genuine(**arguments) if moment == "after" else []
        finally:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(work, verb, deadly)


def _end_leases() -> None:
    """As if the lease time had gone by."""
    Job.objects.exclude(owner="").update(lease_until=timezone.now() - timedelta(minutes=5))
