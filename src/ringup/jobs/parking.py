"""Parked jobs: those that failed too often, or killed their workers, and wait for a person.

Find them with ``Job.objects.filter(parked=True)``; ``last_error`` says why.
"""

from __future__ import annotations

from django.db.models import QuerySet

from ringup.jobs.clock import FromNow
from ringup.jobs.models import Job
from ringup.jobs.waking import publish_on_commit


def release(job_id: int) -> bool:
    """Let a parked job run again, now and with all its tries, in the caller's transaction.

    False, and nothing changes, when it is not parked (any more).
    """
    return _release(Job.objects.filter(pk=job_id))


def release_key(key: str) -> bool:
    """``release`` for the one unfinished job of this key."""
    return _release(Job.objects.filter(key=key))


def drop(job_id: int) -> bool:
    """Remove a parked job for good. False when it is not parked (any more)."""
    return bool(Job.objects.filter(pk=job_id, parked=True).delete()[0])


def _release(jobs: QuerySet[Job]) -> bool:
    parked = jobs.filter(parked=True)
    released = parked.update(parked=False, tries=0, deaths=0, due=FromNow())
    if released:
        publish_on_commit("")
    return bool(released)
