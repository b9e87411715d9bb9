"""Reconciliation: what a carrier has beside what we believe, whatever happens meanwhile."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import CarrierNumber
from ringup.core.failures import NothingHappened, OurFault, OutcomeUnknown
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows.health import inventory
from ringup.flows.reconciling import looking_twice, passing
from ringup.flows.reconciling.accepting import accept, take_back
from ringup.flows.reconciling.books import Held, Standing
from ringup.flows.reconciling.comparing import compare
from ringup.flows.reconciling.reading import Reading
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.numbers.models import Discrepancy, OwnedNumber, Sync
from tests.carriers.toy import KEY
from tests.factories import make_number_order, make_run, make_shop, service_of
from tests.flows.held_numbers import COST, HeldWorld, held_world
from tests.world import SAM, run_jobs

ONE, TWO, THREE = "+12125550001", "+12125550002", "+12125550003"
DEAR = Money.of("1.15", "USD")


@pytest.fixture
def world(transactional_db: None, settings: Any) -> Iterator[HeldWorld]:
    with held_world(settings) as world:
        yield world


# -- comparing: values alone ----------------------------------------------------------------------

LONG_AGO, NOW = timezone.now() - timedelta(days=30), timezone.now()
UID, OTHER = uuid.uuid4(), uuid.uuid4()


def held(standing: Standing = Standing.OWNED, **changes: Any) -> Held:
    known: dict[str, Any] = {"number": 1, "bought": LONG_AGO}
    return Held(ONE, UID, standing, COST, **(known | changes))


def listed(reference: str = str(UID), monthly: Money | None = None) -> CarrierNumber:
    return CarrierNumber(ONE, reference, "nowhere", monthly)


@pytest.mark.once
@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (held(), listed(), []),
        (held(), listed(str(UID).upper()), []),
        (held(), None, ["missing"]),
        (held(), listed(""), ["foreign"]),
        (held(), listed("reception"), ["foreign"]),
        (held(), listed(str(OTHER)), ["foreign"]),
        (held(), listed(monthly=DEAR), ["price"]),
        (held(), listed("", DEAR), ["foreign", "price"]),
        (held(), listed(monthly=Money.of("0.85", "CAD")), ["price"]),
        (None, listed(), ["orphan"]),
        (None, None, []),
        # Not bought yet: the run that wants it looks for itself.
        (held(Standing.WANTED), None, []),
        (held(Standing.WANTED), listed("", DEAR), []),
        # On the shelf it carries no reference of ours until it is sold.
        (held(Standing.SHELF), listed(""), []),
        (held(Standing.SHELF), listed("reception", DEAR), ["price"]),
        (held(Standing.SHELF), None, ["missing"]),
        (held(Standing.WITHDRAWN), None, []),
        (held(Standing.WITHDRAWN), listed(""), []),
    ],
)
def test_what_differs(ours: Held | None, theirs: CarrierNumber | None, expected: list[str]) -> None:
    books = {ONE: ours} if ours else {}
    compared = compare([theirs] if theirs else [], books, books, settled=NOW)
    assert [one.kind for one in compared.found] == expected
    assert not compared.unjudged
    assert all(one.is_confirmed == (one.kind == "price") for one in compared.found)


@pytest.mark.once
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, held()),  # bought or adopted while the carrier made its list
        (held(Standing.WANTED), held()),
        (held(Standing.SHELF), held(Standing.WANTED)),
        (Held(ONE, OTHER, Standing.OWNED, COST), held()),
        (held(), held(bought=NOW + timedelta(seconds=1))),
        (held(bought=NOW + timedelta(seconds=1)), held(bought=NOW + timedelta(seconds=1))),
    ],
)
def test_what_changed_meanwhile_is_not_judged(before: Held | None, after: Held) -> None:
    for theirs in ([], [listed("", DEAR)]):
        compared = compare(theirs, {ONE: before} if before else {}, {ONE: after}, settled=NOW)
        assert (compared.found, compared.unjudged) == ([], {ONE})


@pytest.mark.once
def test_what_a_run_works_on_is_not_judged_and_what_left_us_is_an_orphan_at_first() -> None:
    compared = compare([], {ONE: held()}, {ONE: held()}, at_work={ONE}, settled=NOW)
    assert (compared.found, compared.unjudged) == ([], {ONE})
    compared = compare([listed()], {ONE: held()}, {}, settled=NOW)
    assert [one.kind for one in compared.found] == ["orphan"]


# -- a pass -----------------------------------------------------------------------------------------


def test_a_pass_finds_each_kind_once_and_solves_what_is_gone(world: HeldWorld) -> None:
    world.own(ONE, is_there=False)
    number = world.own(TWO)
    world.hold(TWO, "somebody wrote this")
    world.prices[TWO] = DEAR
    world.own(THREE)
    world.hold("+12125550004", target="account:100001")
    world.shelve("+12125550005")
    world.shelve("+12125550006", is_there=False)
    expected = [
        ("foreign", TWO),
        ("missing", ONE),
        ("missing", "+12125550006"),
        ("orphan", "+12125550004"),
        ("price", TWO),
    ]
    sync = world.reconcile()
    assert (sync.problem, sync.numbers, sync.areas) == ("", 4, 4)
    assert sync.finished is not None
    assert world.found() == expected
    rows = Discrepancy.objects.filter(solved=None)
    assert all(row.detail["confirmed"] for row in rows)
    assert {row.number_id for row in rows.filter(e164=TWO)} == {number.pk}
    orphan = Reading(world.difference("+12125550004"))
    assert (orphan.reference, orphan.target, orphan.monthly) == ("", "account:100001", COST)
    assert Reading(world.difference(TWO, "price")).monthly == DEAR
    assert Reading(world.difference(TWO, "price")).cost == COST
    assert Reading(world.difference("+12125550006")).is_on_shelf

    first = {row.key: row.first_seen for row in map(Row, rows)}
    asked = world.telecom.calls["find_number"]
    world.reconcile()
    assert world.found() == expected
    assert world.telecom.calls["find_number"] == asked, (
        "what was seen before is not asked for again"
    )
    rows = Discrepancy.objects.filter(solved=None)
    assert {row.key: row.first_seen for row in map(Row, rows)} == first
    assert all(row.last_seen > row.first_seen for row in rows)

    world.hold(TWO, f"reception {number.uid}")
    del world.prices[TWO], world.telecom.held["+12125550004"]
    world.reconcile()
    assert world.found() == [("missing", ONE), ("missing", "+12125550006")]
    assert Discrepancy.objects.filter(solved__isnull=False).count() == 3
    world.hold("+12125550004")
    world.reconcile()
    assert ("orphan", "+12125550004") in world.found(), "and it may come back as a new row"
    assert Discrepancy.objects.filter(e164="+12125550004").count() == 2


class Row:
    def __init__(self, row: Discrepancy) -> None:
        self.key, self.first_seen = (row.kind, row.e164), row.first_seen


def test_an_orphan_says_where_it_may_come_from(world: HeldWorld) -> None:
    released = world.own(ONE, state=OwnedNumber.State.RELEASED)
    world.own(TWO, is_there=False, state=OwnedNumber.State.RELEASED)
    world.hold(TWO, "by digits alone")
    elsewhere = CarrierAccount.objects.create(kind="held", name="Another", url="https://x.example/")
    living = world.own(THREE, account=elsewhere)
    other = world.own("+12125550009", is_there=False, account=elsewhere)
    world.hold("+12125550004", str(other.uid))
    world.hold("+12125550005", str(uuid.uuid4()))
    world.reconcile()
    whose = {row.e164: Reading(row).whose for row in Discrepancy.objects.filter(kind="orphan")}
    assert (whose[ONE]["by"], whose[ONE]["number"]) == ("reference", str(released.uid))
    assert (whose[ONE]["state"], whose[ONE]["client"]) == ("released", "Karoo")
    assert whose[TWO]["by"] == "digits"
    assert whose[THREE]["number"] == str(living.uid)
    assert whose[THREE]["account"] == "Another"
    assert Reading(world.difference(THREE)).elsewhere == "Another"
    assert whose["+12125550004"]["e164"] == other.e164
    assert whose["+12125550005"] == {}


def test_what_is_bought_or_given_back_during_a_pass_is_no_difference(world: HeldWorld) -> None:
    """The carrier's list is older than the answer to it: on both sides of it things happen."""
    leaving = world.own(ONE)

    def give_back() -> None:
        del world.telecom.held[ONE]
        OwnedNumber.objects.filter(pk=leaving.pk).update(state=OwnedNumber.State.RELEASED)

    world.meanwhile = [
        give_back,
        lambda: world.own(TWO, bought=timezone.now()),
        lambda: world.hold(THREE, "bought in the portal"),
        lambda: world.shelve("+12125550007"),
    ]
    world.reconcile()
    assert world.found() == []
    world.meanwhile = []
    world.reconcile()
    assert world.found() == [("orphan", THREE)]


