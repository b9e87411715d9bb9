"""Holds at a carrier that keeps numbers for us: its reservation lives and ends with our hold."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import Reservation
from ringup.core.actors import RINGUP
from ringup.core.failures import (
    NothingHappened,
    NotOurs,
    NumberGone,
    OurFault,
    OutcomeUnknown,
    Refused,
)
from ringup.core.money import Money
from ringup.core.outside import InsideTransaction
from ringup.core.sentences import Refusal
from ringup.flows.checkout import checking_out, drafting, holding_numbers
from ringup.flows.orders import cancelling
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.numbers import holding, own_stock, reserving
from ringup.numbers.holding import Buyer
from ringup.numbers.models import Hold
from ringup.orders.models import Draft
from tests.carriers.toy import Toy
from tests.flows.toy_shop import ToyShop, toy_shop
from tests.racing import at_once, kinds
from tests.world import SAM

pytestmark = pytest.mark.django_db(transaction=True)
LOST = OutcomeUnknown("the reply was lost")


@pytest.fixture
def shop(transactional_db: None, settings: Settings) -> Iterator[ToyShop]:
    with toy_shop(settings) as made:
        yield made


def chosen(draft: Draft) -> list[str]:
    return [row["e164"] for row in holding_numbers.chosen(Draft.objects.get(pk=draft.pk))]


def seconds_from_now(moment: datetime) -> float:
    return (moment - timezone.now()).total_seconds()


# -- choosing -------------------------------------------------------------------------------------


def test_a_chosen_number_is_kept_by_the_carrier_and_ends_with_the_first_of_both(
    shop: ToyShop,
) -> None:
    draft = shop.draft()
    one, two = shop.numbers(2)
    shop.choose(draft, one)
    hold = Hold.objects.get()
    assert shop.kept() == [one]
    assert (hold.reservation, hold.expires) == ("kept-1", shop.telecom.kept[one].ends)
    shop.telecom.keeps_for = timedelta(hours=2)
    shop.choose(draft, two)
    rest = seconds_from_now(Hold.objects.get(e164=two).expires)
    assert rest <= holding.HOLD_MINUTES * 60 < rest + 60
    assert chosen(draft) == [one, two]


def test_choosing_it_again_asks_again_and_changes_nothing(shop: ToyShop) -> None:
    draft = shop.draft()
    [one] = shop.numbers(1)
    shop.choose(draft, one)
    before = Hold.objects.values().get()
    shop.choose(draft, one)
    assert Hold.objects.values().get() == before
    assert shop.telecom.calls["end_reservation"] == 0


def test_our_own_shelf_and_wishes_are_not_kept_by_the_carrier(shop: ToyShop) -> None:
    draft, other, soft = shop.draft(), shop.draft(), shop.offers()[0]
    shop.telecom.put_on_sale(replace(soft, needs_papers=True))
    row = own_stock.add(
        shop.account, "+12125559901", country="US", region="NY",
        cost_monthly=Money.of("1", "USD"), actor=RINGUP,
    )  # fmt: skip
    shop.choose(draft, soft.e164)
    shop.choose(other, row.e164)
    assert (chosen(draft), chosen(other), shop.kept()) == ([soft.e164], [row.e164], [])
    assert shop.telecom.calls["reserve"] == 0
    holding_numbers.extend(draft)
    holding_numbers.leave(draft)
    assert not Job.objects.filter(name="numbers.end_reservation").exists()


def test_where_the_carrier_s_share_is_full_our_own_hold_stands_alone(shop: ToyShop) -> None:
    draft = shop.draft()
    one, two, three = shop.numbers(3)
    shop.telecom.fail("reserve", Refused("ten are kept already"))
    shop.choose(draft, one, two)
    shop.choose(draft, three)
    assert chosen(draft) == [one, two, three]
    assert shop.held() == [one, two, three]
    assert shop.kept() == [two, three]
    alone = Hold.objects.get(e164=one)
    assert alone.reservation == ""
    assert seconds_from_now(alone.expires) > holding.HOLD_MINUTES * 60 - 60

    shop.telecom.fail("reserve", Refused("ten are kept already"))
    shop.telecom.let_time_pass(timedelta(minutes=30))
    holding_numbers.extend(draft)
    longer = Hold.objects.get(e164=two)
    assert longer.reservation == ""
    assert longer.is_extended
    checking_out.submit(shop.complete(draft))
    assert Hold.objects.filter(state=Hold.State.LOCKED).count() == 3


@pytest.mark.parametrize(
    ("failure", "acts"),
    [
        (NumberGone("sold"), False),
        (NotOurs("another's"), False),
        (NothingHappened("slow"), False),
        (OurFault("key"), False),
        (OurFault("key"), True),
        (LOST, False),
        (LOST, True),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_the_carrier_does_not_keep_is_not_held(
    shop: ToyShop, failure: Any, *, acts: bool
) -> None:
    """The second of two new ones fails: the first is let go too, and what the draft had stays."""
    draft = shop.draft()
    old, one, two = shop.numbers(3)
    shop.choose(draft, old)
    ask = shop.telecom.keep

    def keep(e164: str, reference: uuid.UUID) -> Any:
        if e164 == two:
            if acts:
                ask(e164, reference)
            raise failure
        return ask(e164, reference)

    shop.telecom.keep = keep  # type: ignore[method-assign]
    with pytest.raises(Refusal) as refusal:
        shop.choose(draft, one, two)
    assert refusal.value.field == "number"
    assert (chosen(draft), shop.held()) == ([old], [old])
    shop.telecom.keep = ask  # type: ignore[method-assign]
    asked = shop.telecom.calls["reserve"]
    shop.run_ends()
    assert shop.kept() == [old], "not even what a lost reply left behind"
    is_unsure = isinstance(failure, OutcomeUnknown | OurFault)
    assert shop.telecom.calls["reserve"] == asked + is_unsure
    assert shop.held() == [old]


def test_a_reply_that_is_lost_once_is_asked_for_again(shop: ToyShop) -> None:
    for acts in (True, False):
        draft = shop.draft()
        [one] = shop.numbers(1)
        shop.telecom.fail("reserve", LOST, acts=acts)
        shop.choose(draft, one)
        assert Hold.objects.get().reservation == shop.telecom.kept[one].key
        holding_numbers.leave(draft)
        shop.run_ends()
        assert shop.kept() == []


def test_a_reply_lost_before_the_carrier_went_away_leaves_nothing_behind(shop: ToyShop) -> None:
    [one] = shop.numbers(1)
    shop.telecom.fail("reserve", LOST, acts=True)
    shop.telecom.fail("reserve", NothingHappened("away"))
    with pytest.raises(Refusal, match="could not be kept"):
        shop.choose(shop.draft(), one)
    assert (shop.held(), shop.kept()) == ([], [one])
    shop.run_ends()
    assert shop.kept() == []


NONSENSE: list[Callable[[], Reservation]] = [
    lambda: Reservation("", timezone.now() + timedelta(minutes=5)),
    lambda: Reservation("x" * 81, timezone.now() + timedelta(minutes=5)),
    lambda: Reservation("key", datetime(2099, 1, 1)),  # noqa: DTZ001
    lambda: Reservation("key", timezone.now() - timedelta(seconds=1)),
    lambda: Reservation(None, timezone.now() + timedelta(minutes=5)),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("answer", NONSENSE)
def test_a_reservation_that_makes_no_sense_is_none(
    shop: ToyShop, monkeypatch: pytest.MonkeyPatch, answer: Callable[[], Reservation]
) -> None:
    monkeypatch.setattr(Toy, "reserve", lambda self, e164, *, reference: answer())
    draft = shop.draft()
    with pytest.raises(Refusal, match="could not be kept for you"):
        shop.choose(draft, *shop.numbers(1))
    assert (chosen(draft), shop.held()) == ([], [])


def test_another_number_instead_frees_the_first_only_when_it_is_safe(shop: ToyShop) -> None:
    draft = shop.draft(shop.bundle)
    one, two = shop.numbers(2)
    shop.choose(draft, one)
    shop.telecom.keep_for_somebody_else(two)
    with pytest.raises(Refusal):
        shop.choose(draft, two)
    assert (chosen(draft), shop.held()) == ([one], [one])
    shop.telecom.kept.pop(two)
    shop.choose(draft, two)
    shop.run_ends()
    assert (chosen(draft), shop.held(), shop.kept()) == ([two], [two], [two])


def test_the_carrier_is_asked_outside_any_transaction(shop: ToyShop) -> None:
    draft = shop.draft()
    [one] = shop.numbers(1)
    holding.hold(one, account=shop.account, buyer=Buyer(draft.uid))
    with pytest.raises(InsideTransaction), transaction.atomic():
        reserving.keep(shop.account, holding.held_by(draft.uid))


# -- letting go -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["drop", "leave", "expiry", "instead", "currency"])
def test_every_way_to_let_go_ends_the_reservation(shop: ToyShop, way: str) -> None:
    draft = shop.draft()
    one, two = shop.numbers(2)
    shop.choose(draft, one)
    shop.telecom.keep_for_somebody_else("+12125550199")
    if way == "drop":
        holding_numbers.drop(draft, one)
    elif way == "leave":
        holding_numbers.leave(draft)
    elif way == "expiry":
        Hold.objects.update(expires=timezone.now())
        enqueue("shop.tidy")
        run_one()
    elif way == "instead":
        drafting.choose_number(draft, two)
        holding_numbers.drop(draft, two)
    else:
        Draft.objects.filter(pk=draft.pk).update(currency="EUR")
        with transaction.atomic():
            holding.end(draft.uid)
    assert shop.held() == []
    assert one in shop.kept(), "not inside the page's request"
    shop.run_ends()
    assert shop.kept() == ["+12125550199"]


def test_an_order_keeps_the_reservation_until_it_ends(shop: ToyShop) -> None:
    draft = shop.complete(shop.draft())
    [one] = shop.numbers(1)
    shop.choose(draft, one)
    order = checking_out.submit(draft)
    shop.run_ends()
    hold = Hold.objects.get()
    assert (hold.state, hold.reservation, shop.kept()) == ("locked", "kept-1", [one])
    cancelling.cancel(order, actor=SAM)
    shop.run_ends()
    assert (shop.held(), shop.kept()) == ([], [])


def test_a_reservation_that_is_taken_over_is_not_ended(shop: ToyShop) -> None:
    """Dropped and chosen again, by the same buyer or another, before the job came."""
    draft, other = shop.draft(), shop.draft()
    [one] = shop.numbers(1)
    for buyer in (draft, other):
        shop.choose(draft, one)
        holding_numbers.drop(draft, one)
        shop.choose(buyer, one)
        shop.run_ends()
        assert (shop.held(), shop.kept()) == ([one], [one])
        assert Hold.objects.get().reservation == shop.telecom.kept[one].key
        holding_numbers.drop(buyer, one)
        shop.run_ends()
        assert (shop.held(), shop.kept()) == ([], [])


def test_what_ran_out_is_kept_its_full_time_for_the_next_buyer(shop: ToyShop) -> None:
    draft, other = shop.draft(), shop.draft()
    [one] = shop.numbers(1)
    shop.choose(draft, one)
    Hold.objects.update(expires=timezone.now())
    shop.telecom.kept[one].ends = timezone.now() + timedelta(seconds=30)
    shop.choose(other, one)
    hold = Hold.objects.get()
    assert hold.reservation == shop.telecom.kept[one].key == "kept-2"
    assert seconds_from_now(hold.expires) > 500


def test_while_a_reservation_ends_nobody_is_given_it(
    shop: ToyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the very moment that the carrier lets it go, somebody chooses the number."""
    draft, other = shop.draft(), shop.draft()
    [one] = shop.numbers(1)
    shop.choose(draft, one)
    holding_numbers.drop(draft, one)
    let_go, said = shop.telecom.let_go, []

    def meanwhile(key: str) -> None:
        [outcome] = at_once(partial(shop.choose, other, one))
        said.append(str(outcome))
        let_go(key)

    monkeypatch.setattr(shop.telecom, "let_go", meanwhile)
    monkeypatch.setattr(shop.telecom, "lock", NoLock())
    shop.run_ends()
    assert said == [str(Refusal(holding.BEING_FREED.format(number="+1 212 555 0100")))]
    assert (shop.held(), shop.kept()) == ([], [])
    shop.choose(other, one)
    assert shop.held() == [one]


