"""Choosing numbers: all or none, one for a PBX, several of plain ones, whatever the carrier says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from ringup.catalog.models import NumberPriceRule
from ringup.core.actors import RINGUP
from ringup.core.failures import NothingHappened, OurFault
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows import tidying
from ringup.flows.checkout import drafting, holding_numbers
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.running import run_one
from ringup.numbers import holding, own_stock
from ringup.numbers.holding import Buyer
from ringup.numbers.models import Hold
from ringup.orders.models import Draft, Order
from tests.flows.toy_shop import ToyShop, toy_shop
from tests.racing import at_once, kinds
from tests.world import make_client

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None, settings: Settings) -> Iterator[ToyShop]:
    """At a carrier that keeps no numbers for us."""
    with toy_shop(settings, "forgetful") as made:
        yield made


def chosen(draft: Draft) -> list[str]:
    fresh = Draft.objects.get(pk=draft.pk)
    assert chosen_here(draft) == chosen_here(fresh)
    return chosen_here(fresh)


def chosen_here(draft: Draft) -> list[str]:
    return [row["e164"] for row in holding_numbers.chosen(draft)]


# -- one and several ------------------------------------------------------------------------------


def test_plain_numbers_come_beside_each_other(shop: ToyShop) -> None:
    draft = shop.draft()
    one, two, three = shop.numbers(3)
    shop.choose(draft, two)
    shop.choose(draft, three, one, three)
    assert chosen(draft) == [two, three, one]
    assert shop.held() == sorted([one, two, three])
    assert draft.answers["number"]["e164"] == two
    assert [row["e164"] for row in draft.answers["more_numbers"]] == [three, one]


def test_a_pbx_takes_one_number_and_another_instead_of_it(shop: ToyShop) -> None:
    draft = shop.draft(shop.bundle)
    one, two = shop.numbers(2)
    with pytest.raises(Refusal, match="takes one number"):
        shop.choose(draft, one, two)
    assert shop.held() == []
    shop.choose(draft, one)
    shop.choose(draft, two)
    assert (chosen(draft), shop.held()) == ([two], [two])
    assert "more_numbers" not in draft.answers


def test_the_one_number_verb_replaces_all(shop: ToyShop) -> None:
    draft = shop.draft()
    shop.choose(draft, *shop.numbers(3))
    last = shop.numbers(4)[-1]
    drafting.choose_number(draft, last)
    assert (chosen(draft), shop.held()) == ([last], [last])


def test_nothing_chosen_is_said(shop: ToyShop) -> None:
    with pytest.raises(Refusal, match="Choose a number"):
        shop.choose(shop.draft())


def test_a_number_is_taken_out_and_the_next_is_the_main_one(shop: ToyShop) -> None:
    draft = shop.draft()
    one, two = shop.numbers(2)
    shop.choose(draft, one, two)
    holding_numbers.drop(draft, one)
    holding_numbers.drop(draft, one)
    assert (chosen(draft), shop.held()) == ([two], [two])
    holding_numbers.drop(draft, two)
    assert (chosen(draft), shop.held(), draft.answers) == ([], [], {})


def test_an_order_has_ten_numbers_at_most(shop: ToyShop) -> None:
    draft = shop.draft()
    numbers = shop.numbers(holding.MOST_PER_DRAFT + 1)
    shop.choose(draft, *numbers[:-1])
    asked = shop.telecom.calls["offer"]
    with pytest.raises(Refusal, match="10 numbers at most"):
        shop.choose(draft, numbers[-1])
    assert shop.telecom.calls["offer"] == asked, "the carrier is not asked in vain"
    shop.choose(draft, numbers[0])
    assert chosen(draft) == numbers[:-1]


def test_the_limit_counts_what_ran_out_too(shop: ToyShop) -> None:
    """Ten in the draft are ten in the order, also when nothing is held any more."""
    draft, numbers = shop.draft(), shop.numbers(holding.MOST_PER_DRAFT + 1)
    tab = Draft.objects.get(pk=draft.pk)
    shop.choose(draft, *numbers[:-1])
    Hold.objects.all().delete()
    with pytest.raises(Refusal, match="10 numbers at most"):
        shop.choose(tab, numbers[-1])
    assert (chosen(draft), shop.held()) == (numbers[:-1], [])


def test_a_guest_s_limit_is_over_all_his_drafts(
    shop: ToyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "MOST_PER_GUEST", 3)
    first, second = shop.draft(), shop.draft()
    one, two, three, four = shop.numbers(4)
    for draft, e164s in ((first, [one, two]), (second, [three])):
        holding_numbers.choose(draft, e164s, buyer=Buyer(draft.uid, guest="g"))
    with pytest.raises(Refusal, match="held for you already"):
        holding_numbers.choose(second, [four], buyer=Buyer(second.uid, guest="g"))
    assert (chosen(second), shop.held()) == ([three], [one, two, three])


# -- all or none ----------------------------------------------------------------------------------


def test_one_that_is_gone_or_taken_keeps_all_from_being_held(shop: ToyShop) -> None:
    draft, rival = shop.draft(), shop.draft()
    one, two, three = shop.numbers(3)
    shop.choose(draft, one)
    shop.choose(rival, three)
    with pytest.raises(Refusal, match="Somebody else is buying"):
        shop.choose(draft, two, three)
    shop.telecom.sell_to_somebody_else(three)
    with pytest.raises(Refusal, match="sold"):
        shop.choose(draft, two, three)
    assert (chosen(draft), shop.held(holder=draft.uid)) == ([one], [one])


def test_one_buyer_s_hold_is_hidden_from_others_alone(shop: ToyShop) -> None:
    draft = shop.draft()
    [one] = shop.numbers(1)
    shop.choose(draft, one)
    assert holding.held_by_others([one], holder=draft.uid) == set()
    assert holding.held_by_others([one], holder=shop.draft().uid) == {one}
    assert holding.held_by_others([one], holder=None) == {one}
    shop.choose(draft, one)
    assert chosen(draft) == [one]


def test_nobody_is_kept_from_a_number_by_himself(shop: ToyShop) -> None:
    """In another order of the same browser, or of the same client, the hold comes along."""
    [one] = shop.numbers(1)
    plain, pbx, others = shop.draft(), shop.draft(shop.bundle), shop.draft()
    holding_numbers.choose(plain, [one], buyer=Buyer(plain.uid, guest="g"))
    first = Hold.objects.get()
    with pytest.raises(Refusal, match="Somebody else"):
        holding_numbers.choose(others, [one], buyer=Buyer(others.uid, guest="another"))
    holding_numbers.choose(pbx, [one], buyer=Buyer(pbx.uid, guest="g"))
    held = Hold.objects.get()
    assert (held.pk, held.holder, held.expires) == (first.pk, pbx.uid, first.expires)
    client = make_client("Acme")
    drafting.adopt(pbx, client)
    again = shop.draft(client=client)
    shop.choose(again, one)
    assert Hold.objects.get().holder == again.uid
    with pytest.raises(Refusal, match="Somebody else"):
        shop.choose(shop.draft(client=make_client("Other")), one)
    Hold.objects.update(state=Hold.State.LOCKED)
    with pytest.raises(Refusal, match="Somebody else"):
        shop.choose(pbx, one)
    assert Hold.objects.get().holder == again.uid, "what is ordered stays with its order"


def test_buyers_who_choose_the_same_numbers_never_wait_for_each_other(shop: ToyShop) -> None:
    numbers = shop.numbers(4)
    for _ in range(3):
        Hold.objects.update(expires=timezone.now())
        drafts = [shop.draft() for _ in range(6)]
        orders = [numbers, numbers[::-1]] * 3
        outcomes = at_once(
            *[partial(shop.choose, one, *order) for one, order in zip(drafts, orders, strict=True)]
        )
        assert kinds(outcomes).count("ok") == 1
        assert len({hold.holder for hold in Hold.objects.all()}) == 1


@pytest.mark.parametrize("failure", [NothingHappened("slow"), OurFault("bad key")])
def test_a_carrier_that_fails_leaves_all_as_it_was(shop: ToyShop, failure: Any) -> None:
    draft = shop.draft()
    one, two, three = shop.numbers(3)
    shop.choose(draft, one)
    shop.telecom.fail("offer", failure)
    with pytest.raises(Refusal, match=r"charged|lost"):
        shop.choose(draft, two, three)
    assert (chosen(draft), shop.held()) == ([one], [one])


@pytest.mark.parametrize(
    "nonsense",
    [
        {"e164": "+12125559999"},
        {"monthly": Money.of("-1", "USD")},
        {"setup": Money(-1, "USD")},
        {"monthly": Money(10**25, "USD")},
        {"country": "ZA"},
        {"region": "a whole sentence"},
    ],
)
def test_an_offer_that_makes_no_sense_is_not_taken(
    shop: ToyShop, monkeypatch: pytest.MonkeyPatch, nonsense: dict[str, Any]
) -> None:
    draft = shop.draft()
    offer = shop.offers()[0]
    monkeypatch.setattr(
        "tests.flows.toy_shop.Forgetful.offer", lambda self, e164: replace(offer, **nonsense)
    )
    with pytest.raises(Refusal, match="Nothing was charged"):
        shop.choose(draft, offer.e164)
    assert (chosen(draft), shop.held()) == ([], [])


def test_a_place_with_odd_characters_is_taken_without_them(
    shop: ToyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, offer = shop.draft(), shop.offers()[0]
    odd = replace(offer, rate_centre="\u202eNew\0York\ud800" + "k" * 90)
    monkeypatch.setattr("tests.flows.toy_shop.Forgetful.offer", lambda self, e164: odd)
    shop.choose(draft, offer.e164)
    draft.refresh_from_db()
    assert draft.answers["number"]["rate_centre"] == "New York " + "k" * 51


def test_a_slow_carrier_is_not_waited_for_ten_times(
    shop: ToyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "PAGE_SECONDS", -1)
    draft = shop.draft()
    with pytest.raises(Refusal, match="does not answer right now"):
        shop.choose(draft, *shop.numbers(3))
    assert shop.held() == []


def test_what_has_no_price_is_not_held(shop: ToyShop) -> None:
    draft = shop.draft()
    NumberPriceRule.objects.all().delete()
    with pytest.raises(Refusal, match="not on sale here"):
        shop.choose(draft, *shop.numbers(1))
    assert (chosen(draft), shop.held()) == ([], [])


# -- our own shelf, and numbers that need papers --------------------------------------------------


def shelve(shop: ToyShop, e164: str) -> own_stock.OwnStock:
    cost = Money.of("0.50", "USD")
    return own_stock.add(
        shop.account, e164, country="US", region="NY", cost_monthly=cost, actor=RINGUP
    )


def test_a_number_of_our_own_shelf_is_held_without_asking_the_carrier(shop: ToyShop) -> None:
    row = shelve(shop, "+12125559901")
    draft = shop.draft()
    shop.choose(draft, row.e164)
    assert (chosen(draft), shop.held()) == ([row.e164], [row.e164])
    assert shop.telecom.calls["offer"] == 0
    own_stock.withdraw([row.uid], actor=RINGUP)
    with pytest.raises(Refusal, match="not on sale"):
        shop.choose(shop.draft(), row.e164)
    assert shop.telecom.calls["offer"] == 0, "what is ours is never bought"


def test_a_number_that_needs_papers_is_held_softly(settings: Any) -> None:
    with toy_shop(settings) as shop:
        draft, offer = shop.draft(), shop.offers()[0]
        shop.telecom.put_on_sale(replace(offer, needs_papers=True))
        firm = shop.numbers(2)[1]
        shop.choose(draft, offer.e164)
        assert shop.held(is_soft=True) == [offer.e164]
        assert [row["needs_papers"] for row in holding_numbers.chosen(draft)] == [True]
        with pytest.raises(Refusal, match="Order them separately"):
            shop.choose(draft, firm)
        assert shop.held() == [offer.e164], "what was held for the other is free again"


# -- several windows ------------------------------------------------------------------------------


def test_two_windows_of_one_buyer(shop: ToyShop) -> None:
    draft = shop.draft()
    tab = Draft.objects.get(pk=draft.pk)
    one, two = shop.numbers(2)
    shop.choose(draft, one)
    shop.choose(tab, two)
    assert chosen_here(tab) == [one, two], "neither loses what the other chose"
    holding_numbers.drop(draft, two)
    assert chosen_here(Draft.objects.get(pk=draft.pk)) == [one]
    holding_numbers.leave(tab)
    assert shop.held() == []


def test_many_windows_of_one_pbx_draft_end_with_what_is_held(shop: ToyShop) -> None:
    draft = shop.draft(shop.bundle)
    tabs = [Draft.objects.get(pk=draft.pk) for _ in range(8)]
    outcomes = at_once(
        *[partial(shop.choose, tab, e164) for tab, e164 in zip(tabs, shop.numbers(8), strict=True)]
    )
    assert "ok" in kinds(outcomes)
    assert shop.held() == chosen_here(Draft.objects.get(pk=draft.pk))
    assert len(shop.held()) == 1


def test_many_windows_of_one_plain_draft_never_pass_ten(shop: ToyShop) -> None:
    draft = shop.draft()
    tabs = [Draft.objects.get(pk=draft.pk) for _ in range(14)]
    outcomes = at_once(
        *[partial(shop.choose, tab, e164) for tab, e164 in zip(tabs, shop.numbers(14), strict=True)]
    )
    assert kinds(outcomes).count("ok") == holding.MOST_PER_DRAFT
    assert shop.held() == sorted(chosen_here(Draft.objects.get(pk=draft.pk)))
    assert len(shop.held()) == holding.MOST_PER_DRAFT


def test_choosing_and_leaving_at_once_leaves_nothing_that_is_not_in_the_draft(
    shop: ToyShop,
) -> None:
    draft = shop.draft()
    for one, two in zip(shop.numbers(8)[::2], shop.numbers(8)[1::2], strict=True):
        tabs = [Draft.objects.get(pk=draft.pk) for _ in range(3)]
        at_once(
            partial(shop.choose, tabs[0], one),
            partial(shop.choose, tabs[1], two),
            partial(holding_numbers.leave, tabs[2]),
        )
        assert set(shop.held()) <= set(chosen_here(Draft.objects.get(pk=draft.pk)))


def test_a_placed_order_is_not_written_to(shop: ToyShop) -> None:
    draft = shop.draft()
    tab = Draft.objects.get(pk=draft.pk)
    one, two = shop.numbers(2)
    shop.choose(draft, one)
    Draft.objects.update(state=Draft.State.SUBMITTED)
    for verb in (
        partial(shop.choose, tab, two),
        partial(holding_numbers.drop, tab, one),
        partial(holding_numbers.extend, tab),
    ):
        with pytest.raises(Refusal, match="already placed"):
            verb()
    holding_numbers.leave(tab)
    assert shop.held() == [one]
    assert not Order.objects.exists()


def test_who_signs_in_and_pays_in_another_currency_chooses_all_numbers_again(
    shop: ToyShop,
) -> None:
    draft, client = shop.draft(), make_client("Acme")
    client.currency = "EUR"
    client.save()
    shop.choose(draft, *shop.numbers(3))
    drafting.adopt(draft, client)
    assert (chosen(draft), shop.held(), draft.answers) == ([], [], {})


# -- housekeeping ---------------------------------------------------------------------------------


def test_old_holds_end_in_portions(shop: ToyShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "PORTION", 2)
    draft = shop.draft()
    shop.choose(draft, *shop.numbers(5))
    Hold.objects.exclude(e164=shop.numbers(1)[0]).update(expires=timezone.now())
    enqueue("shop.tidy")
    assert run_one()
    assert shop.held() == shop.numbers(1)


# -- time -----------------------------------------------------------------------------------------


def test_a_hold_is_extended_once(shop: ToyShop) -> None:
    draft = shop.draft()
    shop.choose(draft, *shop.numbers(2))
    [first, _] = holding.held_by(draft.uid)
    more = timedelta(minutes=holding.EXTENSION_MINUTES)
    assert holding_numbers.extend(draft) == first.expires + more
    with pytest.raises(Refusal, match="works once"):
        holding_numbers.extend(draft)


def test_what_ran_out_is_chosen_again_unless_somebody_has_it(shop: ToyShop) -> None:
    draft, rival = shop.draft(), shop.draft()
    one, two = shop.numbers(2)
    shop.choose(draft, one, two)
    Hold.objects.update(expires=timezone.now())
    with pytest.raises(Refusal, match="no longer held"):
        holding_numbers.extend(draft)
    shop.choose(rival, two)
    with pytest.raises(Refusal, match="Somebody else"):
        shop.choose(draft, one, two)
    shop.choose(draft, one)
    assert shop.held(holder=draft.uid) == [one]
    assert chosen(draft) == [one, two], "he sees what he lost, and takes it out himself"


# -- papers ---------------------------------------------------------------------------------------


def test_a_number_whose_papers_nobody_can_check_is_refused_when_it_is_chosen(
    shop: ToyShop,
) -> None:
    draft, offer = shop.draft(), shop.offers()[0]
    shop.telecom.put_on_sale(replace(offer, needs_papers=True))
    with pytest.raises(Refusal, match="Choose a number that needs no papers, or write to us"):
        shop.choose(draft, offer.e164)
    assert (chosen(draft), shop.held()) == ([], [])