def test_a_number_that_has_just_been_bought_may_be_listed_late(
    world: HeldWorld, settings: Any
) -> None:
    settings.RINGUP_SETTLE_SECONDS = 60
    world.own(ONE, is_there=False, bought=timezone.now() - timedelta(seconds=30))
    world.own(TWO, is_there=False, bought=timezone.now() - timedelta(seconds=90))
    world.reconcile()
    assert world.found() == [("missing", TWO)]


def test_a_run_that_works_on_a_number_judges_for_itself(world: HeldWorld) -> None:
    shop = make_shop()
    order = make_number_order(shop, world.client, e164=ONE)
    OwnedNumber.objects.update(
        state=OwnedNumber.State.OWNED, account=world.account, bought=LONG_AGO
    )
    run = make_run(order, state="undoing")
    world.reconcile()
    assert world.found() == []
    run.state = "failed"
    run.save()
    world.reconcile()
    assert world.found() == [("missing", ONE)]
    # And nothing is solved of which nothing can be said.
    run.state = "running"
    run.save()
    world.reconcile()
    assert world.found() == [("missing", ONE)]
    assert service_of(order).number is not None


# -- lists that are not to be trusted ---------------------------------------------------------------


def test_a_list_that_could_not_be_fetched_changes_nothing(world: HeldWorld) -> None:
    world.hold(ONE)
    world.reconcile()
    del world.telecom.held[ONE]
    world.own(TWO, is_there=False)
    before = list(Discrepancy.objects.values())
    for failure in (NothingHappened("cut after 7 rows"), OurFault("wrong password")):
        world.telecom.fail("inventory", failure)
        sync = world.reconcile()
        assert sync.finished is not None
        assert str(failure) in sync.problem
        assert list(Discrepancy.objects.values()) == before
    world.reconcile()
    assert world.found() == [("missing", TWO)]


