"""Claiming and running in one process: order, queues, failures, retries, parking, fences."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from ringup.jobs import clock
from ringup.jobs.claiming import claim, complete, park, put_back
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.parking import drop, release, release_key
from ringup.jobs.running import retry_delay, run_one
from ringup.jobs.tickets import LeaseLost, Ticket

pytestmark = pytest.mark.usefixtures("chores")


def claimed(**options: object) -> Ticket:
    found = claim(**options)  # type: ignore[arg-type]
    assert found is not None
    return found.ticket


def let_lease_run_out() -> None:
    Job.objects.exclude(owner="").update(lease_until=clock.now() - timedelta(seconds=1))


def make_due() -> None:
    Job.objects.update(due=clock.now() - timedelta(seconds=1))


def test_what_is_due_longest_runs_first(chores: list[object]) -> None:
    for seconds in (-10, -30, -20):
        enqueue("remember", what=seconds, due=clock.now() + timedelta(seconds=seconds))
    while run_one():
        pass
    assert chores == [-30, -20, -10]
    assert not Job.objects.exists()


def test_a_worker_takes_jobs_of_its_queues_only(chores: list[object]) -> None:
    enqueue("remember", what="slow", queue="slow")
    enqueue("remember", what="mail", queue="mail")
    assert not run_one(["other"])
    assert run_one(["mail", "other"])
    assert chores == ["mail"]
    assert run_one()
    assert chores == ["mail", "slow"]


def test_a_claim_says_how_long_the_job_waited() -> None:
    enqueue("remember", due=clock.now() - timedelta(seconds=30))
    found = claim()
    assert found is not None
    assert 29 < found.waited_seconds < 60


def test_a_failed_job_waits_longer_each_time_and_then_for_a_person(
    chores: list[object], settings: pytest.FixtureRequest
) -> None:
    settings.RINGUP_JOB_TRIES = 3  # type: ignore[attr-defined]
    enqueue("fail", key="k", text="refused: api_password=hunter2")
    run_one()
    job = Job.objects.get()
    assert (job.tries, job.owner, job.parked) == (1, "", False)
    assert job.last_error == "Refused: refused: api_password=***"
    assert 0 < (job.due - clock.now()).total_seconds() <= 2
    assert not run_one(), "it is not due yet"
    for _ in range(2):
        make_due()
        run_one()
    make_due()
    assert not run_one()
    assert chores == [1, 2, 3]
    assert Job.objects.get().parked

    enqueue("fail", key="k", text="once more")
    assert not run_one(), "a wake-up does not end its waiting for a person"


def test_a_parked_job_is_released_or_dropped_by_a_person(chores: list[object]) -> None:
    enqueue("remember", key="k", what="late")
    ticket = claimed()
    assert not release_key("k"), "it runs"
    assert not drop(ticket.job_id)
    assert park(ticket, error="enough")
    assert not run_one()

    assert release_key("k")
    assert not release(ticket.job_id), "it is not parked any more"
    assert run_one()
    assert chores == ["late"]

    enqueue("remember")
    ticket = claimed()
    park(ticket, error="enough")
    assert release(ticket.job_id)
    park(claimed(), error="enough")
    assert drop(ticket.job_id)
    assert not Job.objects.exists()


def test_the_pause_doubles_up_to_a_cap_or_is_what_the_error_asks_for() -> None:
    assert [retry_delay(Exception(), attempt) for attempt in (1, 2, 3, 9, 10, 99)] == [
        *(2, 4, 8, 512, 900, 900)
    ]
    enqueue("come_back")
    run_one()
    assert 110 < (Job.objects.get().due - clock.now()).total_seconds() <= 120


def test_a_wake_up_during_a_failing_run_shortens_the_pause() -> None:
    enqueue("remember", key="k")
    ticket = claimed()
    enqueue("remember", key="k", delay_seconds=5)
    assert put_back(ticket, error="no", delay_seconds=600)
    job = Job.objects.get()
    assert 0 < (job.due - clock.now()).total_seconds() <= 5
    assert job.next_due is None


def test_a_job_that_leaves_the_interpreter_has_failed() -> None:
    enqueue("leave")
    assert run_one()
    assert Job.objects.get().last_error == "SystemExit: 3"


def test_a_job_of_an_unknown_name_fails_and_is_tried_again() -> None:
    enqueue("remember")
    Job.objects.update(name="from.a.newer.version")
    assert run_one()
    job = Job.objects.get()
    assert "from.a.newer.version" in job.last_error
    assert (job.tries, job.parked) == (1, False)


def test_spoilt_arguments_fail_the_job_and_not_the_worker() -> None:
    enqueue("remember")
    Job.objects.update(arguments="{")
    assert run_one()
    assert Job.objects.get().last_error.startswith("JSONDecodeError")


def test_only_an_expired_lease_can_be_taken_over() -> None:
    enqueue("remember")
    first = claimed()
    assert claim() is None
    let_lease_run_out()
    assert claim(take_over=False) is None
    second = claimed()
    assert (second.job_id, second.attempt) == (first.job_id, 2)
    assert Job.objects.get().deaths == 1


def test_who_lost_the_lease_changes_nothing() -> None:
    enqueue("remember", key="k")
    late = claimed()
    let_lease_run_out()
    current = claimed()
    row = Job.objects.values().get()

    assert not complete(late)
    assert not put_back(late, error="x", delay_seconds=1)
    assert not park(late, error="x")
    for write in (late.check, late.renew, lambda: late.fenced().__enter__()):
        with pytest.raises(LeaseLost):
            write()
    enqueue("remember", key="k")
    assert not complete(late), "nor when it was asked for again"

    changed = Job.objects.values().get()
    assert changed.pop("next_due") is not None
    row.pop("next_due")
    assert changed == row
    current.check()


def test_an_expired_lease_that_nobody_took_is_renewed_by_a_check() -> None:
    enqueue("remember")
    ticket = claimed()
    let_lease_run_out()
    ticket.check()
    left = Job.objects.get().lease_until
    assert left is not None
    assert left > clock.now()


def test_a_fence_rolls_back_what_was_written_and_enqueued_in_it() -> None:
    enqueue("remember")
    ticket = claimed()

    def stumble() -> None:
        with ticket.fenced():
            enqueue("remember", key="inside")
            raise LookupError

    with pytest.raises(LookupError):
        stumble()
    assert not Job.objects.filter(key="inside").exists()
    with ticket.fenced():
        enqueue("remember", key="inside")
    assert Job.objects.filter(key="inside").exists()


@pytest.mark.django_db(transaction=True)
def test_a_fence_inside_another_transaction_is_refused() -> None:
    enqueue("remember")
    ticket = claimed()
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        ticket.fenced().__enter__()


def test_a_killer_is_parked_instead_of_run_when_five_workers_died(chores: list[object]) -> None:
    enqueue("remember")
    for _ in range(5):
        claimed()
        let_lease_run_out()
    assert run_one()
    job = Job.objects.get()
    assert (chores, job.parked, job.deaths, job.owner) == ([], True, 5, "")
    assert job.last_error == "Its worker died 5 times while running it."
