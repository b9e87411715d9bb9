"""A number by its place, from the choice to the telephone: the carrier chooses the digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from ringup.accounts.models import Membership
from ringup.carriers.port import Billing, Capacity, NumberType, PlaceOffer
from ringup.catalog.models import NumberPriceRule
from ringup.core.failures import NothingHappened, OutcomeUnknown, Refused
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows import finding
from ringup.flows.checkout import (
    checking_out,
    choosing_places,
    chosen_numbers,
    holding_numbers,
    quoting,
    rechecking,
    unfinished,
)
from ringup.flows.orders import approving, renumbering
from ringup.jobs.clock import FromNow
from ringup.jobs.models import Job
from ringup.mail.models import Outbox
from ringup.numbers.holding import Buyer
from ringup.numbers.models import Hold, OwnedNumber
from ringup.orders.models import Draft, Order
from ringup.provisioning.models import Change, Run, Step
from ringup.services.models import Service
from tests.carriers.toy_telecom import Held
from tests.flows.toy_shop import ToyShop, toy_shop
from tests.shop.buying import text_of
from tests.world import SAM, approve, make_client, run_jobs, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)
MOBILE = PlaceOffer(
    "gb-mobile", "GB", "", "Mobile", Money.of("1.20", "USD"), Money.of("0.50", "USD"),
    prefix="740", quantity=12, number_type=NumberType.MOBILE,
)  # fmt: skip
WORDS = "A mobile number in the United Kingdom"


@pytest.fixture
def shop(transactional_db: None, settings: Settings) -> Iterator[ToyShop]:
    settings.RINGUP_SETTLE_SECONDS = 0.3
    settings.RINGUP_RETRY_SECONDS = 0
    with toy_shop(settings) as made:
        made.telecom.places = {MOBILE.key: MOBILE}
        made.put_places()
        yield made


def ticket_of(shop: ToyShop, currency: str = "USD") -> str:
    (found,) = finding.find(finding.Query(country="GB"), [shop.account], currency).places
    return finding.ticket_of(found)


def chosen_of(draft: Draft) -> list[dict[str, Any]]:
    return chosen_numbers.numbers_of(Draft.objects.get(pk=draft.pk))


def by_place(shop: ToyShop, *, count: int = 1, **company: str) -> Draft:
    """A draft that is complete but for nothing."""
    draft = shop.draft()
    choosing_places.choose_of(draft, ticket_of(shop), count=count)
    return shop.complete(draft, **company)


def order_of(shop: ToyShop) -> Order:
    return checking_out.submit(by_place(shop))


def number_of(order: Order) -> OwnedNumber:
    return OwnedNumber.objects.get(service__line__order=order)


def hurry() -> None:
    Job.objects.update(due=FromNow(-1))


@dataclass
class ChoosingPage:
    """Where the client of an order chooses another number."""

    browser: Browser
    path: str

    def get(self) -> HttpResponse:
        return self.browser.get(self.path)  # type: ignore[return-value]

    def post(self, **data: str) -> HttpResponse:
        return self.browser.post(self.path, data)  # type: ignore[return-value]


def choosing_page(order: Order) -> ChoosingPage:
    browser = Browser()
    browser.force_login(Membership.objects.get(client=order.client).user)
    return ChoosingPage(browser, reverse("portal:choose-number", args=[order.uid]))


# -- choosing -------------------------------------------------------------------------------------


def test_it_is_priced_and_counted_and_nothing_is_held(shop: ToyShop) -> None:
    draft = shop.draft()
    choosing_places.choose_of(draft, ticket_of(shop))

    (chosen,) = chosen_of(draft)
    assert (chosen["e164"], chosen["is_by_place"], chosen["place"]) == ("", True, "gb-mobile")
    assert chosen_numbers.words_of(chosen) == WORDS
    # 1.20 + 60 % + 0.50, rounded, as the rule for numbers says; set-up 0.50 + 50 %.
    price = chosen_numbers.price_of(chosen)
    assert (str(price.monthly), str(price.setup)) == ("$2.45", "$0.75")
    assert not Hold.objects.exists()
    assert WORDS in [line.text for line in quoting.quote_draft(draft).lines]


def test_several_of_one_place_stand_beside_chosen_numbers(shop: ToyShop) -> None:
    draft = shop.draft()
    [e164] = shop.numbers(1)
    shop.choose(draft, e164)
    choosing_places.choose_of(draft, ticket_of(shop), count=2)
    choosing_places.choose_of(draft, ticket_of(shop))

    keys = [chosen_numbers.key_of(one) for one in chosen_of(draft)]
    assert keys[0] == e164
    assert len(set(keys)) == 4
    assert shop.held() == [e164], "what is held stays so"
    holding_numbers.drop(draft, keys[2])
    assert [chosen_numbers.key_of(one) for one in chosen_of(draft)] == [*keys[:2], keys[3]]
    choosing_places.choose_of(draft, ticket_of(shop))
    shop.choose(draft, *shop.numbers(2))
    assert len(chosen_of(draft)) == 5
    with pytest.raises(Refusal, match="10 numbers at most"):
        choosing_places.choose_of(draft, ticket_of(shop), count=6)


def test_a_pbx_takes_it_instead_of_the_number_before(shop: ToyShop) -> None:
    draft = shop.draft(shop.bundle)
    [e164] = shop.numbers(1)
    shop.choose(draft, e164)
    with pytest.raises(Refusal, match="takes one number"):
        choosing_places.choose_of(draft, ticket_of(shop), count=2)
    choosing_places.choose_of(draft, ticket_of(shop))
    assert [one["place"] for one in chosen_of(draft)] == ["gb-mobile"]
    assert shop.held() == [], "the number before is free again"
    shop.choose(draft, e164)
    assert [one["e164"] for one in chosen_of(draft)] == [e164]


def test_what_cannot_be_had_is_refused_in_words(shop: ToyShop) -> None:
    draft, ticket = shop.draft(), ticket_of(shop)
    places = shop.telecom.places
    with pytest.raises(Refusal, match="no numbers of this place"):
        choosing_places.choose_of(draft, "0" * 20)
    places["gb-mobile"] = replace(MOBILE, quantity=2)
    with pytest.raises(Refusal, match="only 2 numbers on sale now, and you chose 3"):
        choosing_places.choose_of(draft, ticket, count=3)
    places["gb-mobile"] = replace(MOBILE, quantity=0)
    with pytest.raises(Refusal, match="no numbers of this place"):
        choosing_places.choose_of(draft, ticket)
    places["gb-mobile"] = MOBILE
    for failure in (NothingHappened("away"), OutcomeUnknown("lost")):
        shop.telecom.fail("place", failure)
        with pytest.raises(Refusal, match="does not answer"):
            choosing_places.choose_of(draft, ticket)
    NumberPriceRule.objects.all().delete()
    with pytest.raises(Refusal):
        choosing_places.choose_of(draft, ticket)
    assert chosen_of(draft) == []


def test_a_carrier_that_sells_no_places_is_asked_for_by_letter(
    shop: ToyShop, settings: Settings
) -> None:
    ticket = ticket_of(shop)
    shop.account.kind = "forgetful"
    shop.account.save()
    with pytest.raises(Refusal, match="cannot be ordered here"):
        choosing_places.choose_of(shop.draft(), ticket)
    assert not choosing_places.can_order(shop.account, needs_papers=False)
    assert shop.telecom.calls["place"] == 0


def test_it_is_unfinished_in_words_and_no_longer_held_is_not_said(shop: ToyShop) -> None:
    client = make_client("Karoo")
    draft = shop.draft(client=client)
    choosing_places.choose_of(draft, ticket_of(shop))
    (row,) = unfinished.unfinished(client)
    assert (row.numbers, row.places, row.missing) == ((), (WORDS,), "your details")


# -- ordering -------------------------------------------------------------------------------------


def test_each_of_several_becomes_an_order(shop: ToyShop) -> None:
    first = checking_out.submit(by_place(shop, count=2))
    orders = [first, *checking_out.placed_with(first)]
    assert len(orders) == 2
    for order in orders:
        number = number_of(order)
        assert (number.e164, number.place, number.is_by_place) == ("", "gb-mobile", True)
        assert Service.objects.get(number=number).name == WORDS
    assert not Hold.objects.exists()


def test_what_was_sold_out_or_rose_meanwhile_is_not_ordered(shop: ToyShop) -> None:
    draft, places = by_place(shop, count=2), shop.telecom.places
    places["gb-mobile"] = replace(MOBILE, quantity=1)
    with pytest.raises(Refusal, match="only 1 number on sale now, and you chose 2"):
        checking_out.submit(draft)
    places["gb-mobile"] = replace(MOBILE, monthly=Money.of("2", "USD"))
    with pytest.raises(Refusal, match=f"price of {WORDS} has changed"):
        checking_out.submit(draft)
    del places["gb-mobile"]
    with pytest.raises(Refusal, match="no numbers of this place"):
        checking_out.submit(draft)
    places["gb-mobile"] = replace(MOBILE, monthly=Money.of("1", "USD"))
    order = checking_out.submit(draft)
    number = number_of(order)
    assert str(number.cost_monthly) == "$1.00", "what it costs us is what the carrier says now"
    assert str(number.price_monthly) == "$2.45", "what the buyer saw"


def test_the_first_number_is_free_by_place_too(shop: ToyShop) -> None:
    shop.number.first_free = True
    shop.number.save()
    draft = by_place(shop, count=2)
    quotes = quoting.quotes_of(draft)
    assert [one.terms.first_free for one in quotes] == [True, False]


# -- the run --------------------------------------------------------------------------------------


def test_from_the_order_to_the_telephone(shop: ToyShop) -> None:
    order = order_of(shop)
    run_jobs()
    texts = list(Change.objects.order_by("pk").values_list("text", flat=True))
    assert texts[0] == "Buy a mobile number in the United Kingdom"
    assert "Send calls to a mobile number in the United Kingdom to the SIP credentials" in texts

    approve(order)
    run = run_to_the_end(order)

    number = number_of(order)
    assert (run.state, run.problem) == (Run.State.DONE, "")
    assert number.e164 == "+447405550101"
    assert (number.state, number.carrier_key, number.order_key) == (
        OwnedNumber.State.OWNED, "n+447405550101", "o5550101",
    )  # fmt: skip
    held = shop.telecom.held[number.e164]
    assert held.note == str(number.uid)
    assert held.target.startswith("trunk:")
    service = Service.objects.get(number=number)
    assert (service.name, service.state) == ("+447405550101", Service.State.ACTIVE)
    letter = Outbox.objects.get(template="welcome-number")
    assert "+44 7405 550101" in letter.text
    assert shop.telecom.charged == ["+447405550101"], "bought once"


def test_an_order_that_the_carrier_carries_out_later_is_waited_for(shop: ToyShop) -> None:
    order = order_of(shop)
    shop.telecom.takes_its_time = True
    approve(order)
    for _ in range(12):
        hurry()
        run_jobs()
    step = Step.objects.get(run__service__line__order=order, key__startswith="number-purchase/")
    assert (step.state, step.attempts) == (Step.State.WAITING, 0)
    assert "not carried out yet" in step.detail

    shop.telecom.carry_out()
    hurry()
    assert run_to_the_end(order).state == Run.State.DONE
    assert len(shop.telecom.charged) == 1


def test_digits_that_come_later_are_waited_for(shop: ToyShop) -> None:
    order = order_of(shop)
    shop.telecom.keeps_secret = True
    approve(order)
    run_jobs()
    number = number_of(order)
    assert (number.e164, number.state) == ("", OwnedNumber.State.OWNED)
    assert (number.carrier_key, number.order_key) == ("n+447405550101", "o5550101")

    shop.telecom.tell_digits()
    hurry()
    assert run_to_the_end(order).state == Run.State.DONE
    assert number_of(order).e164 == "+447405550101"
    assert len(shop.telecom.charged) == 1


@pytest.mark.parametrize("acts", [True, False])
def test_a_lost_reply_buys_one_number(shop: ToyShop, acts: bool) -> None:
    order = order_of(shop)
    shop.telecom.fail("buy_of", OutcomeUnknown("no reply"), acts=acts)
    approve(order)
    assert run_to_the_end(order).state == Run.State.DONE
    assert len(shop.telecom.charged) == 1


def test_sold_out_before_it_was_bought_the_client_chooses_another(shop: ToyShop) -> None:
    order = order_of(shop)
    approve(order)
    shop.telecom.places.clear()
    hurry()
    run_jobs()
    order.refresh_from_db()
    assert order.state == Order.State.CHOOSE_NUMBER
    assert shop.telecom.charged == []

    # Numbers of other regions are none of the same place, and there is nothing else.
    assert renumbering.alternatives(order) == []
    page = choosing_page(order)
    assert f"{WORDS} can no longer be had" in text_of(page.get())
    assert "No other number there right now" in text_of(page.get())
    assert page.post(again="1").status_code == 422
    dear = replace(MOBILE, monthly=Money.of("9", "USD"))
    shop.telecom.places["gb-mobile"] = dear
    assert "There are numbers of your place again" not in text_of(page.get())
    shop.telecom.places["gb-mobile"] = MOBILE
    assert "There are numbers of your place again" in text_of(page.get())
    assert page.post(again="1").status_code == 302
    order.refresh_from_db()
    assert order.state == Order.State.PENDING
    approve(order)
    assert run_to_the_end(order).state == Run.State.DONE
    assert len(shop.telecom.charged) == 1


def test_the_digits_of_another_number_of_ours_stop_the_run(shop: ToyShop) -> None:
    order = order_of(shop)
    other = checking_out.submit(by_place(shop, email="other@karoo.example"))
    OwnedNumber.objects.filter(service__line__order=other).update(e164="+447405550101")
    approve(order)
    run = run_to_the_end(order)
    assert run.state == Run.State.FAILED
    assert "stands in our books already" in run.problem
    assert number_of(order).e164 == ""


@pytest.mark.parametrize("is_told", [True, False])
def test_taken_back_it_is_given_back_and_wanted_anew_by_its_place(
    shop: ToyShop, is_told: bool
) -> None:
    order = order_of(shop)
    shop.telecom.keeps_secret = not is_told
    shop.telecom.fail("create_trunk", Refused("no"))
    approve(order)
    run_jobs()
    bought = number_of(order)
    run = approving.latest_run(order)
    assert run is not None
    assert bool(bought.e164) is is_told
    approving.take_back(run, actor=SAM)
    hurry()
    assert run_to_the_end(order).state == Run.State.UNDONE

    bought.refresh_from_db()
    again = number_of(order)
    assert bought.state == OwnedNumber.State.RELEASED
    assert (again.e164, again.place, again.is_by_place) == ("", "gb-mobile", True)
    assert again.uid != bought.uid
    assert Service.objects.get(number=again).name == WORDS
    assert shop.telecom.held == {}


def test_a_chosen_number_alone_is_wanted_anew_too(shop: ToyShop) -> None:
    draft = shop.draft()
    shop.choose(draft, *shop.numbers(1))
    order = checking_out.submit(shop.complete(draft))
    shop.telecom.fail("create_trunk", Refused("no"))
    approve(order)
    run_jobs()
    bought, run = number_of(order), approving.latest_run(order)
    assert run is not None
    approving.take_back(run, actor=SAM)
    assert run_to_the_end(order).state == Run.State.UNDONE
    again = number_of(order)
    assert (again.e164, again.state) == (bought.e164, OwnedNumber.State.WANTED)
    assert again.uid != bought.uid


def test_a_chosen_number_that_is_ordered_and_not_listed_yet_is_not_gone(shop: ToyShop) -> None:
    draft = shop.draft()
    [e164] = shop.numbers(1)
    shop.choose(draft, e164)
    order = checking_out.submit(shop.complete(draft))
    number, telecom = number_of(order), shop.telecom
    approve(order)
    # The carrier has taken the order, and no reply told of it.
    del telecom.numbers[e164]
    telecom.pending[number.uid] = "gb-mobile"
    for _ in range(10):
        hurry()
        run_jobs()
    run = approving.latest_run(order)
    assert run is not None
    assert run.state == Run.State.WAITING
    telecom.pending.clear()
    telecom.held[e164] = Held(str(number.uid))
    hurry()
    assert run_to_the_end(order).state == Run.State.DONE
    assert telecom.charged == []


def test_another_capacity_is_bought_at_its_price(shop: ToyShop) -> None:
    ways = (
        Capacity("m", Billing.PER_MINUTE, "by the minute", MOBILE.monthly, MOBILE.setup),
        Capacity(
            "c2", Billing.UNLIMITED, "2 channels", Money.of("5", "USD"), Money.of("1", "USD"), 2
        ),
    )
    shop.telecom.places["gb-mobile"] = replace(MOBILE, capacities=ways)
    order = order_of(shop)
    OwnedNumber.objects.update(capacity="c2", capacity_text="2 channels")
    run_jobs()
    row = Change.objects.order_by("pk").filter(text__startswith="Buy").get()
    assert row.text == "Buy a mobile number in the United Kingdom, 2 channels"
    assert (str(row.cost_once), str(row.cost_monthly)) == ("$1.00", "$5.00")
    approve(order)
    assert run_to_the_end(order).state == Run.State.DONE
    assert shop.telecom.capacities == ["c2"]


def test_a_capacity_that_is_gone_stops_with_a_sentence(shop: ToyShop) -> None:
    order_of(shop)
    OwnedNumber.objects.update(capacity="c2", capacity_text="2 channels")
    run_jobs()
    assert "not sold as “2 channels”" in Service.objects.get().plans.get().problem


def test_after_a_while_it_is_asked_for_again(shop: ToyShop) -> None:
    """Nothing is held, so nothing runs out; what it costs and whether there is one may change."""
    draft, telecom = by_place(shop), shop.telecom

    def recheck() -> None:
        rechecking.recheck(draft, before={"number"}, ran_out=[], buyer=Buyer(draft.uid))

    def let_time_pass() -> None:
        (chosen,) = chosen_of(draft)
        draft.answers = {**draft.answers, "number": chosen | {"asked": 0}}
        draft.save()

    calls = telecom.calls["place"]
    telecom.places["gb-mobile"] = replace(MOBILE, monthly=Money.of("9", "USD"))
    recheck()
    assert telecom.calls["place"] == calls, "not at every page"
    let_time_pass()
    telecom.fail("place", NothingHappened("away"))
    recheck()
    with pytest.raises(
        Refusal, match=r"still free, but costs \$14.90 a month now instead of \$2.45"
    ):
        recheck()
    recheck()
    (chosen,) = chosen_of(draft)
    assert str(chosen_numbers.price_of(chosen).monthly) == "$14.90", "as he has seen it now"
    let_time_pass()
    telecom.places.clear()
    with pytest.raises(Refusal, match="no numbers of this place") as refused:
        recheck()
    assert refused.value.field == "number"
