"""Passes over a carrier's stock, against the sandbox and its faults: what is kept, and what goes."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, StockArea
from ringup.carriers.port import Stock as Shelf
from ringup.carriers.voipms.adapter import VoipMs
from ringup.core.actors import Actor
from ringup.core.money import Money
from ringup.flows.removing import delete_account
from ringup.jobs.clock import FromNow
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.numbers import passing, storing, syncing
from ringup.numbers.models import Stock, Sync
from tests.numbers.stock_world import AREAS, LIST, REGIONS, StockWorld, due_in, stock_world

MAYA = Actor("staff:9", "Maya")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def world(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StockWorld]:
    with stock_world(monkeypatch) as world:
        yield world


# -- a pass without trouble -------------------------------------------------------------------------


def test_a_pass_fetches_all_that_is_on_sale_where_we_sell(world: StockWorld) -> None:
    done = world.sync()
    assert world.numbers() == world.on_sale()
    assert (done.areas, done.areas_done, done.areas_failed, done.problem) == (AREAS, AREAS, 0, "")
    assert done.numbers == len(world.on_sale()) > 600
    assert done.finished is not None
    assert sorted(world.asked) == sorted(set(world.asked))
    row = Stock.objects.get(area="CA/ON")
    assert (row.name, row.country, row.numbers) == ("Ontario, Canada", "CA", 256)
    assert done.started <= row.fetched <= done.finished


def test_what_vanished_at_the_carrier_vanishes_here(world: StockWorld) -> None:
    world.sync()
    gone = world.one_of("CA/ON")
    world.sell(gone)
    before = dict(Stock.objects.values_list("area", "fetched"))
    world.sync()
    assert gone not in world.numbers()
    assert world.numbers() == world.on_sale()
    # What did not change is as fresh as what did.
    after = dict(Stock.objects.values_list("area", "fetched"))
    assert all(after[area] > before[area] for area in before)
    assert max(before.values()) < min(after.values())


def test_an_area_that_the_carrier_lists_no_more_goes_with_its_numbers(world: StockWorld) -> None:
    gone = StockArea("CA/ZZ", "Nowhere", "CA")
    offer = NumberOffer("+14165550000", "CA", "ZZ", "", Money.zero("USD"), Money.zero("USD"))
    syncing.store(world.account, gone, Shelf([offer]), timezone.now() - DAY)
    world.sync("CA/ON")
    assert world.areas() == {"CA/ZZ", "CA/ON"}  # a narrowed pass knows nothing of others
    world.sync()
    assert "CA/ZZ" not in world.areas()
    assert len(world.areas()) == AREAS


def test_countries_where_we_do_not_sell_are_not_asked_for_and_are_given_up(
    world: StockWorld,
) -> None:
    world.sync()
    CarrierAccount.objects.update(countries=["SE"])
    done = world.sync()
    assert len(world.asked) == AREAS
    assert done.areas == done.areas_done == len(world.areas()) > 0
    assert set(Stock.objects.values_list("country", flat=True)) == {"SE"}


def test_a_narrowed_pass_fetches_its_area_alone(world: StockWorld) -> None:
    done = world.sync("CA/ON")
    assert (world.asked, done.areas, done.scope) == (["ON"], 1, "CA/ON")
    world.sync("CA")
    assert len(world.asked) == 1 + AREAS
    nowhere = world.sync("CA/O")
    assert "lists no area CA/O" in nowhere.problem
    assert len(world.asked) == 1 + AREAS


def test_two_accounts_are_passed_over_beside_each_other(
    world: StockWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "SLICE_SECONDS", 0.0)
    with stock_world(monkeypatch, "Eastern") as other:
        other.sell_all("ON")
        world.begin()
        other.begin()
        while run_one():
            pass
        assert world.numbers() == world.on_sale()
        assert other.numbers() == other.on_sale() < world.on_sale()
        assert Stock.objects.count() == 2 * AREAS


# -- slices -----------------------------------------------------------------------------------------


def test_a_long_pass_stands_in_the_queue_again_behind_others(
    world: StockWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "SLICE_SECONDS", 0.0)
    world.begin()
    assert run_one()
    assert (world.newest().areas_done, world.newest().areas) == (1, AREAS)
    enqueue("jobs.probe", key="another")
    Job.objects.filter(key="another").update(due=FromNow(-60))
    assert run_one()
    assert not Job.objects.filter(key="another").exists()
    assert world.newest().areas_done == 1
    while run_one():
        pass
    assert world.newest().areas_done == AREAS
    assert world.newest().finished is not None
    assert Counter(world.asked).most_common(1)[0][1] == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_is_killed_costs_one_call_and_no_area(
    world: StockWorld, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """``before``: with the carrier's answer in its hands; ``after``: the area is written, the job is
    not."""
    world.begin()
    assert killed_at(world, "CA/NS", moment)
    row = world.newest()
    done = row.areas_done
    assert 0 < done < AREAS
    assert Stock.objects.count() == done  # the count and the areas are written together
    assert ("CA/NS" in world.areas()) is (moment == "after")
    Job.objects.exclude(owner="").update(lease_until=FromNow(-1))
    while run_one():
        pass
    assert world.newest().finished is not None
    assert (world.newest().areas_done, Stock.objects.count()) == (AREAS, AREAS)
    assert world.numbers() == world.on_sale()
    again = [area for area, times in Counter(world.asked).items() if times > 1]
    assert again == (["NS"] if moment == "before" else [])
    assert max(Counter(world.asked).values()) <= 2


def killed_at(world: StockWorld, area: str, moment: str) -> bool:
    """Work in a child that kills itself there: no handler, no tidying up."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            genuine: Callable[..., bool] = passing.replace

            def deadly(account: int, listed: Any, fetched: Any) -> bool:
                if listed.area.key != area:
                    return genuine(account, listed, fetched)
                if moment == "after":
                    genuine(account, listed, fetched)
                    connection.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
                    return True
                os.kill(os.getpid(), signal.SIGKILL)
                return False

            passing.replace = deadly  # type: ignore[attr-defined]
            while run_one():
                pass
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def test_a_pass_that_was_delivered_twice_changes_nothing_more(world: StockWorld) -> None:
    world.sync()
    before = list(Stock.objects.values_list("area", "fetched"))
    enqueue(syncing.JOB, account=world.account.pk)
    world.work()
    assert list(Stock.objects.values_list("area", "fetched")) == before
    assert Sync.objects.count() == 1