def test_a_carrier_that_was_away_is_asked_again_three_times(world: HeldWorld) -> None:
    for is_again in (True, True, False):
        world.telecom.fail("inventory", NothingHappened("away"))
        world.reconcile()
        waiting = Job.objects.filter(name=passing.JOB, due__gt=timezone.now())
        assert waiting.exists() == is_again
        assert passing.under_way([world.account]) == set()
    Job.objects.all().delete()
    world.telecom.fail("inventory", OurFault("wrong password"))
    world.reconcile()
    assert not Job.objects.exists(), "what only a person can mend is not tried again"


def test_a_fault_of_ours_is_told_and_stops_nothing(
    world: HeldWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "compare", lambda *_args, **_more: 1 / 0)
    sync = world.reconcile()
    assert "fault in Ringup itself (ZeroDivisionError)" in sync.problem
    assert not Job.objects.exists()


def test_an_empty_list_is_not_believed_when_we_own_many(world: HeldWorld) -> None:
    world.own_many(6)
    sync = world.reconcile()
    assert "listed no numbers at all, and we own 6" in sync.problem
    assert world.found() == []
    OwnedNumber.objects.filter(e164="+12130000000").delete()
    sync = world.reconcile()
    assert sync.problem == ""
    assert len(world.found()) == 5, "five may well be gone"


