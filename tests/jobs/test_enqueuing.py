"""Enqueuing: what is refused, what a key means, and that the row is the caller's."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from ringup.jobs import clock
from ringup.jobs.claiming import claim, complete
from ringup.jobs.enqueuing import UnknownJob, enqueue
from ringup.jobs.models import Job
from ringup.jobs.running import run_one

pytestmark = pytest.mark.usefixtures("chores")


def seconds_until(moment: datetime | None) -> float:
    assert moment is not None
    return (moment - clock.now()).total_seconds()


def test_a_job_keeps_its_arguments_and_is_due_by_the_database_s_clock() -> None:
    enqueue("remember", what={"did": "+13125550100", "seats": [1, 2.5, None, True]})
    job = Job.objects.get()
    assert json.loads(job.arguments) == {
        "what": {"did": "+13125550100", "seats": [1, 2.5, None, True]}
    }
    assert -1 < seconds_until(job.due) <= 0
    assert abs((job.due - job.created).total_seconds()) < 0.1
    assert (job.name, job.queue, job.key, job.owner, job.parked) == (
        "remember",
        "default",
        None,
        "",
        False,
    )


def test_a_job_can_be_due_later() -> None:
    enqueue("remember", key="delayed", delay_seconds=90)
    enqueue("remember", key="dated", due=clock.now() + timedelta(hours=1))
    assert 85 < seconds_until(Job.objects.get(key="delayed").due) <= 90
    assert 3595 < seconds_until(Job.objects.get(key="dated").due) <= 3600
    assert not run_one()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"key": "k" * 201}, ValueError),
        ({"key": ""}, ValueError),
        ({"queue": "q" * 41}, ValueError),
        ({"queue": ""}, ValueError),
        ({"due": datetime(2030, 1, 1)}, ValueError),  # noqa: DTZ001 - that is the point
        ({"what": object()}, TypeError),
        ({"what": float("nan")}, ValueError),
        ({"unheard_of": 1}, TypeError),
    ],
)
def test_nonsense_is_refused_before_anything_is_written(
    options: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        enqueue("remember", **options)  # type: ignore[arg-type]
    assert not Job.objects.exists()


def test_a_due_time_and_a_delay_together_are_refused() -> None:
    with pytest.raises(ValueError, match="not both"):
        enqueue("remember", due=clock.now(), delay_seconds=1)


def test_an_unknown_name_is_refused_at_once() -> None:
    with pytest.raises(UnknownJob, match="orders\\.explode"):
        enqueue("orders.explode")


def test_a_rolled_back_transaction_takes_its_job_along() -> None:
    def change_mind() -> None:
        with transaction.atomic():
            enqueue("remember")
            raise LookupError

    with pytest.raises(LookupError):
        change_mind()
    assert not Job.objects.exists()


def test_jobs_without_a_key_do_not_meet() -> None:
    enqueue("remember")
    enqueue("remember")
    assert Job.objects.count() == 2


def test_a_waiting_key_keeps_one_row_and_the_earlier_time() -> None:
    enqueue("remember", key="k", delay_seconds=100, what="first")
    enqueue("remember", key="k", delay_seconds=500, what="later")
    assert 90 < seconds_until(Job.objects.get().due) <= 100
    enqueue("remember", key="k", delay_seconds=10, what="sooner")
    job = Job.objects.get()
    assert 5 < seconds_until(job.due) <= 10
    assert job.next_due is None
    assert json.loads(job.arguments) == {"what": "first"}


def test_a_running_key_is_asked_for_again_at_the_earliest_time() -> None:
    enqueue("remember", key="k")
    running = claim()
    assert running is not None
    due = Job.objects.get().due

    enqueue("remember", key="k", delay_seconds=50)
    enqueue("remember", key="k", delay_seconds=20)
    enqueue("remember", key="k", delay_seconds=90)

    job = Job.objects.get()
    assert job.due == due
    assert 15 < seconds_until(job.next_due) <= 20
    assert claim() is None, "it has a runner"
    assert complete(running.ticket)
    released = Job.objects.get()
    assert (released.owner, released.lease_until, released.next_due) == ("", None, None)
    assert released.due == job.next_due


def test_a_wake_up_during_each_run_leads_to_one_more_run(chores: list[object]) -> None:
    enqueue("again", key="loop", times=4)
    while run_one():
        pass
    assert chores == [1, 1, 1, 1], (
        "four first attempts: a run that ended well starts the count anew"
    )
    assert not Job.objects.exists()