# -- faults of the carrier --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["reply_lost_before", "reply_lost_after", "500", "html", "cut", "garbled", "429"]
)
def test_an_area_that_fails_once_is_read_at_the_end_of_the_pass(
    world: StockWorld, kind: str
) -> None:
    world.fault(kind, skip=3)
    done = world.sync()
    assert (done.areas_done, done.areas_failed, done.problem) == (AREAS, 0, "")
    assert world.numbers() == world.on_sale()
    assert len(world.sandbox.faults.waiting()) == 0


@pytest.mark.parametrize("kind", ["500", "html", "cut", "garbled"])
def test_an_area_that_fails_three_times_keeps_its_numbers_and_is_told(
    world: StockWorld, kind: str
) -> None:
    world.sync()
    gone, before = world.one_of("CA/ON"), world.numbers("CA/ON")
    fetched = Stock.objects.get(area="CA/ON").fetched
    world.sell(gone)
    world.sell(elsewhere := world.one_of("CA/BC"))
    world.fail_area("CA/ON", kind)
    done = world.sync()
    assert world.numbers("CA/ON") == before
    assert Stock.objects.get(area="CA/ON").fetched == fetched
    assert elsewhere not in world.numbers()
    assert (done.areas_done, done.areas_failed) == (AREAS - 1, 1)
    assert done.numbers == len(world.numbers()) == len(world.on_sale()) + 1
    assert done.problem.startswith("Ontario, Canada: VoIP.ms answered ")
    assert not world.sandbox.faults.waiting()
    assert done.troubles["areas"]["CA/ON"]["tries"] == 3
    world.calm()
    healed = world.sync()
    assert (healed.problem, healed.areas_failed) == ("", 0)
    assert world.numbers() == world.on_sale()


