"""What Health says of the numbers on sale: passes that fail or come late, and indexes that are old."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ringup.carriers.models import CarrierAccount
from ringup.flows.health import stock
from ringup.flows.health.findings import State, Verdict
from ringup.jobs import clock
from ringup.numbers import current, publishing
from ringup.numbers.models import IndexSeen, Sync
from ringup.numbers.troubles import Trouble, Troubles
from tests.numbers.stock_world import stock_world

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def account() -> CarrierAccount:
    return make_account("Northern")


def make_account(name: str, **columns: Any) -> CarrierAccount:
    account = CarrierAccount(name=name, kind="voipms", url="http://127.0.0.1:1/", **columns)
    account.set_secrets({"password": "s3cret-of-it"})
    account.save()
    return account


def ended(account: CarrierAccount, ago: timedelta, **columns: Any) -> Sync:
    """A pass that began so long ago and took no time."""
    began = clock.now() - ago
    known = {"areas": 13, "areas_done": 13, "numbers": 640}
    return Sync.objects.create(
        account=account,
        kind=Sync.Kind.STOCK,
        started=began,
        finished=began,
        **(known | columns),
    )


def said(name: str = "Stock of Northern") -> Verdict:
    (check,) = [check for check in stock.checks() if check.name == name]
    return check.look()


CUT = Troubles(is_cut=True).as_data()


def test_a_stock_that_is_fetched_in_time_is_fine(account: CarrierAccount) -> None:
    assert said().state == State.WARNING
    assert "Never fetched" in said().sentence
    ended(account, 3 * HOUR)
    assert said() == Verdict(State.OK, "640 numbers in 13 areas, fetched 3 hours ago.")
    running = Sync.objects.create(account=account, kind=Sync.Kind.STOCK, started=timezone.now())
    assert said().sentence.endswith("fetched 3 hours ago, and is being fetched now.")
    running.delete()
    # Neither a narrow pass nor one over what we own says anything of the whole.
    ended(account, MINUTE, scope="CA/ON", problem="It failed.", troubles=CUT)
    Sync.objects.create(
        account=account,
        kind=Sync.Kind.INVENTORY,
        started=timezone.now(),
        finished=timezone.now(),
        problem="It failed.",
    )
    assert said().state == State.OK


def test_a_pass_that_failed_or_is_overdue_is_told(account: CarrierAccount, settings: Any) -> None:
    ended(account, 11 * HOUR)
    assert said().state == State.OK
    settings.RINGUP_SYNC_HOURS = 5
    assert said().state == State.ERROR
    assert "Fetched 11 hours ago, which is too long ago" in said().sentence
    settings.RINGUP_SYNC_HOURS = 6
    ended(account, HOUR, problem="Nobody listens.", troubles=CUT, areas_done=3)
    assert said().state == State.ERROR
    assert said().sentence == (
        "The last pass failed: Nobody listens. Its numbers stay on sale as they were."
    )
    ended(account, MINUTE)
    assert said().state == State.OK


def test_areas_that_fail_are_named(account: CarrierAccount) -> None:
    troubles = Troubles({"CA/ON": Trouble(3, "It is broken."), "CA/BC": Trouble(3, "Too.")})
    ended(account, HOUR, areas_failed=2, problem="Ontario: broken.", troubles=troubles.as_data())
    assert said().state == State.WARNING
    assert said().sentence == "2 of 13 areas could not be read: CA/BC, CA/ON. Ontario: broken."


def test_accounts_out_of_use_are_left_alone_and_all_cost_few_queries(
    account: CarrierAccount, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name, columns in (("Off", {"is_enabled": False}), ("Old", {"is_retired": True})):
        ended(make_account(name, **columns), 99 * HOUR)
    for number in range(4):
        ended(make_account(f"More {number}"), HOUR)
    with django_assert_num_queries(3):
        names = [check.name for check in stock.checks()]
    assert names == [
        *(f"Stock of {name}" for name in ("More 0", "More 1", "More 2", "More 3", "Northern")),
        "Search index",
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kind", "more", "state"),
    [
        ("reply_lost_after", {}, State.WARNING),
        ("500", {}, State.WARNING),
        ("html", {}, State.WARNING),
        ("cut", {}, State.WARNING),
        ("slow", {"seconds": 20.0}, State.WARNING),
        ("status:ip_not_enabled", {}, State.ERROR),
    ],
)
def test_a_carrier_that_fails_leaves_the_index_as_it_was_and_is_told(
    monkeypatch: pytest.MonkeyPatch, kind: str, more: dict[str, Any], state: State
) -> None:
    with stock_world(monkeypatch) as world:
        CarrierAccount.objects.update(read_timeout_seconds=0.3, countries=["CA"])
        world.sync()
        publishing.publish()
        before = indexed()
        assert before == world.on_sale()
        assert said().state == State.OK
        gone = world.one_of("CA/ON")
        world.sell(gone)
        world.fail_area("CA/ON", kind, **more)
        if state == State.ERROR:
            world.fault(kind, method="getBalance")
        world.sync()
        publishing.publish()
        assert indexed() == before
        assert said().state == state
        assert said().remedy == stock.LOOK
        world.calm()
        world.sync()
        publishing.publish()
        assert indexed() == before - {gone}
        assert said().state == State.OK


def indexed() -> set[str]:
    """What a buyer finds."""
    index = current.current()
    assert index is not None
    return {index.columns.e164(row) for row in range(index.columns.size)}


def test_an_index_that_is_missing_behind_or_left_alone_is_told() -> None:
    now = timezone.now()
    assert said("Search index").state == State.WARNING
    assert "No server keeps one" in said("Search index").sentence
    seen = IndexSeen.objects.create(host="web-1", seen=now)
    assert said("Search index") == Verdict(State.OK, "It is being compiled.")
    IndexSeen.objects.update(behind_since=now - 9 * MINUTE)
    assert said("Search index").state == State.OK
    IndexSeen.objects.update(behind_since=now - 12 * MINUTE)
    assert said("Search index").state == State.ERROR
    assert said("Search index").sentence.startswith("On web-1 it is missing, for 12 minutes.")
    IndexSeen.objects.update(published=now - HOUR, problem="It ended with 1.")
    assert said("Search index").sentence == (
        "On web-1 it is behind, for 12 minutes. It ended with 1."
    )
    IndexSeen.objects.update(behind_since=now - MINUTE)
    assert said("Search index").state == State.WARNING
    seen.refresh_from_db()
    seen.problem, seen.behind_since, seen.numbers, seen.size = "", None, 1_000_000, 81_234_567
    seen.save()
    assert said("Search index") == Verdict(
        State.OK, "1,000,000 numbers, 81.2 MB, compiled 60 minutes ago on web-1."
    )
    IndexSeen.objects.update(seen=now - 2 * MINUTE)
    assert said("Search index").state == State.WARNING
    assert said("Search index").sentence == (
        "Nobody keeps it new on web-1: last seen 2 minutes ago."
    )
