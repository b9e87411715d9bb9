"""Settling differences with a carrier: asked again now, by one person at a time, and said honestly."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer
from ringup.core.failures import NothingHappened, NotOurs, OurFault, OutcomeUnknown
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows.reconciling.correcting import look_again, take_cost, write_reference
from ringup.flows.reconciling.missing import Again, buy_again, offered_again, withdraw
from ringup.flows.reconciling.orphans import (
    give_back,
    needs_care,
    put_all_on_shelf,
    put_on_shelf,
)
from ringup.flows.reconciling.rerouting import route_again
from ringup.numbers.models import Discrepancy, OwnedNumber, OwnStock
from ringup.services.models import Service
from ringup.services.wanted import Goal, WantedNumber
from tests.flows.held_numbers import COST, HeldWorld, held_world
from tests.racing import at_once
from tests.world import SAM

ONE, TWO, THREE = "+12125550001", "+12125550002", "+12125550003"
DEAR, CHEAP = Money.of("1.15", "USD"), Money.of("0.60", "USD")
SETUP = Money.of("0.40", "USD")


@pytest.fixture
def world(transactional_db: None, settings: Any) -> Iterator[HeldWorld]:
    with held_world(settings) as world:
        yield world


def orphan(world: HeldWorld, e164: str = ONE, note: str = "") -> Discrepancy:
    world.hold(e164, note)
    world.reconcile()
    return world.difference(e164, "orphan")


def done() -> list[str]:
    return list(Activity.objects.order_by("pk").values_list("what", flat=True))


def is_open(row: Discrepancy) -> bool:
    return Discrepancy.objects.filter(pk=row.pk, solved=None).exists()


# -- orphans ----------------------------------------------------------------------------------------


def test_an_orphan_is_put_on_the_shelf(world: HeldWorld) -> None:
    row = orphan(world)
    assert "stands on your own shelf" in put_on_shelf(row, cost=None, actor=SAM)
    stock = OwnStock.objects.get()
    assert (stock.e164, stock.country, stock.cost_monthly) == (ONE, "US", COST)
    assert (stock.number_type, stock.account) == ("geographic", world.account)
    assert done() == [f"put {ONE} on the shelf"]
    world.reconcile()
    assert world.found() == []
    with pytest.raises(Refusal, match="settled meanwhile"):
        put_on_shelf(row, cost=None, actor=SAM)


def test_where_a_carrier_does_not_tell_staff_says_what_it_costs(world: HeldWorld) -> None:
    world.usual_price = None
    old = world.own(TWO, is_there=False, state=OwnedNumber.State.RELEASED)
    rows = [orphan(world, e164) for e164 in (ONE, TWO, THREE)]
    put_on_shelf(rows[0], cost=CHEAP, actor=SAM)
    put_on_shelf(rows[1], cost=None, actor=SAM)
    put_on_shelf(rows[2], cost=None, actor=SAM)
    costs = dict(OwnStock.objects.values_list("e164", "cost_monthly_micros"))
    assert costs == {ONE: CHEAP.micros, TWO: old.cost_monthly.micros, THREE: 0}
    assert OwnStock.objects.get(e164=TWO).rate_centre == "New York"


def test_several_are_put_on_the_shelf_by_one_question(world: HeldWorld) -> None:
    rows = [orphan(world, f"+121255500{n:02}") for n in range(5)]
    del world.telecom.held[rows[0].e164]
    world.own(rows[1].e164, is_there=False)
    world.telecom.calls.clear()
    shelved = put_all_on_shelf(rows, cost=None, actor=SAM)
    assert shelved.count == 3
    assert world.telecom.calls == {"inventory": 1}
    assert "does not have" in shelved.refused[rows[0].e164]
    assert "belongs to a client" in shelved.refused[rows[1].e164]
    assert [is_open(row) for row in rows] == [False, True, False, False, False]
    again = orphan(world, "+12125550077")
    world.telecom.fail("inventory", NothingHappened("away"))
    assert "does not answer" in put_all_on_shelf([again], cost=None, actor=SAM).refused[again.e164]
    assert is_open(again)


@pytest.mark.parametrize("note", ["", "old fax line"])
def test_an_orphan_is_given_back_under_a_reference_of_ours(world: HeldWorld, note: str) -> None:
    row = orphan(world, note=note)
    assert "given back" in give_back(row, seen=note, is_sure=True, actor=SAM)
    assert ONE not in world.telecom.held
    assert world.telecom.calls["release"] == 1
    assert world.telecom.calls["adopt"] == 1
    assert [what.partition(" ")[0] for what in done()] == ["asked", "gave"]
    world.reconcile()
    assert world.found() == []


def test_one_that_carries_our_old_reference_is_given_back_without_a_question(
    world: HeldWorld,
) -> None:
    released = world.own(ONE, state=OwnedNumber.State.RELEASED)
    world.reconcile()
    row = world.difference(ONE)
    assert not needs_care(ONE, str(released.uid))
    give_back(row, seen=str(released.uid), is_sure=False, actor=SAM)
    assert ONE not in world.telecom.held
    assert world.telecom.calls["adopt"] == 0


def test_a_number_that_may_be_somebody_else_s_wants_care(world: HeldWorld) -> None:
    stranger = str(uuid.uuid4())
    row = orphan(world, note=stranger)
    assert needs_care(ONE, stranger)
    with pytest.raises(Refusal, match="somebody else may use"):
        give_back(row, seen=stranger, is_sure=False, actor=SAM)
    with pytest.raises(Refusal, match="another reference now"):
        give_back(row, seen="", is_sure=True, actor=SAM)
    assert ONE in world.telecom.held
    assert is_open(row)
    assert done() == []
    give_back(row, seen=stranger, is_sure=True, actor=SAM)
    assert ONE not in world.telecom.held


def test_what_became_somebody_s_meanwhile_is_never_given_back(world: HeldWorld) -> None:
    row, other = orphan(world), orphan(world, TWO)
    world.own(ONE, is_there=False, state=OwnedNumber.State.WANTED, bought=None)
    world.shelve(TWO, is_there=False)
    for one, why in ((row, "belongs to Karoo"), (other, "stands on your own shelf")):
        with pytest.raises(Refusal, match=why):
            give_back(one, seen="", is_sure=True, actor=SAM)
        assert is_open(one)
    assert set(world.telecom.held) == {ONE, TWO}


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (NothingHappened("away"), "Nothing was changed and nothing was charged. Try again"),
        (OutcomeUnknown("lost"), "nobody knows whether it was done"),
        (NotOurs("other"), "refused. Nothing was changed"),
        (OurFault("wrong password"), "could not be finished"),
    ],
)
@pytest.mark.parametrize("verb", ["find_number", "release"])
def test_a_failure_is_told_and_leaves_the_difference_open(
    world: HeldWorld, failure: Any, said: str, verb: str
) -> None:
    row = orphan(world)
    world.telecom.fail(verb, failure)
    with pytest.raises(Refusal, match=said) as refused:
        give_back(row, seen="", is_sure=True, actor=SAM)
    assert str(failure) in str(refused.value)
    assert is_open(row)
    assert ONE in world.telecom.held


def test_a_lost_reply_to_giving_back_is_seen_by_looking_again(world: HeldWorld) -> None:
    row = orphan(world)
    world.telecom.fail("release", OutcomeUnknown("lost"), acts=True)
    with pytest.raises(Refusal, match="nobody knows"):
        give_back(row, seen="", is_sure=True, actor=SAM)
    assert "It is gone" in look_again(row, actor=SAM)
    assert not is_open(row)


def test_two_at_once_give_a_number_back_once(world: HeldWorld) -> None:
    row = orphan(world)
    outcomes = at_once(
        *[lambda: give_back(row, seen="", is_sure=True, actor=SAM) for _ in range(4)]
    )
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert world.telecom.calls["release"] == 1
    assert len(done()) == 2


def test_the_shelf_and_the_carrier_never_get_the_same_number(world: HeldWorld) -> None:
    row = orphan(world)
    at_once(
        lambda: give_back(row, seen="", is_sure=True, actor=SAM),
        lambda: put_on_shelf(row, cost=None, actor=SAM),
    )
    assert OwnStock.objects.filter(e164=ONE).exists() == (ONE in world.telecom.held)


def test_a_disabled_account_is_not_called(world: HeldWorld) -> None:
    row = orphan(world)
    CarrierAccount.objects.update(is_enabled=False)
    row = world.difference(ONE)
    world.telecom.calls.clear()
    for act in (
        lambda: give_back(row, seen="", is_sure=True, actor=SAM),
        lambda: put_on_shelf(row, cost=None, actor=SAM),
        lambda: look_again(row, actor=SAM),
    ):
        with pytest.raises(Refusal, match="disabled"):
            act()
    assert not world.telecom.calls
    assert "disabled" in put_all_on_shelf([row], cost=None, actor=SAM).refused[ONE]


# -- missing ----------------------------------------------------------------------------------------


@pytest.fixture
def missing(world: HeldWorld) -> Discrepancy:
    """A live number that forwards to a telephone, and that somebody cancelled in the portal."""
    number = world.own(ONE, is_there=False)
    Service.objects.create(
        client=world.client,
        brand=world.client.brand,
        kind=Service.Kind.NUMBER,
        state=Service.State.ACTIVE,
        name=ONE,
        account=world.account,
        number=number,
        wanted=WantedNumber(Goal.TELEPHONE, "+15145550123").as_data(),
    )
    world.reconcile()
    return world.difference(ONE, "missing")


def offer(world: HeldWorld, monthly: Money = COST, setup: Money = SETUP) -> Again:
    world.telecom.put_on_sale(NumberOffer(ONE, "US", "NY", "New York", monthly, setup))
    return Again(setup, monthly)


def test_a_missing_number_is_bought_again_and_its_calls_are_routed(
    world: HeldWorld, missing: Discrepancy
) -> None:
    seen = offer(world, CHEAP)
    assert offered_again(missing) == seen
    world.usual_price = CHEAP
    told = buy_again(missing, seen=seen, actor=SAM)
    assert told.is_whole
    assert "bought again: $0.40 once, $0.60 a month" in told.words
    number = OwnedNumber.objects.get(e164=ONE)
    assert world.telecom.held[ONE].note == str(number.uid)
    assert world.telecom.held[ONE].target.startswith("entry:")
    assert number.cost_monthly == CHEAP
    assert world.telecom.charged == [ONE]
    world.reconcile()
    assert world.found() == []
    assert done() == [
        f"asked to buy {ONE} again", f"bought {ONE} again", f"routed {ONE} again",
    ]  # fmt: skip


def test_nothing_dearer_than_before_or_than_shown_is_bought(
    world: HeldWorld, missing: Discrepancy
) -> None:
    with pytest.raises(Refusal, match="does not offer"):
        offered_again(missing)
    with pytest.raises(Refusal, match="does not offer"):
        buy_again(missing, seen=Again(SETUP, COST), actor=SAM)
    offer(world, DEAR)
    for act in (
        lambda: offered_again(missing),
        lambda: buy_again(missing, seen=Again(SETUP, DEAR), actor=SAM),
    ):
        with pytest.raises(Refusal, match=r"would cost \$1.15 a month now, and it cost \$0.85"):
            act()
    offer(world, COST, DEAR)
    with pytest.raises(Refusal, match="more than was shown"):
        buy_again(missing, seen=Again(SETUP, COST), actor=SAM)
    assert world.telecom.charged == []
    assert is_open(missing)


def test_a_lost_reply_to_buying_is_not_bought_twice(world: HeldWorld, missing: Discrepancy) -> None:
    seen = offer(world)
    world.telecom.fail("buy", OutcomeUnknown("lost"), acts=True)
    with pytest.raises(Refusal, match="Do not ask for it again before you have looked again"):
        buy_again(missing, seen=seen, actor=SAM)
    assert is_open(missing)
    told = buy_again(missing, seen=seen, actor=SAM)
    assert "nothing was bought" in told.words
    assert told.is_whole
    assert world.telecom.charged == [ONE]


def test_two_at_once_buy_it_once(world: HeldWorld, missing: Discrepancy) -> None:
    seen = offer(world)
    outcomes = at_once(*[lambda: buy_again(missing, seen=seen, actor=SAM) for _ in range(4)])
    assert sum(not isinstance(outcome, Refusal) for outcome in outcomes) == 1
    assert world.telecom.charged == [ONE]


def test_a_number_whose_calls_could_not_be_routed_says_so(
    world: HeldWorld, missing: Discrepancy
) -> None:
    seen = offer(world)
    world.telecom.fail("route", NothingHappened("away"))
    told = buy_again(missing, seen=seen, actor=SAM)
    assert not told.is_whole
    assert "its calls may go nowhere yet" in told.words
    number = OwnedNumber.objects.get(e164=ONE)
    assert "goes to telephone" in route_again(number, actor=SAM)
    assert "go where they should" in route_again(number, actor=SAM)


def test_what_was_not_bought_or_serves_nobody_is_not_bought_again(
    world: HeldWorld, missing: Discrepancy
) -> None:
    offer(world)
    Service.objects.update(state=Service.State.CANCELLED)
    with pytest.raises(Refusal, match="not bought again"):
        offered_again(missing)
    Service.objects.update(state=Service.State.ACTIVE)
    OwnedNumber.objects.update(is_own_stock=True)
    with pytest.raises(Refusal, match="not bought again"):
        buy_again(missing, seen=Again(SETUP, COST), actor=SAM)
    OwnedNumber.objects.update(state=OwnedNumber.State.RELEASED)
    with pytest.raises(Refusal, match="settled meanwhile"):
        buy_again(missing, seen=Again(SETUP, COST), actor=SAM)
    assert world.telecom.charged == []


def test_a_shelf_number_that_is_gone_is_withdrawn(world: HeldWorld) -> None:
    world.shelve(ONE, is_there=False)
    world.shelve(TWO, is_there=False)
    world.reconcile()
    gone, back = world.difference(ONE), world.difference(TWO)
    with pytest.raises(Refusal):
        offered_again(gone)
    world.hold(TWO)
    assert "withdrawn" in withdraw(gone, actor=SAM)
    assert "stays on the shelf" in withdraw(back, actor=SAM)
    assert dict(OwnStock.objects.values_list("e164", "is_withdrawn")) == {ONE: True, TWO: False}
    world.reconcile()
    assert world.found() == []


def test_looking_again_tells_what_is_so_now(world: HeldWorld, missing: Discrepancy) -> None:
    assert "Nothing has changed" in look_again(missing, actor=SAM)
    assert world.difference(ONE).last_seen > missing.last_seen
    world.telecom.fail("find_number", NothingHappened("away"))
    with pytest.raises(Refusal, match="does not answer"):
        look_again(missing, actor=SAM)
    world.hold(ONE, "words")
    assert "something else now: ours, under another" in look_again(missing, actor=SAM)
    assert not is_open(missing)
    world.reconcile()
    row = world.difference(ONE, "foreign")
    world.hold(ONE, "other words")
    look_again(row, actor=SAM)
    assert world.difference(ONE).detail["reference"] == "other words"


# -- references and costs -----------------------------------------------------------------------------


def foreign(world: HeldWorld, note: str) -> Discrepancy:
    number = OwnedNumber.objects.filter(e164=ONE).exclude(state="released").first()
    number = number or world.own(ONE)
    world.hold(ONE, note)
    world.reconcile()
    return world.difference(ONE, "foreign")


def test_our_reference_is_written_again(world: HeldWorld) -> None:
    row = foreign(world, "reception line")
    assert "carries our reference" in write_reference(row, actor=SAM)
    number = OwnedNumber.objects.get(e164=ONE)
    assert str(number.uid) in world.telecom.held[ONE].note
    entry = Activity.objects.get()
    assert entry.subject == f"number:{number.uid}"
    assert entry.detail == {"reference": ["reception line", str(number.uid)]}
    world.reconcile()
    assert world.found() == []


def test_an_old_reference_of_ours_gives_way_and_a_stranger_s_does_not(world: HeldWorld) -> None:
    released = world.own(ONE, is_there=False, state=OwnedNumber.State.RELEASED)
    row = foreign(world, str(released.uid))
    write_reference(row, actor=SAM)
    assert str(released.uid) not in world.telecom.held[ONE].note
    stranger = str(uuid.uuid4())
    row = foreign(world, stranger)
    with pytest.raises(Refusal, match="Nothing was changed and nothing"):
        write_reference(row, actor=SAM)
    assert world.telecom.held[ONE].note == stranger
    assert is_open(row)
    del world.telecom.held[ONE]
    with pytest.raises(Refusal, match="any more"):
        write_reference(row, actor=SAM)
    OwnedNumber.objects.update(state=OwnedNumber.State.RELEASED)
    with pytest.raises(Refusal, match="settled meanwhile"):
        write_reference(row, actor=SAM)


def test_a_new_cost_is_taken_over_as_it_was_shown(world: HeldWorld) -> None:
    world.own(ONE)
    world.shelve(TWO)
    world.usual_price = DEAR
    world.reconcile()
    sold, shelf = world.difference(ONE), world.difference(TWO)
    world.usual_price = CHEAP
    with pytest.raises(Refusal, match=r"takes \$0.60 a month now, and not \$1.15"):
        take_cost(sold, seen=DEAR, actor=SAM)
    sold = world.difference(ONE)
    assert "$0.60 a month from now on" in take_cost(sold, seen=CHEAP, actor=SAM)
    world.usual_price = None  # as most carriers: only the list tells, or nothing does
    take_cost(shelf, seen=DEAR, actor=SAM)
    number = OwnedNumber.objects.get(e164=ONE)
    assert (number.cost_monthly, number.price_monthly) == (CHEAP, Money.of("1.90", "USD"))
    assert OwnStock.objects.get().cost_monthly == DEAR
    assert Activity.objects.filter(detail__monthly_cost=["$0.85", "$0.60"]).count() == 1


def test_a_cost_that_was_changed_meanwhile_stays(world: HeldWorld) -> None:
    number = world.own(ONE)
    world.usual_price = DEAR
    world.reconcile()
    row = world.difference(ONE)
    OwnedNumber.objects.filter(pk=number.pk).update(cost_monthly_micros=1)
    with pytest.raises(Refusal, match="settled meanwhile"):
        take_cost(row, seen=DEAR, actor=SAM)
    number.refresh_from_db()
    assert number.cost_monthly_micros == 1