def test_a_list_that_lacks_what_is_there_is_not_believed(world: HeldWorld) -> None:
    numbers = world.own_many(80)
    for number in numbers:
        world.hold(number.e164, str(number.uid))
    world.left_out = {number.e164 for number in numbers[10:]}
    sync = world.reconcile()
    assert "the list was not whole" in sync.problem
    assert world.found() == []
    world.left_out = {number.e164 for number in numbers[:10]}
    assert world.reconcile().problem == "", "few enough to ask for each: all are there"
    assert world.found() == []


def test_at_most_fifty_are_asked_for_alone_and_the_rest_is_unconfirmed(world: HeldWorld) -> None:
    world.hold("+12125559999")
    world.own_many(60)
    world.reconcile()
    assert world.telecom.calls["find_number"] == looking_twice.MOST
    rows = Discrepancy.objects.filter(solved=None)
    assert rows.count() == 61
    assert sum(row.detail["confirmed"] for row in rows) == looking_twice.MOST
    world.reconcile()
    assert world.telecom.calls["find_number"] == looking_twice.MOST
    assert all(row.detail["confirmed"] for row in Discrepancy.objects.all()), "seen twice"


def test_a_carrier_that_falls_silent_leaves_the_rest_unconfirmed(world: HeldWorld) -> None:
    for e164 in (ONE, TWO, THREE):
        world.hold(e164)
    world.telecom.fail("find_number", NothingHappened("too many calls"))
    world.reconcile()
    assert len(world.found()) == 3
    assert not any(row.detail["confirmed"] for row in Discrepancy.objects.all())
    assert world.telecom.calls["find_number"] == 1, "it is not asked on and on"


def test_many_numbers_are_compared_in_portions(
    world: HeldWorld, django_assert_max_num_queries: Any
) -> None:
    numbers = world.own_many(1000)
    for number in numbers[:750]:
        world.hold(number.e164, str(number.uid))
    world.usual_price = DEAR
    looking_most, looking_twice.MOST = looking_twice.MOST, 0
    try:
        with django_assert_max_num_queries(100):
            world.reconcile()
    finally:
        looking_twice.MOST = looking_most
    counts = {kind: sum(k == kind for k, _ in world.found()) for kind in ("missing", "price")}
    assert counts == {"missing": 250, "price": 750}


# -- the schedule, and interruptions ----------------------------------------------------------------


def test_the_schedule_asks_every_account_that_is_in_use(world: HeldWorld) -> None:
    retired = CarrierAccount(kind="held", name="Retired", url="https://r.example/", is_retired=True)
    retired.set_secrets({"key": KEY})
    retired.save()
    CarrierAccount.objects.create(
        kind="held", name="Off", url="https://o.example/", is_enabled=False
    )
    enqueue("numbers.reconcile")
    run_jobs()
    assert set(Sync.objects.values_list("account", flat=True)) == {world.account.pk, retired.pk}
    assert "nobody listens" in Sync.objects.get(account=retired).problem


def test_a_pass_that_died_is_ended_by_the_next(world: HeldWorld) -> None:
    dead = Sync.objects.create(account=world.account, kind="inventory", started=LONG_AGO)
    for _ in range(40):
        Sync.objects.create(
            account=world.account, kind="inventory", started=LONG_AGO, finished=LONG_AGO
        )
    stock = Sync.objects.create(account=world.account, kind="stock", started=LONG_AGO)
    world.reconcile()
    assert Sync.objects.filter(kind="inventory").count() == passing.KEPT
    assert Sync.objects.filter(kind="inventory", finished=None).count() == 0
    assert Sync.objects.filter(pk=stock.pk, finished=None).exists()
    assert not Sync.objects.filter(pk=dead.pk).exclude(problem=passing.INTERRUPTED).exists()


