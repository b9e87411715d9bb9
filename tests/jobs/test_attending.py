"""The sign of life of worker processes."""

from __future__ import annotations

import os

import pytest

from ringup.jobs import attending
from ringup.jobs.clock import FromNow
from ringup.jobs.models import Job, WorkerSeen

pytestmark = pytest.mark.django_db


def test_a_process_has_one_sign_which_fades_and_is_taken_away() -> None:
    attending.attend()
    attending.attend(["mail", "plans"])
    (mine,) = attending.living()
    assert (mine.pid, mine.queues) == (os.getpid(), "mail,plans")

    WorkerSeen.objects.update(seen=FromNow(-attending.GONE_SECONDS - 1))
    assert attending.living() == []
    WorkerSeen.objects.create(host="elsewhere", pid=7, seen=FromNow(-25 * 3600))
    attending.attend()
    assert [row.pid for row in WorkerSeen.objects.all()] == [os.getpid()]

    WorkerSeen.objects.create(host="elsewhere", pid=os.getpid(), seen=FromNow())
    attending.leave()
    assert [row.host for row in attending.living()] == ["elsewhere"]


def test_jobs_that_run_or_are_late_are_counted() -> None:
    def job(due: float, **columns: object) -> None:
        Job.objects.create(name="x", due=FromNow(due), created=FromNow(), **columns)

    job(-100)
    job(-100, parked=True)
    job(100)
    job(-100, owner="host:1:x", lease_until=FromNow(10))
    job(-100, owner="host:2:x", lease_until=FromNow(-10))
    assert attending.running() == 1
    assert attending.late(50) == 1
    assert attending.late(150) == 0
