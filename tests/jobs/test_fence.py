"""The fence where transactions really run side by side: on PostgreSQL, with real processes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.jobs.conftest import PlantMaker
from tests.jobs.plant import Plant, eventually, freeze, thaw

pytestmark = pytest.mark.once


@pytest.fixture
def plant(postgres_url: str, plant_at: PlantMaker) -> Plant:
    return plant_at(postgres_url, lease_seconds=1.0)


def start_a_job_inside_its_fence(plant: Plant) -> int:
    """The process that is in the middle of its fenced writes."""
    plant.put("hold_fenced", key="k", what="work", gate=str(plant.gate()))
    eventually(Path(f"{plant.gate()}.inside").exists, "the inside of the fence")
    owner: str = plant.query("SELECT owner FROM jobs_job WHERE key = 'k'")[0][0]
    return int(owner.split(":")[1])


def test_enqueuing_a_key_does_not_wait_for_the_fenced_writes_of_its_run(plant: Plant) -> None:
    """Else a request that holds a lock which the job wants next would wait for ever, and so would
    the job."""
    plant.start(1)
    start_a_job_inside_its_fence(plant)

    began = time.monotonic()
    plant.put("hold_fenced", key="k", what="work", gate=str(plant.gate()))
    assert time.monotonic() - began < 5

    plant.gate().touch()
    plant.wait_until_done()
    assert plant.effects() == ["work", "work"], "the wake-up led to one more run"


def test_nobody_takes_a_job_over_in_the_middle_of_its_fenced_writes(plant: Plant) -> None:
    plant.start(2)
    runner = start_a_job_inside_its_fence(plant)
    freeze(runner)
    eventually(
        lambda: plant.query("SELECT 1 FROM jobs_job WHERE lease_until < clock_timestamp()"),
        "the end of the lease",
    )
    for number in range(3):  # the other one looks, and takes what it may
        plant.put("mark", what=f"look {number}")
        eventually(lambda: plant.unfinished() == 1, "a look of the other process")

    thaw(runner)
    # Behind the fence, a job whose lease has run out may be taken over: this one's is renewed first.
    eventually(
        lambda: plant.query("SELECT 1 FROM jobs_job WHERE lease_until > clock_timestamp()"),
        "a renewal",
    )
    plant.gate().touch()
    plant.wait_until_done()
    assert plant.seen("effect", "work") == [("work", runner)]
