"""Several numbers in one draft are ordered together, each as an order of its own: all, or none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from ringup.accounts.models import Client, User
from ringup.carriers.port import NumberOffer
from ringup.catalog.models import NumberPriceRule, Price, Product
from ringup.catalog.pricing import Quote
from ringup.core.models import Activity
from ringup.core.money import Money, total
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.flows.checkout import checking_out, chosen_numbers, drafting, holding_numbers, quoting
from ringup.flows.orders import cancelling
from ringup.jobs.models import Job
from ringup.numbers.models import Hold, OwnedNumber
from ringup.orders.models import Draft, Order
from ringup.services.models import Service
from tests.flows.toy_shop import ToyShop, toy_shop
from tests.racing import at_once, in_waves, kinds, refused
from tests.world import COMPANY, SAM

pytestmark = pytest.mark.django_db(transaction=True)
BUYERS, WAVE = 200, 20


@pytest.fixture
def shop(transactional_db: None, settings: Settings) -> Iterator[ToyShop]:
    with toy_shop(settings, "forgetful") as made:
        yield made


@pytest.fixture
def draft(shop: ToyShop) -> Draft:
    """A complete one of three numbers, whose order is not the order of their digits."""
    draft = shop.draft()
    one, two, three = shop.numbers(3)
    shop.choose(draft, two, three, one)
    return shop.complete(draft)


def nothing_ordered() -> bool:
    things: tuple[Any, ...] = (Order, OwnedNumber, Service, User, Job)
    return not any(model.objects.exists() for model in things)


def orders_of(first: Order) -> list[Order]:
    return [first, *checking_out.placed_with(first)]


def frozen(order: Order) -> Quote:
    return Quote.from_data(order.lines.get().quote)


# -- what it costs --------------------------------------------------------------------------------


def test_all_numbers_are_lines_of_what_is_shown(shop: ToyShop, draft: Draft) -> None:
    lines = quoting.quote_draft(draft).lines
    assert [(line.text, line.quantity) for line in lines] == [
        (shop.number.name, 3),
        *[(chosen_numbers.number_words(row["e164"]), 1) for row in holding_numbers.chosen(draft)],
    ]
    seen = quoting.mark_of(quoting.quote_draft(draft), draft.sold)
    holding_numbers.drop(draft, holding_numbers.chosen(draft)[1]["e164"])
    assert quoting.mark_of(quoting.quote_draft(draft), draft.sold) != seen, (
        "the buyer consents to all of them"
    )


@pytest.mark.parametrize("cycle", ["monthly", "annual"])
def test_the_orders_cost_together_what_was_shown(shop: ToyShop, cycle: str) -> None:
    """Also with a price that does not come out even, and numbers that cost differently."""
    prices = {"setup_micros": 333_333, "amount_micros": 1_666_667, "cycle": cycle}
    rows = Price.objects.filter(product=shop.number)
    rows.exclude(cycle="monthly").delete()
    rows.update(**prices)
    for offer, cents in zip(shop.offers()[:3], (101, 255, 1999), strict=True):
        cost = Money(cents * 10_001, "USD")
        shop.telecom.put_on_sale(replace(offer, monthly=cost, setup=cost))
    draft = shop.draft(Product.objects.get(pk=shop.number.pk))
    shop.choose(draft, *shop.numbers(3))
    shown = quoting.quote_draft(shop.complete(draft))
    quotes = [frozen(order) for order in orders_of(checking_out.submit(draft))]
    assert len(quotes) == 3
    assert all(len(quote.lines) == 2 for quote in quotes)
    for part in ("setup", "recurring", "first_payment"):
        sums = total((getattr(quote, part) for quote in quotes), "USD")
        assert sums == getattr(shown, part), part
        assert sums
    assert {quote.cycle for quote in quotes} == {shown.cycle}


# -- ordering -------------------------------------------------------------------------------------


def test_each_number_becomes_an_order_with_all_that_one_has(shop: ToyShop, draft: Draft) -> None:
    numbers = [row["e164"] for row in holding_numbers.chosen(draft)]
    first = checking_out.submit(draft)
    orders = orders_of(first)
    assert first.draft == draft
    assert [order.draft.answers["number"]["e164"] for order in orders] == numbers
    assert Order.objects.count() == 3
    client = Client.objects.get()
    for order, e164 in zip(orders, numbers, strict=True):
        service = Service.objects.get(line__order=order)
        assert (service.number and service.number.e164, service.client) == (e164, client)
        assert "more_numbers" not in order.draft.answers
        assert (order.draft.client, order.draft.state) == (client, Draft.State.SUBMITTED)
        held = Hold.objects.get(holder=order.draft.uid)
        assert (held.e164, held.state) == (e164, Hold.State.LOCKED)
        assert Activity.objects.filter(subject=f"order:{order.uid}").count() == 1
        assert order.events.count() == 1
        assert {row.pk for row in checking_out.placed_with(order)} == {
            other.pk for other in orders if other != order
        }
    assert Job.objects.filter(name="provisioning.plan").count() == 3
    assert Job.objects.filter(name="orders.received").count() == 1


def test_most_orders_were_placed_alone(shop: ToyShop) -> None:
    draft = shop.draft()
    shop.choose(draft, *shop.numbers(1))
    assert checking_out.placed_with(checking_out.submit(shop.complete(draft))) == []


def test_an_order_of_several_ends_alone(draft: Draft) -> None:
    first, second, third = orders_of(checking_out.submit(draft))
    ended = second.draft.answers["number"]["e164"]
    cancelling.cancel(second, actor=SAM)
    assert not Hold.objects.filter(e164=ended).exists()
    assert Hold.objects.filter(holder__in=[first.draft.uid, third.draft.uid]).count() == 2
    assert OwnedNumber.objects.get(state=OwnedNumber.State.RELEASED).e164 == ended


def test_what_ran_out_is_ordered_while_nobody_took_it(draft: Draft) -> None:
    Hold.objects.update(expires=timezone.now())
    Hold.objects.filter(e164=holding_numbers.chosen(draft)[1]["e164"]).delete()
    assert len(orders_of(checking_out.submit(draft))) == 3
    assert Hold.objects.filter(state=Hold.State.LOCKED).count() == 3


def test_what_another_window_chose_besides_is_free_again(shop: ToyShop, draft: Draft) -> None:
    tab = Draft.objects.get(pk=draft.pk)
    shop.choose(tab, *shop.numbers(4))
    assert len(orders_of(checking_out.submit(draft))) == 3, "what this window showed"
    assert Hold.objects.count() == 3


# -- all or none ----------------------------------------------------------------------------------


def spoil(shop: ToyShop, draft: Draft, how: str) -> None:
    e164 = holding_numbers.chosen(draft)[1]["e164"]
    if how == "sold":
        shop.telecom.sell_to_somebody_else(e164)
    elif how == "taken":
        Hold.objects.filter(e164=e164).update(expires=timezone.now())
        shop.choose(shop.draft(), e164)
    elif how == "dearer":
        NumberPriceRule.objects.update(percent=900)
    else:
        Product.objects.update(stock=2)


@pytest.mark.parametrize("how", ["sold", "taken", "dearer", "too few in stock"])
def test_one_that_cannot_be_ordered_keeps_all_from_it(
    shop: ToyShop, draft: Draft, how: str
) -> None:
    spoil(shop, draft, how)
    Job.objects.all().delete()
    draft = Draft.objects.select_related("product").get(pk=draft.pk)
    with pytest.raises(Refusal):
        checking_out.submit(draft)
    fresh = Draft.objects.get(pk=draft.pk)
    assert fresh.state == Draft.State.OPEN
    assert len(holding_numbers.chosen(fresh)) == 3
    assert nothing_ordered()
    assert Draft.objects.filter(state=Draft.State.SUBMITTED).count() == 0
    stock = Product.objects.get(pk=shop.number.pk).stock
    assert stock in (None, 2)


def test_which_of_them_is_gone_is_said(shop: ToyShop, draft: Draft) -> None:
    e164 = holding_numbers.chosen(draft)[1]["e164"]
    spoil(shop, draft, "sold")
    with pytest.raises(Refusal, match=f"^{re.escape(shown(e164))} is sold"):
        checking_out.submit(draft)


def test_several_of_what_takes_one_are_refused(shop: ToyShop) -> None:
    draft = shop.draft(shop.bundle)
    shop.choose(draft, shop.numbers(1)[0])
    drafting.save_company(draft, COMPANY)
    for step in ("administrator", "tenant"):
        drafting.save_answers(draft, step, draft.answers.get(step, {"label": "karoofreight"}))
    drafting.save_answers(draft, "more_numbers", [draft.answers["number"]])  # type: ignore[arg-type]
    with pytest.raises(Refusal, match="takes one number"):
        checking_out.submit(draft, administrator_password="Correct-Horse-9")
    assert nothing_ordered()


# -- at once --------------------------------------------------------------------------------------


def test_submitting_twice_gives_the_same_orders(draft: Draft) -> None:
    first = checking_out.submit(draft)
    again = checking_out.submit(Draft.objects.get(pk=draft.pk))
    assert orders_of(first) == orders_of(again)
    assert Order.objects.count() == 3


def test_submitting_in_many_windows_at_once_gives_the_orders_once(draft: Draft) -> None:
    tabs = [Draft.objects.get(pk=draft.pk) for _ in range(6)]
    outcomes = at_once(*[partial(checking_out.submit, tab) for tab in tabs])
    assert "ok" in kinds(outcomes)
    assert {str(one)[:30] for one in refused(outcomes)} <= {"This order was already placed."}
    assert (Order.objects.count(), Client.objects.count()) == (3, 1)


def test_two_who_order_the_same_numbers_never_wait_for_each_other(shop: ToyShop) -> None:
    """Both once held them; nobody does now. One gets all, in whatever order he chose them."""
    numbers = shop.numbers(4)
    drafts = []
    for turn in range(6):
        chosen = numbers if turn % 2 else numbers[::-1]
        drafts.append(shop.draft())
        shop.choose(drafts[-1], *chosen)
        shop.complete(drafts[-1], email=f"buyer{turn}@example.com", company=f"Buyer {turn}")
        Hold.objects.all().delete()
    outcomes = at_once(*[partial(checking_out.submit, draft) for draft in drafts])
    assert len(refused(outcomes)) == len(drafts) - 1
    assert (Order.objects.count(), OwnedNumber.objects.count()) == (4, 4)
    assert Client.objects.count() == 1


def ordering(shop: ToyShop, offer: NumberOffer) -> list[Draft]:
    """Complete drafts that all have this number, of buyers whose holds ran out."""
    first = shop.draft()
    shop.choose(first, offer.e164)
    shop.complete(first)
    Hold.objects.all().delete()
    company = first.answers["company"]
    return Draft.objects.bulk_create(
        Draft(
            brand=first.brand,
            product=first.product,
            currency=first.currency,
            answers={**first.answers, "company": company | {"email": f"b{place}@example.com"}},
        )
        for place in range(BUYERS)
    )


def test_of_200_who_order_one_number_one_has_it(shop: ToyShop) -> None:
    offer = shop.offers()[0]
    drafts = ordering(shop, offer)
    outcomes = in_waves([partial(checking_out.submit, one) for one in drafts], most=WAVE)
    [order] = [one for one in outcomes if isinstance(one, Order)]
    assert len(refused(outcomes)) == BUYERS - 1
    assert all("Nothing was charged" in str(one) for one in refused(outcomes))
    assert OwnedNumber.objects.get().e164 == offer.e164
    assert (Order.objects.get(), Client.objects.count()) == (order, 1)
    assert Hold.objects.get().holder == order.draft.uid
    assert Draft.objects.filter(state=Draft.State.SUBMITTED).get() == order.draft