def test_a_slow_area_is_given_up_in_time_and_read_later(world: StockWorld) -> None:
    CarrierAccount.objects.update(read_timeout_seconds=0.3)
    world.fault("slow", seconds=20.0, skip=8)
    done = world.sync()
    assert (done.areas_done, done.areas_failed) == (AREAS, 0)
    assert world.numbers() == world.on_sale()


def test_an_area_of_many_numbers_must_be_found_empty_twice(world: StockWorld) -> None:
    world.sync()
    world.fault("status:no_did", skip=8)  # Ontario, at its first look
    done = world.sync()
    assert done.problem == ""
    assert world.numbers() == world.on_sale()

    world.sell_all("ON")
    world.sell_all("NS")  # fewer than fifty: believed at once
    world.asked.clear()
    world.sync()
    assert Counter(world.asked).most_common(2) == [("ON", 2), ("AB", 1)]
    assert Stock.objects.get(area="CA/ON").numbers == 0
    assert world.numbers() == world.on_sale()


def test_an_area_whose_second_look_fails_keeps_its_numbers(world: StockWorld) -> None:
    world.sync()
    world.sell_all("ON")
    world.fault("cut", skip=AREAS, times=2)
    done = world.sync()
    assert Stock.objects.get(area="CA/ON").numbers == 256
    assert done.areas_failed == 1
    world.sync()
    assert Stock.objects.get(area="CA/ON").numbers == 0


def test_too_many_calls_put_the_pass_off_and_fail_no_area(world: StockWorld) -> None:
    world.fault("status:api_limit_exceeded", skip=4)
    world.begin()
    world.work(rests=False)
    row = world.newest()
    assert (row.areas_done, row.areas_failed, row.finished) == (4, 0, None)
    assert due_in(50) == []
    assert len(due_in(65)) == 1
    asked = list(world.asked)
    world.calm()
    world.work()
    assert world.newest().areas_done == AREAS
    assert world.asked[len(asked) :] == REGIONS[4:]


def test_a_carrier_that_is_away_is_left_alone_and_asked_again(world: StockWorld) -> None:
    world.sync()
    before = world.numbers()
    CarrierAccount.objects.update(url="http://127.0.0.1:1/api/v1/rest.php")
    world.begin()
    world.work(rests=False)
    row = world.newest()
    assert (row.finished, row.areas_failed) == (None, 0)
    assert due_in(20) == []
    assert len(due_in(31)) == 1
    CarrierAccount.objects.update(url=world.sandbox.url)
    world.sell(world.one_of("CA/ON"))
    world.work()
    assert world.newest().problem == ""
    assert world.numbers() == world.on_sale() < before


def test_a_carrier_that_stays_away_ends_the_pass_and_nothing_is_lost(world: StockWorld) -> None:
    world.sync()
    before = world.numbers()
    for method in (LIST, "getBalance"):
        world.fault("html", method=method, times=-1)
    done = world.sync()
    assert done.finished is not None
    assert "HTTP 503" in done.problem
    assert (done.areas_failed, done.areas_done) == (0, 0)
    assert world.numbers() == before
    # Sooner than the next regular pass, and not at once.
    assert not syncing.is_due(world.account)
    Sync.objects.update(started=timezone.now() - HOUR, finished=timezone.now() - HOUR)
    assert syncing.is_due(world.account)


def test_wrong_credentials_end_the_pass_at_once_and_say_what_to_mend(world: StockWorld) -> None:
    world.account.set_secrets({"password": "wrong-password"})
    world.account.save()
    done = world.sync()
    assert done.finished is not None
    assert "does not accept the API user name or the API password" in done.problem
    assert "wrong-password" not in done.problem
    assert world.asked == []
    assert not Job.objects.filter(name=syncing.JOB).exists()


