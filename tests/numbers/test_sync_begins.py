"""When a pass begins, and by whose wish: the schedule, staff, and what becomes of lost jobs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.jobs import parking
from ringup.jobs.clock import FromNow
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.numbers import passing, syncing
from ringup.numbers.models import Sync
from tests.numbers.stock_world import AREAS, StockWorld, due_in, stock_world
from tests.racing import at_once

MAYA = Actor("staff:9", "Maya")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def world(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StockWorld]:
    with stock_world(monkeypatch) as world:
        yield world


def fan_out(world: StockWorld) -> list[tuple[str, bool]]:
    """The schedule's job; then the passes there are: by whom, and whether each has ended."""
    enqueue("numbers.sync", key="now")
    Job.objects.filter(key="now").update(due=FromNow(-60))
    assert run_one()
    assert not Job.objects.filter(key="now").exists()
    rows = syncing.passes(world.account.pk)
    return [(row.by_label, row.finished is not None) for row in rows]


def test_a_new_account_is_fetched_at_once_and_then_every_few_hours(
    world: StockWorld, settings: Any
) -> None:
    assert fan_out(world) == [("", False)]
    assert fan_out(world) == [("", False)]
    world.work()
    assert fan_out(world) == [("", True)]
    world.grow_old(started=timedelta(hours=5), finished=timedelta(hours=5))
    assert fan_out(world) == [("", True)]
    world.grow_old(started=HOUR, finished=HOUR)
    assert fan_out(world) == [("", False), ("", True)]
    settings.RINGUP_SYNC_HOURS = 1
    world.work()
    world.grow_old(started=HOUR)
    assert len(fan_out(world)) == 3


@pytest.mark.parametrize("column", ["is_enabled", "is_retired"])
def test_an_account_out_of_use_is_left_alone(world: StockWorld, column: str) -> None:
    world.begin()
    CarrierAccount.objects.update(**{column: column == "is_retired"})
    world.work()
    assert world.newest().finished is not None
    assert "taken out of use" in world.newest().problem
    assert world.asked == []
    Sync.objects.all().delete()
    assert fan_out(world) == []
    world.account.refresh_from_db()
    with pytest.raises(Refusal, match="Nothing was fetched"):
        syncing.begin(world.account, actor=MAYA)


def test_a_pass_whose_job_is_lost_or_parked_goes_on(world: StockWorld) -> None:
    world.begin()
    Job.objects.all().delete()
    assert fan_out(world) == [("Ringup", False)]
    assert len(due_in(0)) == 1
    Job.objects.update(parked=True)
    fan_out(world)
    assert Job.objects.get().parked  # a person may be looking at it
    world.grow_old(started=timedelta(hours=7))
    fan_out(world)
    world.work()
    assert world.newest().finished is not None
    assert Sync.objects.count() == 1
    assert not parking.release_key(syncing.key_of(world.account.pk))


def test_a_pass_that_takes_a_day_is_ended(world: StockWorld) -> None:
    world.begin()
    world.grow_old(started=timedelta(hours=25))
    world.work()
    assert "within a day" in world.newest().problem
    assert fan_out(world)[0] == ("Ringup", True)


def test_staff_asks_for_all_or_for_an_area_and_it_is_noted(world: StockWorld) -> None:
    syncing.begin(world.account, actor=MAYA, scope="CA/ON")
    assert syncing.begin(world.account, actor=MAYA, scope="CA/ON").pk == world.newest().pk
    with pytest.raises(Refusal, match=r"its area CA/ON just now\. Nothing was changed"):
        syncing.begin(world.account, actor=MAYA, scope="CA/BC")
    syncing.begin(world.account, actor=MAYA)  # widens it
    with pytest.raises(Refusal, match="all of its areas just now"):
        syncing.begin(world.account, actor=MAYA, scope="CA/ON")
    world.work()
    assert Sync.objects.count() == 1
    assert (world.newest().by_label, world.newest().areas_done) == ("Maya", AREAS)
    noted = Activity.objects.filter(actor_label="Maya").values_list("what", "detail")
    assert list(noted) == [
        ("asked Northern for its numbers on sale", {"area": area})
        for area in ("CA/ON", "CA/ON", "all")
    ]


def test_a_narrowed_pass_that_is_widened_while_it_ends_goes_on(
    world: StockWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = passing.replace

    def widened(*arguments: Any) -> bool:
        Sync.objects.update(scope="")
        return genuine(*arguments)

    monkeypatch.setattr(passing, "replace", widened)
    done = world.sync("CA/ON")
    assert (done.scope, done.areas_done) == ("", AREAS)
    assert world.asked.count("ON") == 1


def test_two_who_begin_at_once_begin_one_pass(world: StockWorld) -> None:
    at_once(*[lambda: syncing.begin(world.account, actor=MAYA)] * 4)
    assert Sync.objects.count() == 1
    assert Job.objects.count() == 1


def test_only_the_newest_passes_are_kept(world: StockWorld) -> None:
    now = timezone.now()
    for kind in Sync.Kind:
        Sync.objects.bulk_create(
            Sync(account=world.account, kind=kind, started=now - DAY, finished=now - DAY)
            for _ in range(syncing.KEPT + 5)
        )
    for _ in range(3):
        world.begin("CA/ON")
        Sync.objects.update(finished=now)
    newest = world.begin()
    stock = Sync.objects.filter(kind=Sync.Kind.STOCK)
    assert stock.exclude(scope="").count() == 3
    assert stock.filter(scope="").count() == syncing.KEPT
    assert stock.filter(pk=newest.pk).exists()
    assert Sync.objects.filter(kind=Sync.Kind.INVENTORY).count() == syncing.KEPT + 5
