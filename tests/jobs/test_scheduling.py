"""Schedules: one job for each slot, whoever looks, and one for all that were missed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ringup.jobs.claiming import claim, park
from ringup.jobs.models import Job, Schedule
from ringup.jobs.running import run_one
from ringup.jobs.scheduling import begin, begin_due_slots

pytestmark = pytest.mark.usefixtures("chores")

YEAR = 365 * 24 * 3600


def slots() -> list[int]:
    keys = Job.objects.values_list("key", flat=True)
    return sorted(int(str(key).removeprefix("tick@")) for key in keys)


def test_a_slot_has_one_job_also_after_it_has_run(settings: Any) -> None:
    settings.RINGUP_SCHEDULES = {"tick": ("remember", YEAR)}
    assert begin_due_slots() == 1
    assert begin_due_slots() == 0
    (slot,) = slots()
    assert slot % YEAR == 0
    assert 0 <= time.time() - slot < YEAR
    assert run_one()
    assert begin_due_slots() == 0
    assert not Job.objects.exists()


def test_who_looks_too_late_makes_no_second_job() -> None:
    """Two workers may see the same new slot; the first may even have run it already."""
    Schedule.objects.create(name="tick")
    assert begin("tick", "remember", 120)
    assert run_one()
    assert not begin("tick", "remember", 120)
    assert not begin("tick", "remember", 60)
    assert not Job.objects.exists()


def test_missed_slots_collapse_into_the_latest(settings: Any) -> None:
    settings.RINGUP_SCHEDULES = {"tick": ("remember", 60)}
    begin_due_slots()
    Job.objects.all().delete()
    Schedule.objects.update(last_slot=int(time.time()) // 60 * 60 - 100 * 60)
    assert begin_due_slots() == 1
    assert time.time() - slots()[0] < 120


def test_a_changed_interval_goes_on_with_its_own_next_slot(settings: Any) -> None:
    settings.RINGUP_SCHEDULES = {"tick": ("remember", 1)}
    begin_due_slots()
    Job.objects.all().delete()
    settings.RINGUP_SCHEDULES = {"tick": ("remember", YEAR)}
    assert begin_due_slots() == 0, "this year's slot began before the last second's"
    settings.RINGUP_SCHEDULES = {"tick": ("remember", 1)}
    Schedule.objects.update(last_slot=int(time.time()) - 2)
    assert begin_due_slots() == 1


def test_a_clock_that_goes_back_repeats_no_slot(settings: Any) -> None:
    settings.RINGUP_SCHEDULES = {"tick": ("remember", 1)}
    begin_due_slots()
    Schedule.objects.update(last_slot=int(time.time()) + 1000)
    assert begin_due_slots() == 0


def test_a_schedule_that_always_fails_leaves_one_parked_job(settings: Any) -> None:
    settings.RINGUP_SCHEDULES = {"tick": ("fail", 60)}
    settings.RINGUP_JOB_TRIES = 1
    for _ in range(3):
        begin_due_slots()
        run_one()
        Schedule.objects.update(last_slot=-1)
        Job.objects.update(key="tick@" + str(slots()[0] - 60))
    assert Job.objects.count() == 1
    assert Job.objects.get().parked


def test_parked_jobs_with_other_keys_are_left_alone(settings: Any) -> None:
    settings.RINGUP_SCHEDULES = {"tick": ("fail", YEAR)}
    settings.RINGUP_JOB_TRIES = 1
    begin_due_slots()
    Job.objects.update(key="tock@1")
    found = claim()
    assert found is not None
    park(found.ticket, error="x")
    Schedule.objects.update(last_slot=-1)
    begin_due_slots()
    run_one()
    assert Job.objects.filter(parked=True).count() == 2