def test_a_list_of_areas_that_is_empty_gives_up_nothing(
    world: StockWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sync()
    monkeypatch.setattr(VoipMs, "areas", lambda self: [])
    done = world.sync()
    assert done.problem == "The provider listed no areas at all."
    assert world.numbers() == world.on_sale()


def test_nonsense_and_bugs_fail_their_area_alone(
    world: StockWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = VoipMs.stock

    def stock(self: VoipMs, area: StockArea) -> Shelf:
        if area.key == "CA/ON":
            raise ZeroDivisionError("secret-of-a-bug")
        found = genuine(self, area)
        if area.key == "CA/QC":
            odd = NumberOffer("+0", "CA", "QC", "", Money.zero("USD"), Money.zero("USD"))
            return Shelf([*found.numbers, odd])
        return found

    monkeypatch.setattr(VoipMs, "stock", stock)
    done = world.sync()
    assert (done.areas_done, done.areas_failed) == (AREAS - 2, 2)
    assert "A fault in Ringup itself (ZeroDivisionError)" in str(done.troubles)
    assert "'+0' is no E.164 number" in str(done.troubles)
    assert "secret-of-a-bug" not in str(done.troubles)


def test_areas_that_no_row_can_have_are_left_out(
    world: StockWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = VoipMs.areas
    odd = [
        ("CA/\0", "CA"),
        ("CA/\ud800", "CA"),
        ("CA/" + "x" * 80, "CA"),
        ("", "CA"),
        ("CA/1", "\0"),
    ]

    def areas(self: VoipMs) -> list[StockArea]:
        first, *others = genuine(self)
        nonsense = [StockArea(key, "?", country) for key, country in odd]
        return [*nonsense, StockArea(first.key, "A\0B\ud800" + "n" * 200, "CA"), *others]

    monkeypatch.setattr(VoipMs, "areas", areas)
    CarrierAccount.objects.update(countries=[])
    done = world.sync("CA")
    assert (done.areas_done, done.problem) == (AREAS, "")
    assert Stock.objects.get(area="CA/AB").name == "AB?" + "n" * 117


# -- storing ----------------------------------------------------------------------------------------


def test_older_stock_never_replaces_newer(world: StockWorld) -> None:
    area = StockArea("CA/ON", "Ontario", "CA")
    offer = NumberOffer("+14165550100", "CA", "ON", "", Money.zero("USD"), Money.zero("USD"))
    now = timezone.now()
    assert syncing.store(world.account, area, Shelf([offer]), now)
    assert not syncing.store(world.account, area, Shelf([]), now)
    assert not syncing.store(world.account, area, Shelf([]), now - HOUR)
    assert world.numbers() == {"+14165550100"}
    assert syncing.store(world.account, area, Shelf([offer]), now + HOUR)
    assert Stock.objects.get().fetched == now + HOUR
    assert syncing.store(world.account, area, Shelf([]), now + DAY)
    assert world.numbers() == set()


def test_an_account_that_is_deleted_meanwhile_takes_all_with_it(
    world: StockWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = VoipMs.stock

    def stock(self: VoipMs, area: StockArea) -> Shelf:
        if area.key == "CA/ON":
            delete_account(CarrierAccount.objects.get(), actor=MAYA)
        return genuine(self, area)

    monkeypatch.setattr(VoipMs, "stock", stock)
    world.begin()
    world.work()
    assert world.asked[-1] == "ON"
    assert (Stock.objects.count(), Sync.objects.count(), Job.objects.count()) == (0, 0, 0)


def test_no_transaction_is_open_while_the_carrier_answers_or_numbers_are_packed(
    world: StockWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def watch(place: Any, name: str) -> None:
        genuine = getattr(place, name)

        def watched(*arguments: Any) -> Any:
            seen.append(connection.in_atomic_block)
            return genuine(*arguments)

        monkeypatch.setattr(place, name, watched)

    watch(VoipMs, "stock")
    watch(storing, "pack")
    world.sync()
    assert seen == [False] * 2 * AREAS
