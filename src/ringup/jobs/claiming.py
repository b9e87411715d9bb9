"""Claiming a job, and ending a claim: one code for SQLite and PostgreSQL.

Every statement that ends a claim is conditional on its owner, so that a process which was frozen,
or which the database forgot meanwhile, ends nothing that is no longer its own.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Case, F, QuerySet, When

from ringup.jobs.clock import FromNow, clock_sql, seconds_since_sql, span
from ringup.jobs.models import Job
from ringup.jobs.tickets import Ticket

_CLAIM = """
    UPDATE jobs_job SET
        owner = %s,
        lease_until = {clock},
        tries = tries + 1,
        deaths = deaths + CASE WHEN owner = '' THEN 0 ELSE 1 END
    WHERE id = (
        SELECT id FROM jobs_job
        WHERE NOT parked AND due <= {clock}
            AND (lease_until IS NULL OR (%s AND lease_until <= {clock}))
            {queues}
        ORDER BY due, id LIMIT 1 {skip_locked})
    RETURNING id, name, key, tries, arguments, deaths, {waited}
"""

_REMOVE = "DELETE FROM jobs_job WHERE id = %s AND owner = %s AND next_due IS NULL"


@dataclass(frozen=True)
class Claim:
    """A job that this process alone may run, until its lease runs out. ``arguments`` is JSON.

    ``deaths`` counts the workers that died running it. ``waited_seconds`` is the time from when it
    was due until now.
    """

    ticket: Ticket
    arguments: str
    deaths: int
    waited_seconds: float


def claim(queues: Sequence[str] = (), *, take_over: bool = True) -> Claim | None:
    """Take the job that has been due longest (of ``queues``, if any), or None when there is none.

    With ``take_over``, also a job whose worker let its lease run out.
    """
    lease = float(settings.RINGUP_LEASE_SECONDS)
    owner = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(8)}"
    statement = _CLAIM.format(
        clock=clock_sql(),
        queues=f"AND queue IN ({', '.join(['%s'] * len(queues))})" if queues else "",
        skip_locked="FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update else "",
        waited=seconds_since_sql("due"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [owner, span(lease), span(), take_over, span(), *queues])
        rows = cursor.fetchall()
    if not rows:
        return None
    job_id, name, key, tries, arguments, deaths, waited = rows[0]
    ticket = Ticket(job_id, name, key, tries, owner, lease)
    return Claim(ticket, arguments, deaths, waited)


def complete(ticket: Ticket) -> bool:
    """The job has done its work: remove it, or let it wait for the run that was asked for
    meanwhile. False, and nothing changes, when it is no longer ours."""
    with connection.cursor() as cursor:  # Django's delete() would make three statements of it
        cursor.execute(_REMOVE, [ticket.job_id, ticket.owner])
        if cursor.rowcount:
            return True
    # Only its owner ever clears next_due, so between both statements nothing can slip through.
    again = (
        _mine(ticket)
        .filter(next_due__isnull=False)
        .update(
            owner="",
            lease_until=None,
            due=F("next_due"),
            next_due=None,
            tries=0,
            deaths=0,
            last_error="",
        )
    )
    return again == 1


def put_back(ticket: Ticket, *, error: str, delay_seconds: float) -> bool:
    """The run failed: let the job wait for its next try, or for an earlier wake-up."""
    retry = FromNow(delay_seconds)
    due = Case(When(next_due__lt=retry, then=F("next_due")), default=retry)
    return _end(ticket, error, due=due, next_due=None)


def park(ticket: Ticket, *, error: str) -> bool:
    """The job failed too often: keep it until a person releases or drops it."""
    return _end(ticket, error, parked=True, next_due=None)


def _end(ticket: Ticket, error: str, **changes: Any) -> bool:
    ended = _mine(ticket).update(owner="", lease_until=None, last_error=error, **changes)
    return ended == 1


def _mine(ticket: Ticket) -> QuerySet[Job]:
    return Job.objects.filter(pk=ticket.job_id, owner=ticket.owner)