class NoLock:
    """The toy answers two at once."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def end(shop: ToyShop, e164: str, *, key: str = "kept-1") -> Job | None:
    """Run the job once; it, when it waits to be tried again."""
    account = str(shop.account.uid)
    enqueue("numbers.end_reservation", account=account, e164=e164, reservation=key)
    assert run_one()
    return Job.objects.filter(name="numbers.end_reservation").first()


def test_a_job_that_reaches_nobody_tries_again_and_keeps_nobody_away(shop: ToyShop) -> None:
    draft = shop.draft()
    [one] = shop.numbers(1)
    shop.choose(draft, one)
    Hold.objects.all().delete()
    shop.telecom.fail("end_reservation", NothingHappened("away"))
    waiting = end(shop, one)
    assert waiting is not None
    assert waiting.parked is False
    assert (shop.held(), shop.kept()) == ([], [one])
    Job.objects.all().delete()
    assert end(shop, one) is None
    assert shop.kept() == []


def test_a_job_gives_up_in_the_end_since_a_reservation_ends_by_itself(
    shop: ToyShop, settings: Settings
) -> None:
    draft = shop.draft()
    [one] = shop.numbers(1)
    shop.choose(draft, one)
    Hold.objects.all().delete()
    Job.objects.all().delete()
    shop.telecom.fail("end_reservation", NothingHappened("away"), times=99)
    for _ in range(reserving.MOST_TRIES):
        assert not Job.objects.filter(parked=True).exists()
        if not Job.objects.exists():
            end(shop, one)
        else:
            Job.objects.update(due=timezone.now() - timedelta(seconds=1))
            assert run_one()
    assert not Job.objects.exists()


def test_a_job_for_what_is_not_there_any_more_does_nothing(shop: ToyShop) -> None:
    [one] = shop.numbers(1)
    assert end(shop, one) is None
    assert end(shop, one, key=holding.ASKED) is None
    assert (shop.held(), shop.kept()) == ([], [])
    shop.telecom.sell_to_somebody_else(one)
    assert end(shop, one, key=holding.ASKED) is None
    CarrierAccount.objects.filter(pk=shop.account.pk).update(kind="forgetful")
    calls = shop.telecom.calls.total()
    assert end(shop, one) is None
    enqueue("numbers.end_reservation", account=str(uuid.uuid4()), e164=one, reservation="kept-1")
    assert run_one()
    assert shop.telecom.calls.total() == calls


def test_a_crash_behind_the_reservation_leaves_it_to_the_sweep(
    shop: ToyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = shop.draft()
    [one] = shop.numbers(1)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reserving, "_note", die)
        with pytest.raises(KeyboardInterrupt):
            shop.choose(draft, one)
    assert (shop.held(), shop.kept(), chosen(draft)) == ([one], [one], [])
    Hold.objects.update(expires=timezone.now())
    enqueue("shop.tidy")
    run_one()
    shop.run_ends()
    assert (shop.held(), shop.kept()) == ([], [])


# -- longer ---------------------------------------------------------------------------------------


def test_an_extension_keeps_the_number_anew_where_the_carrier_would_let_it_go(
    shop: ToyShop,
) -> None:
    draft = shop.draft()
    [one] = shop.numbers(1)
    shop.choose(draft, one)
    shop.telecom.kept[one].ends = ends = timezone.now() + timedelta(minutes=1)
    Hold.objects.update(expires=ends)
    until = holding_numbers.extend(draft)
    hold = Hold.objects.get()
    assert (hold.reservation, hold.expires) == ("kept-2", until)
    assert until == shop.telecom.kept[one].ends
    with pytest.raises(Refusal, match="works once"):
        holding_numbers.extend(draft)


def test_an_extension_leaves_a_long_reservation_alone(shop: ToyShop) -> None:
    shop.telecom.keeps_for = timedelta(hours=2)
    draft = shop.draft()
    shop.choose(draft, *shop.numbers(1))
    before = Hold.objects.get()
    until = holding_numbers.extend(draft)
    assert until == before.expires + timedelta(minutes=holding.EXTENSION_MINUTES)
    assert shop.telecom.calls["end_reservation"] == 0


@pytest.mark.parametrize("failure", [NothingHappened("slow"), LOST, NumberGone("sold")])
def test_an_extension_that_the_carrier_does_not_grant_may_be_asked_for_again(
    shop: ToyShop, failure: Any
) -> None:
    draft = shop.draft()
    [one] = shop.numbers(1)
    shop.choose(draft, one)
    before = Hold.objects.get()
    shop.telecom.fail("reserve", failure, times=2)
    with pytest.raises(Refusal):
        holding_numbers.extend(draft)
    after = Hold.objects.get()
    assert (after.is_extended, after.expires) == (False, before.expires)
    shop.telecom.calm()
    assert holding_numbers.extend(draft) > before.expires


# -- at once --------------------------------------------------------------------------------------


def test_of_many_buyers_one_holds_and_the_carrier_keeps_it_once(shop: ToyShop) -> None:
    [one] = shop.numbers(1)
    drafts = [shop.draft() for _ in range(12)]
    outcomes = at_once(*[partial(shop.choose, draft, one) for draft in drafts])
    assert kinds(outcomes).count("ok") == 1
    assert shop.held() == shop.kept() == [one]
    assert shop.telecom.calls["reserve"] == 1


def test_choosing_dropping_and_ending_at_once_leaves_carrier_and_shop_of_one_mind(
    shop: ToyShop,
) -> None:
    drafts = [shop.draft() for _ in range(4)]
    one, two = shop.numbers(2)

    def come_and_go(draft: Draft) -> None:
        mine = Draft.objects.get(pk=draft.pk)
        for e164 in (one, two, one):
            try:
                shop.choose(mine, e164)
            except Refusal:
                continue
            holding_numbers.drop(mine, e164)
            run_one()

    at_once(*[partial(come_and_go, draft) for draft in drafts])
    Job.objects.update(due=timezone.now() - timedelta(seconds=1))
    shop.run_ends()
    assert (shop.held(), shop.kept()) == ([], [])
    assert shop.telecom.calls["reserve"] > 0
