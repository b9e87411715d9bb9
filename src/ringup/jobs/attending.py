"""The sign of life of worker processes: without it, an idle worker and a missing one look the same."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

from django.db.models import Q

from ringup.jobs.clock import FromNow
from ringup.jobs.models import Job, WorkerSeen

SIGN_SECONDS = 15.0
# Four signs may be missed: a database that restarts, a host that pauses.
GONE_SECONDS = 60.0
_FORGET_SECONDS = 24 * 3600.0


def attend(queues: Sequence[str] = ()) -> None:
    """Leave the sign of this process, and forget those whom nobody has seen for a day."""
    row = WorkerSeen(host=_host(), pid=os.getpid(), queues=",".join(queues)[:200], seen=FromNow())
    WorkerSeen.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["host", "pid"],
        update_fields=["queues", "seen"],
    )
    WorkerSeen.objects.filter(seen__lt=FromNow(-_FORGET_SECONDS)).delete()


def leave() -> None:
    """Take the sign of this process away: it ends."""
    WorkerSeen.objects.filter(host=_host(), pid=os.getpid()).delete()


def living() -> list[WorkerSeen]:
    """The processes that looked for jobs within the last minute, by host."""
    rows = WorkerSeen.objects.filter(seen__gt=FromNow(-GONE_SECONDS))
    return list(rows.order_by("host", "pid"))


def running() -> int:
    """How many jobs are being run now, each by a worker that renews its lease."""
    return Job.objects.filter(~Q(owner=""), lease_until__gt=FromNow()).count()


def late(seconds: float) -> int:
    """How many jobs should have begun that many seconds ago, and nobody took them."""
    return Job.objects.filter(parked=False, owner="", due__lt=FromNow(-seconds)).count()


def _host() -> str:
    return socket.gethostname()[:100]
