"""Enqueuing: one row in the caller's transaction. It exists if, and only if, that commits."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from ringup.jobs.clock import clock_sql, span
from ringup.jobs.waking import publish_on_commit

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"
JobFunction: TypeAlias = Callable[..., None]

# A key that waits keeps its row, with the earlier due time. A key that runs is asked for again.
# The row is written either way, so that a worker cannot claim it before the caller has committed.
_ENQUEUE = """
    INSERT INTO jobs_job
        (name, arguments, key, queue, due, created,
         tries, deaths, owner, last_error, parked)
    VALUES (%s, %s, %s, %s, {due}, {now}, 0, 0, '', '', %s)
    ON CONFLICT (key) DO UPDATE SET
        due = CASE
            WHEN jobs_job.owner = '' AND excluded.due < jobs_job.due THEN excluded.due
            ELSE jobs_job.due END,
        next_due = CASE
            WHEN jobs_job.owner = '' THEN jobs_job.next_due
            WHEN jobs_job.next_due < excluded.due THEN jobs_job.next_due
            ELSE excluded.due END
"""


class UnknownJob(LookupError):
    """No job of this name is registered in ``RINGUP_JOBS``."""


def function_of(name: str) -> JobFunction:
    """The function behind a job's name."""
    path = settings.RINGUP_JOBS.get(name)
    if path is None:
        raise UnknownJob(f"there is no job named {name!r} in RINGUP_JOBS")
    return _load(path)


def enqueue(
    name: str,
    /,
    *,
    key: str | None = None,
    due: datetime | None = None,
    delay_seconds: float = 0,
    queue: str = "default",
    **arguments: JSON,
) -> None:
    """Have ``name`` run with ``arguments``: now, at ``due``, or in ``delay_seconds``.

    At most one unfinished job has a given ``key``. Enqueued again while it waits, it runs at the
    earlier of both times, with the arguments it has. Enqueued again while it runs, it runs once
    more afterwards: a wake-up is never lost, and a key never has two runners. A parked job stays
    parked (see ``parking.release``).

    Raises ``UnknownJob``, or ``TypeError`` or ``ValueError`` for arguments that its function does
    not take or that are not JSON, before anything is written.
    """
    _require_sense(key, due, delay_seconds, queue)
    _signature(function_of(name)).bind(None, **arguments)
    text = json.dumps(arguments, allow_nan=False)
    when = clock_sql()
    moment: str | None = span(delay_seconds)
    if due is not None:
        when, moment = "%s", connection.ops.adapt_datetimefield_value(due)
    statement = _ENQUEUE.format(due=when, now=clock_sql())
    with connection.cursor() as cursor:
        cursor.execute(statement, [name, text, key, queue, moment, span(), False])
    if due is None and delay_seconds <= 0:
        publish_on_commit(queue)


def _require_sense(key: str | None, due: datetime | None, delay_seconds: float, queue: str) -> None:
    if key is not None and not 0 < len(key) <= 200:
        raise ValueError("a job's key has 1 to 200 characters")
    if not 0 < len(queue) <= 40:
        raise ValueError("a queue's name has 1 to 40 characters")
    if due is not None and (delay_seconds or timezone.is_naive(due)):
        raise ValueError("give a due time with its zone, or a delay, and not both")


@lru_cache(maxsize=1000)
def _load(path: str) -> JobFunction:
    function: JobFunction = import_string(path)
    return function


@lru_cache(maxsize=1000)
def _signature(function: JobFunction) -> inspect.Signature:
    return inspect.signature(function)
