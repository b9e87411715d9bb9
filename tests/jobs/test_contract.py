"""What workers promise, on both databases, with real processes that are killed and frozen."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

from ringup.sandbox.postgres import start_postgres
from tests.jobs.conftest import PlantMaker
from tests.jobs.plant import LEASE_SECONDS, Plant, eventually, freeze, is_alive, thaw

pytestmark = pytest.mark.once


def wait_for_renewals(plant: Plant, times: int) -> None:
    """Wait while the lease of the only running job is renewed; three times is one lease."""
    leases: set[str] = set()

    def renewed() -> bool:
        rows = plant.query("SELECT lease_until FROM jobs_job WHERE owner <> ''")
        leases.update(str(row[0]) for row in rows)
        return len(leases) > times

    eventually(renewed, f"{times} renewals of the lease")


def test_a_job_whose_worker_is_killed_is_taken_over_within_the_lease_and_ends_once(
    plant: Plant,
) -> None:
    plant.start(2)
    plant.put("hold", what="work", gate=str(plant.gate()))
    victim = plant.wait_for_note("work began")

    os.kill(victim, signal.SIGKILL)
    killed = time.monotonic()
    successor = plant.wait_for_note("work began", times=2)

    assert time.monotonic() - killed < LEASE_SECONDS + 1.5, "the lease, and the time to look"
    assert successor != victim
    plant.gate().touch()
    plant.wait_until_done()
    assert plant.seen("effect") == [("work", successor)]


def test_a_killed_idle_worker_is_replaced_and_a_killed_parent_leaves_no_orphans(
    plant: Plant,
) -> None:
    crew = plant.start(1)
    plant.put("hold", what="work", gate=str(plant.gate()))
    plant.wait_for_note("work began")
    others = plant.start(1)

    os.kill(others.started()[0], signal.SIGKILL)
    eventually(lambda: len(others.started()) == 2, "a process in the idle one's place")
    os.kill(crew.parent.pid, signal.SIGKILL)

    eventually(lambda: not any(map(is_alive, crew.started())), "the orphans' end")
    successor = plant.wait_for_note("work began", times=2)
    assert successor == others.started()[1]
    plant.gate().touch()
    plant.wait_until_done()
    assert plant.seen("effect") == [("work", successor)]


def test_a_job_longer_than_its_lease_has_one_runner_that_finishes_it_also_when_asked_to_stop(
    plant: Plant,
) -> None:
    """And a worker that is asked to stop takes no other job."""
    leaving = plant.start(1)
    plant.put("hold", what="long", gate=str(plant.gate()))
    runner = plant.wait_for_note("long began")
    staying = plant.start(1)
    plant.put("mark", what="first")
    eventually(lambda: plant.seen("effect", "first"), "the other worker at work")

    wait_for_renewals(plant, times=4)
    leaving.parent.terminate()
    wait_for_renewals(plant, times=2)
    leaving.parent.terminate()
    os.kill(runner, signal.SIGTERM)
    plant.put("mark", what="short")
    eventually(lambda: plant.seen("effect", "short"), "the other worker at work again")
    wait_for_renewals(plant, times=2)
    assert is_alive(runner)

    plant.gate().touch()
    assert leaving.parent.wait(10) == 0
    plant.wait_until_done()
    assert not is_alive(runner)
    assert plant.seen("note") == [("long began", runner)]
    (other,) = staying.started()
    assert plant.seen("effect") == [("first", other), ("short", other), ("long", runner)]
    assert plant.query("SELECT pid FROM jobs_workerseen") == [[other]]


def test_a_process_frozen_past_its_lease_changes_nothing_when_it_wakes_up(plant: Plant) -> None:
    crew = plant.start(2)
    plant.put("hold", what="work", gate=str(plant.gate()))
    frozen = plant.wait_for_note("work began")

    freeze(frozen)
    successor = plant.wait_for_note("work began", times=2)
    thaw(frozen)
    plant.gate().touch()

    eventually(lambda: "job 1 hold lost" in crew.text(), "the thawed process giving up")
    plant.wait_until_done()
    assert successor != frozen
    assert plant.seen("effect") == [("work", successor)]
    plant.put("mark", what="after")
    plant.wait_until_done()
    assert is_alive(frozen), "it lost the job, not its life"


def test_a_job_that_kills_its_worker_stops_after_five_and_others_are_unharmed(
    url: str, plant_at: PlantMaker
) -> None:
    plant = plant_at(url, lease_seconds=0.5)
    plant.start(2)
    plant.put("die", key="killer")
    plant.put("mark", what="before")

    parked = eventually(
        lambda: plant.query("SELECT deaths, owner, last_error FROM jobs_job WHERE parked"),
        "the killer being parked",
    )
    plant.put("mark", what="after")
    plant.put("die", key="killer")
    plant.wait_until_done()

    assert parked == [[5, "", "Its worker died 5 times while running it."]]
    assert len(plant.seen("note", "died")) == 5
    assert plant.effects() == ["before", "after"]


def test_each_schedule_slot_runs_once_with_four_workers_also_after_a_pause(
    url: str, plant_at: PlantMaker
) -> None:
    every = 1  # workers look ten times a second
    schedules = {"tick": ["slot", every], "tock": ["slot", every]}
    plant = plant_at(url, TEST_SCHEDULES=json.dumps(schedules))
    began = time.time()
    # As if no worker had looked for ten minutes. The other schedule is a new one.
    paused = f"INSERT INTO jobs_schedule (name, last_slot) VALUES ('tock', {int(began) - 600})"
    plant.query(paused)
    crews = [plant.start(2), plant.start(2)]
    # On a machine that is too busy to look, a slot may pass: it is left to the next one.
    for name in schedules:
        eventually(
            lambda name=name: has_three_in_a_row(slots_of(plant, name), every), "three in a row"
        )
    assert [crew.stop() for crew in crews] == [0, 0]
    for name in schedules:
        slots = slots_of(plant, name)
        assert len(slots) == len(set(slots)), "each once"
        assert slots[0] > began - every, "the latest slot, and none of the 600 missed ones"
    assert plant.unfinished() == 0


def slots_of(plant: Plant, name: str) -> list[int]:
    keys = [key.split("@") for key in plant.effects()]
    return sorted(int(slot) for of, slot in keys if of == name)


def has_three_in_a_row(slots: list[int], every: int) -> bool:
    return any({slot + every, slot + 2 * every} <= set(slots) for slot in slots)


def test_what_is_enqueued_is_rolled_back_with_its_transaction_also_inside_a_job(
    plant: Plant,
) -> None:
    plant.put_and_roll_back("mark", what="never")
    plant.put("chain", what="job")
    plant.start(1)
    plant.wait_until_done()
    assert sorted(plant.effects()) == ["job attempt 3", "job follow-up of attempt 3"]


def test_a_job_run_twice_does_its_work_once(plant: Plant) -> None:
    plant.start(2)
    for number in range(2):
        plant.put("die_once", what=f"work {number}")
    plant.wait_until_done()
    assert sorted(plant.effects()) == ["work 0", "work 1"]
    notes = [what for what, _ in plant.seen("note")]
    assert sorted(notes) == ["did it"] * 2 + ["found it done"] * 2


def test_workers_survive_a_restart_of_postgresql_and_each_job_ends_once(
    plant_at: PlantMaker,
) -> None:
    with start_postgres() as server:
        plant = plant_at(server.create_database("jobs"), lease_seconds=2)
        crew = plant.start(3)
        plant.put("hold", what="long", gate=str(plant.gate("long")))
        plant.put("nap", what="nap", gate=str(plant.gate("nap")))
        plant.wait_for_note("long began")
        plant.wait_for_note("nap began")
        for number in range(60):
            plant.put("book", number=number)
        eventually(lambda: len(plant.effects()) > 5, "some work done")

        server.stop("immediate")
        plant.gate("nap").touch()
        eventually(lambda: "its end is not written yet" in crew.text(), "a job that ends meanwhile")
        server.start()
        plant.gate("long").touch()

        eventually(lambda: reachable(plant), "the database")
        plant.wait_until_done()
        assert sorted(plant.effects()) == sorted([f"book {n}" for n in range(60)] + ["long"])
        assert len(plant.seen("note", "nap began")) == 1, "it had ended, so nobody runs it again"
        assert len(crew.started()) == 3, "no worker died"
        assert crew.stop() == 0
        plant.close()


def reachable(plant: Plant) -> bool:
    try:
        return bool(plant.query("SELECT 1"))
    except Exception:
        return False