def test_staff_asks_for_a_pass(world: HeldWorld) -> None:
    passing.begin(world.account, actor=SAM)
    passing.begin(world.account, actor=SAM)
    assert Job.objects.count() == 1
    assert passing.under_way([world.account]) == {world.account.pk}
    Job.objects.update(parked=True)
    assert passing.under_way([world.account]) == set()
    passing.begin(world.account, actor=SAM)
    assert passing.under_way([world.account]) == {world.account.pk}, "one that was given up goes on"
    run_jobs()
    assert Sync.objects.get().by_label == "Sam"
    CarrierAccount.objects.update(is_enabled=False)
    world.account.refresh_from_db()
    with pytest.raises(Refusal, match="disabled"):
        passing.begin(world.account, actor=SAM)


# -- accepting --------------------------------------------------------------------------------------


def test_what_is_accepted_stays_so_until_it_changes(world: HeldWorld) -> None:
    world.hold(ONE, "fax line")
    world.own(TWO)
    world.prices[TWO] = DEAR
    world.reconcile()
    rows = list(Discrepancy.objects.all())
    assert accept(rows, note="  meant so  ", actor=SAM) == 2
    assert accept(rows, note="again", actor=SAM) == 0
    world.hold(ONE, "fax line", target="elsewhere")
    world.reconcile()
    accepted = Reading(world.difference(ONE))
    assert accepted.row.accepted is not None
    assert (accepted.note, accepted.accepted_by) == ("meant so", "Sam")
    assert accepted.target == "elsewhere"
    take_back(world.difference(ONE), actor=SAM)
    with pytest.raises(Refusal):
        take_back(world.difference(ONE), actor=SAM)
    assert world.difference(ONE).accepted is None
    world.prices[TWO] = Money.of("9", "USD")
    world.reconcile()
    dearer = world.difference(TWO)
    assert dearer.accepted is None, "another price was accepted"
    assert "note" not in dearer.detail


def test_what_staff_has_just_settled_is_not_opened_again(world: HeldWorld) -> None:
    """The list was made before somebody gave the number back."""
    world.hold(ONE)
    world.reconcile()
    row = world.difference(ONE)

    def settle() -> None:
        Discrepancy.objects.filter(pk=row.pk).update(solved=timezone.now())

    world.meanwhile = [settle]
    world.reconcile()
    assert world.found() == []


def test_outcome_unknown_of_a_look_is_no_answer(world: HeldWorld) -> None:
    world.own(ONE, is_there=False)
    world.telecom.fail("find_number", OutcomeUnknown("?"))
    world.reconcile()
    assert world.found() == [("missing", ONE)]
    assert not Reading(world.difference(ONE)).is_confirmed


# -- the Health page --------------------------------------------------------------------------------


def test_health_tells_what_differs_and_what_was_not_compared(world: HeldWorld) -> None:
    def states() -> list[str]:
        return [check.look().state for check in inventory.checks()]

    assert states() == ["ok", "ok"]
    world.hold(ONE)
    world.own(TWO, bought=LONG_AGO)
    assert states() == ["ok", "warning"], "never compared, and numbers there for long"
    world.reconcile()
    assert states() == ["warning", "ok"]
    accept(Discrepancy.objects.all(), note="", actor=SAM)
    assert states() == ["ok", "ok"]
    del world.telecom.held[TWO]
    world.reconcile()
    assert states() == ["error", "ok"]
    assert inventory.differences().sentence == "1 sold number is gone."
    world.telecom.fail("inventory", NothingHappened("cut after 7 rows"))
    world.reconcile()
    assert "cut after 7 rows" in inventory.comparisons().sentence
    world.reconcile()
    Sync.objects.update(started=timezone.now() - timedelta(hours=40))
    assert "for more than a day" in inventory.comparisons().sentence
    CarrierAccount.objects.update(is_enabled=False)
    assert states() == ["error", "ok"]
