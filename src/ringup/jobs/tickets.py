"""The ticket: what a running job holds in its hands, and the fence around everything it writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, transaction

from ringup.jobs.clock import FromNow
from ringup.jobs.models import Job

_HOLD = "SELECT 1 FROM jobs_job WHERE id = %s AND owner = %s {lock}"


class LeaseLost(Exception):
    """Another worker has taken this job over, or it has ended: stop, and change nothing."""


@dataclass(frozen=True)
class Ticket:
    """One run of one job, given to the job's function as its first argument.

    ``attempt`` counts the runs begun since the job last succeeded, from 1.
    """

    job_id: int
    name: str
    key: str | None
    attempt: int
    owner: str = field(repr=False)
    lease_seconds: float = field(repr=False)
    lost: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """A transaction for the job's writes, which nobody can take the job from meanwhile.

        Raises ``LeaseLost``, before anything is written, when the job is no longer ours. What is
        enqueued inside is rolled back with it. Must not be used inside another transaction.
        """
        with transaction.atomic(durable=True):
            self._hold()
            yield

    def check(self) -> None:
        """Raise ``LeaseLost`` unless the job is still ours: one small read.

        Call it right before an outside call. Afterwards at least half of the lease is left.
        """
        if self.lost.is_set():
            raise self._lost()
        fresh = Job.objects.filter(
            pk=self.job_id, owner=self.owner, lease_until__gt=FromNow(self.lease_seconds / 2)
        )
        if not fresh.exists():
            self.renew()

    def renew(self) -> None:
        """Make the lease last its full length from now, even if it ran out and nobody came."""
        mine = Job.objects.filter(pk=self.job_id, owner=self.owner)
        if not mine.update(lease_until=FromNow(self.lease_seconds)):
            raise self._lost()

    def _hold(self) -> None:
        """Keep the row from being claimed until the transaction ends.

        On PostgreSQL this is the weakest lock that a claim (FOR UPDATE) skips. An update would do
        as well, but a web request that changed an order and then enqueues this job's key would
        wait for us, while we wait for its order: a deadlock. On SQLite we are alone anyway.
        """
        lock = "FOR KEY SHARE" if connection.features.has_select_for_update else ""
        with connection.cursor() as cursor:
            cursor.execute(_HOLD.format(lock=lock), [self.job_id, self.owner])
            held = cursor.fetchone()
        if self.lost.is_set() or held is None:
            raise self._lost()

    def _lost(self) -> LeaseLost:
        self.lost.set()
        return LeaseLost(f"job {self.job_id} ({self.name}) is no longer ours")
