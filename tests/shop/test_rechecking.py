"""Opening a later step looks again at what stands before it, and leads back with a sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ringup.core.limiting import count
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.numbers import holding
from ringup.numbers.models import Hold
from ringup.orders.models import Draft, Order
from ringup.services.models import DomainClaim
from ringup.shop import starting
from tests.shop.buying import ADMINISTRATOR, COMPANY, Buyer, Shop, text_of


def run_out() -> None:
    """Every hold has had its time."""
    Hold.objects.update(expires=timezone.now() - timedelta(seconds=1))


def numbers_of(draft: Draft) -> str:
    return str(Draft.objects.get(pk=draft.pk).answers["number"]["e164"])


def test_a_hold_that_ran_out_is_renewed_without_a_word(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()
    e164 = numbers_of(draft)
    run_out()

    page = buyer.step(draft, "administrator")

    assert page.status_code == 200
    assert "Held for you" in text_of(page)
    assert holding.held_by(draft.uid)[0].e164 == e164


@pytest.mark.parametrize("how", ["sold", "held by another buyer"])
def test_a_number_that_is_gone_leads_back_to_the_numbers(
    buyer: Buyer, stranger: Buyer, shop: Shop, how: str
) -> None:
    draft = buyer.pbx_up_to_administrator()
    run_out()
    if how == "sold":
        shop.sell(numbers_of(draft))
    else:
        stranger.start("number", e164=numbers_of(draft))

    for slug in ("administrator", "tenant"):
        assert buyer.step(draft, slug)["Location"] == f"/checkout/{draft.uid}/number/"

    said = text_of(buyer.step(draft, "number"))
    assert ("is sold, or not on sale" if how == "sold" else "Somebody else is buying") in said
    assert "Nothing was charged" in said
    assert buyer.step(draft, "company").status_code == 200


def test_a_number_that_grew_dearer_meanwhile_is_said_once(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.pbx_up_to_administrator()
    run_out()
    rule = shop.account.price_rules.get()
    rule.percent = 900
    rule.save()

    assert buyer.step(draft, "administrator")["Location"] == f"/checkout/{draft.uid}/number/"

    said = text_of(buyer.step(draft, "number"))
    assert f"{shown(numbers_of(draft))} is still free, but costs" in said
    assert buyer.step(draft, "administrator").status_code == 200


@pytest.mark.parametrize("fault", ["500", "reply_lost_after"])
def test_a_silent_carrier_does_not_keep_a_buyer_from_his_page(
    buyer: Buyer, shop: Shop, fault: str
) -> None:
    draft = buyer.pbx_up_to_administrator()
    run_out()
    shop.carrier.faults.add(fault, times=-1)

    assert buyer.step(draft, "administrator").status_code == 200


def test_who_asks_too_often_is_shown_the_page_and_the_carrier_is_left_alone(buyer: Buyer) -> None:
    draft = buyer.pbx_up_to_administrator()
    run_out()
    for _ in range(starting.CHOICES.times):
        count(starting.CHOICES, "127.0.0.1")

    assert buyer.step(draft, "administrator").status_code == 200
    assert holding.held_by(draft.uid) == []


def test_a_domain_that_was_taken_meanwhile_leads_back_to_the_pbx(
    buyer: Buyer, stranger: Buyer, shop: Shop
) -> None:
    draft = buyer.pbx_up_to_administrator()
    other = stranger.start("hosted-pbx-10")
    stranger.send(other, "company", COMPANY, email="other@karoo.example")
    stranger.send(other, "number", {"e164": shop.offers()[-1].e164})
    stranger.send(other, "tenant", {"label": draft.answers["tenant"]["label"]})
    stranger.order_of(stranger.send(other, "administrator", ADMINISTRATOR))
    assert DomainClaim.objects.get().domain.startswith("karoofreight.")

    assert buyer.step(draft, "administrator")["Location"] == f"/checkout/{draft.uid}/tenant/"

    assert "is taken by another company. Add a word" in text_of(buyer.step(draft, "tenant"))
    assert buyer.send(draft, "tenant", {"label": "karoo-two"}).status_code == 302
    assert buyer.step(draft, "administrator").status_code == 200


def test_a_product_that_was_retired_meanwhile_stops_in_plain_words(
    buyer: Buyer, shop: Shop
) -> None:
    draft = buyer.pbx_up_to_administrator()
    shop.bundle.is_retired = True
    shop.bundle.save()

    page = buyer.step(draft, "administrator")

    assert page.status_code == 409
    assert "is not on sale right now. Nothing was ordered or charged." in text_of(page)
    buyer.send(draft, "administrator", ADMINISTRATOR)
    assert not Order.objects.exists()


def test_a_price_that_rose_while_the_buyer_was_away_is_said_once(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.pbx_up_to_administrator()
    assert "price has changed" not in text_of(buyer.step(draft, "administrator"))
    shop.bundle.prices.filter(cycle="monthly").update(amount_micros=Money.of("99", "USD").micros)

    said = text_of(buyer.step(draft, "administrator"))

    assert "the first payment is $99.60 now instead of $79.60. Nothing was ordered" in said
    assert "price has changed" not in text_of(buyer.step(draft, "administrator"))


def test_what_the_buyer_changes_himself_is_no_news_to_him(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.pbx_up_to_administrator()
    dear = next(offer for offer in shop.offers() if offer.monthly > shop.cheap_offer().monthly)
    buyer.browser.post("/select/", {"slug": "hosted-pbx-10", "e164": dear.e164})

    assert "price has changed" not in text_of(buyer.step(draft, "tenant"))
