"""Selecting numbers: what is held, for whom, for how long, and how it is let go again."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from ringup.carriers.port import Stock, StockArea
from ringup.catalog.models import Mapping
from ringup.core.limiting import count
from ringup.core.phones import shown
from ringup.flows.checkout.chosen_numbers import numbers_of
from ringup.numbers import holding
from ringup.numbers.models import Hold
from ringup.numbers.storing import Listed
from ringup.orders.models import Draft, Order
from ringup.sandbox.voipms import VoipmsSandbox
from ringup.shop import starting
from tests.shop.buying import COMPANY, Buyer, Shop, text_of


def take(buyer: Buyer, e164: str, **fields: str) -> HttpResponse:
    """Press Select on the front page's list."""
    return buyer.browser.post("/select/", {"e164": e164, "slug": "number", **fields})  # type: ignore[return-value]


def held(draft: Draft | None = None) -> set[str]:
    rows = Hold.objects.filter(expires__gt=timezone.now())
    return set((rows.filter(holder=draft.uid) if draft else rows).values_list("e164", flat=True))


def tray(page: HttpResponse) -> str:
    found = re.search(r'<section class="tray".*?</section>', page.content.decode(), re.DOTALL)
    assert found, text_of(page)
    return text_of(HttpResponse(found[0]))


def age(seconds_left: int) -> None:
    """Time goes by until this many seconds are left."""
    Hold.objects.update(expires=timezone.now() + timedelta(seconds=seconds_left))


# -- on the front page ----------------------------------------------------------------------------


def test_numbers_collect_into_a_selection_and_each_is_held(buyer: Buyer, shop: Shop) -> None:
    first, second, third = (offer.e164 for offer in shop.offers()[:3])
    back = take(buyer, first, query="country=US&region=NY&junk=1")
    assert back["Location"] == "/?country=US&region=NY#results", "the list as it was"
    take(buyer, second)
    take(buyer, third)

    draft = Draft.objects.get()
    assert held(draft) == {first, second, third}
    page = buyer.get("/", q=second[2:])
    assert "3 numbers selected Held for you 1" in tray(page)
    assert "Order them" in tray(page)
    for e164 in (first, second, third):
        assert shown(e164) in tray(page)
    assert f"Selected: {shown(second)}. Let it go" in page.content.decode()

    buyer.browser.post("/select/", {"drop": second})
    assert held(draft) == {first, third}
    assert "2 numbers selected" in tray(buyer.get("/"))
    draft.refresh_from_db()
    assert [row["e164"] for row in numbers_of(draft)] == [first, third]


def test_the_prices_of_a_selection_are_added_up(buyer: Buyer, shop: Shop) -> None:
    buffalo = [offer.e164 for offer in shop.offers() if offer.rate_centre == "BUFFALO"]
    take(buyer, buffalo[0])
    take(buyer, buffalo[1])

    assert "$3.80 /mo + $1.20 once" in tray(buyer.get("/"))


def test_a_block_is_held_whole_or_not_at_all(buyer: Buyer, shop: Shop, stranger: Buyer) -> None:
    shop.stock("TF/844")
    page = buyer.get("/", type="toll-free", row="5")
    first = re.search(r'name="e164" value="(\+1844\d{7})\*5"', page.content.decode())
    assert first, text_of(page)
    block = [f"+{int(first[1][1:]) + n}" for n in range(5)]
    assert f"{shown(block[0])} to {shown(block[4])[3:]}, 5 numbers" in text_of(page)
    assert "$12.50 /mo 5 × $2.50, no set-up fee" in text_of(page)

    take(stranger, block[3])
    take(buyer, f"{block[0]}*5")
    assert "Somebody else is buying" in text_of(buyer.get("/"))
    assert held() == {block[3]}, "none of it is held"

    stranger.browser.post("/select/", {"drop": block[3]})
    take(buyer, f"{block[0]}*5")
    assert held() == set(block)
    assert "5 numbers selected" in tray(buyer.get("/"))


def test_blocks_are_not_offered_where_one_number_is_all(buyer: Buyer, shop: Shop) -> None:
    page = buyer.get("/", row="5", **{"for": "hosted-pbx-10"})
    assert "in a row" not in text_of(page).replace("5 in a row", "", 0).partition("numbers")[0]
    draft = buyer.start("hosted-pbx-10")
    buyer.send(draft, "company", COMPANY)
    assert "10 in a row" not in text_of(buyer.step(draft, "number"))
    refused = buyer.send(draft, "number", {"e164": f"{shop.offers()[0].e164}*2"})
    assert "takes one number, its main number" in text_of(refused)
    assert not Hold.objects.exists()


def test_one_order_takes_ten_numbers_and_says_so(buyer: Buyer, shop: Shop) -> None:
    offers = [offer.e164 for offer in shop.offers()[:11]]
    for e164 in offers[:10]:
        take(buyer, e164)
    take(buyer, offers[10])

    assert len(held()) == holding.MOST_PER_DRAFT
    assert "One order can have 10 numbers at most." in text_of(buyer.get("/"))


@pytest.mark.parametrize(
    "typed", ["", "x", "+1", "+12125550100*3", "+12125550100*", "*5", "+1' OR 1=1"]
)
def test_nonsense_is_not_selected(buyer: Buyer, typed: str) -> None:
    take(buyer, typed)

    assert "Choose a number from the list. Nothing was ordered or charged." in text_of(
        buyer.get("/")
    )
    assert not Hold.objects.exists()


def test_what_is_not_on_sale_cannot_be_selected(buyer: Buyer, shop: Shop) -> None:
    e164 = shop.offers()[0].e164
    take(buyer, f"{e164} no-such-thing")
    assert "This is not on sale right now." in text_of(buyer.get("/"))
    Mapping.objects.filter(product=shop.number).delete()
    take(buyer, e164)
    assert not Hold.objects.exists()


def test_a_number_that_was_sold_meanwhile_is_said_on_the_list(buyer: Buyer, shop: Shop) -> None:
    e164 = shop.offers()[0].e164
    shop.sell(e164)
    back = take(buyer, e164, query="q=212")

    assert "sold, or not on sale here. Nothing was charged." in text_of(buyer.get("/", q="212"))
    assert back["Location"] == "/?q=212#results"
    assert not Hold.objects.exists()


def test_a_flood_of_choices_is_asked_to_wait(buyer: Buyer, shop: Shop) -> None:
    for _ in range(starting.CHOICES.times):
        count(starting.CHOICES, "127.0.0.1")
    take(buyer, shop.offers()[0].e164)
    assert "You chose many numbers in a short time." in text_of(buyer.get("/"))
    assert not Hold.objects.exists()


def test_with_htmx_the_list_comes_back_with_the_selection(buyer: Buyer, shop: Shop) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/?q=212"}
    data = {"e164": shop.offers()[0].e164, "slug": "number", "query": "q=212"}
    fragment = buyer.browser.post("/select/", data, headers=headers, follow=True)
    assert "<html" not in fragment.content.decode()
    assert "1 number selected" in tray(fragment)
    assert 'id="held" hx-swap-oob="true"' in fragment.content.decode()
    assert "HX-Push-Url" not in fragment, "the address is the same"

    pbx = {**data, "slug": "hosted-pbx-10", "e164": shop.offers()[1].e164}
    onward = buyer.browser.post("/select/", pbx, headers=headers)
    assert onward["HX-Redirect"].startswith("/checkout/"), "a PBX takes one number: go on"


def test_a_form_without_a_token_selects_nothing(shop: Shop) -> None:
    strict = Browser(enforce_csrf_checks=True)
    answer = strict.post("/select/", {"e164": shop.offers()[0].e164, "slug": "number"})
    assert answer.status_code == 403
    assert not Hold.objects.exists()


def test_another_browser_sees_neither_the_selection_nor_its_numbers(
    buyer: Buyer, shop: Shop, stranger: Buyer
) -> None:
    e164 = shop.offers()[0].e164
    take(buyer, e164)

    theirs = stranger.get("/", q=e164[2:]).content.decode()
    assert 'class="tray"' not in theirs
    assert e164 not in theirs
    stranger.browser.post("/select/", {"drop": e164})
    assert held() == {e164}, "only its holder can let it go"


# -- in the wizard --------------------------------------------------------------------------------


def test_plain_numbers_are_collected_in_the_wizard_too(buyer: Buyer, shop: Shop) -> None:
    first, second = (offer.e164 for offer in shop.offers()[:2])
    draft = buyer.start("number", e164=first)
    buyer.send(draft, "company", COMPANY)

    back = buyer.send(draft, "number", {"e164": second, "query": "q=212"})
    assert back["Location"] == f"/checkout/{draft.uid}/number/?q=212"
    page = buyer.browser.get(back["Location"])
    assert "Continue with these 2 numbers" in tray(page)
    assert "Your order +1" in text_of(page)
    dropped = buyer.send(draft, "number", {"drop": first})
    assert dropped["Location"] == f"/checkout/{draft.uid}/number/"
    assert held() == {second}


def test_several_numbers_become_as_many_orders(buyer: Buyer, shop: Shop) -> None:
    first, second = (offer.e164 for offer in shop.offers()[:2])
    take(buyer, first)
    take(buyer, second)
    draft = Draft.objects.get()
    buyer.send(draft, "company", COMPANY)
    page = buyer.step(draft, "destination")
    assert "Somebody calls one of your 2 numbers" in text_of(page)

    placed = buyer.send(draft, "destination", {"goal": "telephone", "telephone": "416 555 0199"})

    order = buyer.order_of(placed)
    assert Order.objects.count() == 2
    told = text_of(buyer.get(placed["Location"]))
    assert "2 orders were placed: " in told
    for one in Order.objects.all():
        assert one.label in told
        assert buyer.get(f"/my/orders/{one.uid}/").status_code == 200, "a guest sees all of them"
    assert order.client.name == COMPANY["company"]


def test_another_number_for_a_pbx_releases_the_first(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.start("hosted-pbx-10")
    buyer.send(draft, "company", COMPANY)
    first, second = (offer.e164 for offer in shop.offers()[:2])
    assert buyer.send(draft, "number", {"e164": first})["Location"].endswith("/tenant/")
    assert buyer.send(draft, "number", {"e164": second})["Location"].endswith("/tenant/")

    assert held() == {second}
    page = buyer.step(draft, "number")
    assert "Continue with this number" in tray(page)
    front = buyer.get("/")
    assert "1 number selected for Hosted PBX, 10 seats" in tray(front)
    assert "Go on with your order" in tray(front)


def test_refusals_of_the_wizard_come_with_the_fragment(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.start("number", e164=shop.offers()[0].e164)
    buyer.send(draft, "company", COMPANY)
    gone = shop.offers()[1].e164
    shop.sell(gone)
    headers = {"HX-Request": "true"}
    fragment = buyer.browser.post(
        f"/checkout/{draft.uid}/number/", {"e164": gone}, headers=headers, follow=True
    )
    assert "sold, or not on sale here" in text_of(fragment)
    assert "<html" not in fragment.content.decode()
    assert 'id="sum-wide" hx-swap-oob="true"' in fragment.content.decode()


# -- time -----------------------------------------------------------------------------------------


def test_the_countdown_is_that_of_the_hold_that_ends_first(buyer: Buyer, shop: Shop) -> None:
    first, second = (offer.e164 for offer in shop.offers()[:2])
    take(buyer, first)
    Hold.objects.update(expires=F("expires") - timedelta(minutes=9))
    take(buyer, second)

    page = buyer.get("/").content.decode()

    left = re.findall(r'data-hold="(\d\d):\d\d" data-hold-total="900"', page)
    assert left
    assert set(left) <= {"05", "06"}, "in the top bar and in the selection"


def test_the_time_is_extended_once(buyer: Buyer, shop: Shop) -> None:
    e164 = shop.offers()[0].e164
    draft = buyer.start("number", e164=e164)
    age(90)
    page = buyer.step(draft, "company")
    assert "Keep it 15 minutes longer" in text_of(page)
    assert 'data-state="low"' in page.content.decode()

    back = buyer.browser.post(f"/checkout/{draft.uid}/longer/", {"at": "company"})

    assert back["Location"] == f"/checkout/{draft.uid}/company/"
    assert Hold.objects.get().expires > timezone.now() + timedelta(minutes=16)
    again = buyer.step(draft, "company")
    assert "15 minutes longer" not in text_of(again)
    buyer.browser.post(f"/checkout/{draft.uid}/longer/", {"at": "company"})
    assert "extended already, which works once" in text_of(buyer.step(draft, "company"))
    front = buyer.browser.post(f"/checkout/{draft.uid}/longer/", {"at": "", "query": "q=212"})
    assert front["Location"] == "/?q=212"
    assert "extended already" in text_of(buyer.get("/", q="212"))


def test_strangers_extend_and_leave_nothing(buyer: Buyer, shop: Shop, stranger: Buyer) -> None:
    draft = buyer.start("number", e164=shop.offers()[0].e164)
    age(90)
    for verb in ("longer", "leave"):
        assert stranger.browser.post(f"/checkout/{draft.uid}/{verb}/").status_code == 404
    assert Hold.objects.get().expires < timezone.now() + timedelta(seconds=91)


def test_a_hold_that_ran_out_is_said_and_can_be_had_again(
    buyer: Buyer, shop: Shop, stranger: Buyer
) -> None:
    first, second = (offer.e164 for offer in shop.offers()[:2])
    take(buyer, first)
    take(buyer, second)
    age(-1)
    page = buyer.get("/", q=first[2:])
    assert "no longer held" in tray(page)
    assert "Hold it again" in tray(page)
    assert "Order them" not in tray(page), "others may have them by now"
    assert f"Select {shown(first)}" in page.content.decode()
    assert f'name="e164" value="{first}"' in stranger.get("/", q=first[2:]).content.decode()

    take(stranger, second)
    take(buyer, first)
    take(buyer, second)
    page = buyer.get("/")
    assert f"Somebody else is buying {shown(second)} right now." in text_of(page)
    assert held(Draft.objects.order_by("pk").first()) == {first}


def test_all_that_ran_out_are_held_again_by_one_button(
    buyer: Buyer, shop: Shop, stranger: Buyer
) -> None:
    first, second = (offer.e164 for offer in shop.offers()[:2])
    take(buyer, first)
    take(buyer, second)
    draft = Draft.objects.get()
    age(-1)

    stranger.browser.post("/select/", {"again": str(draft.uid)})
    assert held() == set(), "not by anybody"
    buyer.browser.post("/select/", {"again": str(draft.uid), "query": "q=212"})
    assert held() == {first, second}

    age(-1)
    buyer.send(draft, "company", COMPANY)
    shop.sell(second)
    assert "Hold them again" in tray(buyer.step(draft, "number"))
    buyer.send(draft, "number", {"again": "1"})
    assert "sold, or not on sale here" in text_of(buyer.step(draft, "number"))
    assert held() == set()
    buyer.send(draft, "number", {"drop": second})
    assert "Hold it again" in tray(buyer.step(draft, "number"))
    buyer.send(draft, "number", {"again": "1"})
    assert held() == {first}
    assert "Continue with this number" in tray(buyer.step(draft, "number"))


def test_a_button_leads_to_what_is_still_missing(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.start("number", e164=shop.offers()[0].e164)
    assert "Continue to destination" in text_of(buyer.step(draft, "company"))
    assert "Continue to number" in text_of(buyer.step(buyer.start("hosted-pbx-10"), "company"))


def test_leaving_lets_all_numbers_go(buyer: Buyer, shop: Shop) -> None:
    take(buyer, shop.offers()[0].e164)
    take(buyer, shop.offers()[1].e164)
    draft = Draft.objects.get()

    buyer.browser.post(f"/checkout/{draft.uid}/leave/")

    assert not Hold.objects.exists()
    assert "2 numbers are no longer held." in text_of(buyer.get("/"))


def test_of_a_number_with_papers_only_its_place_is_promised(
    buyer: Buyer, shop: Shop, carrier: VoipmsSandbox
) -> None:
    e164 = shop.offers()[0].e164
    take(buyer, e164)
    Hold.objects.update(is_soft=True)

    said = tray(buyer.get("/"))

    place = shop.offers()[0]
    assert f"A number in {place.rate_centre.title()}, New York" in said
    assert shown(e164) not in said


def test_a_selection_of_days_ago_is_not_shown_any_more(buyer: Buyer, shop: Shop) -> None:
    take(buyer, shop.offers()[0].e164)
    age(-1)
    Draft.objects.update(changed=timezone.now() - timedelta(days=1))

    assert 'class="tray"' not in buyer.get("/").content.decode()


def test_numbers_of_two_things_are_two_selections(buyer: Buyer, shop: Shop) -> None:
    plain = shop.offers()[0]
    take(buyer, plain.e164)
    other = replace(plain, e164="+12125559999")
    shop.put(Listed.of(StockArea("X", "X", "US"), Stock([other])))
    draft = buyer.start("hosted-pbx-10", e164=shop.offers()[1].e164)

    page = buyer.get("/").content.decode()

    assert page.count('class="tray"') == 2
    for e164 in (plain.e164, shop.offers()[1].e164):
        listed = buyer.get("/", q=e164[2:]).content.decode()
        assert f'name="drop" value="{e164}"' in listed, "no hold of his hides a number from him"
    assert held(draft) == {shop.offers()[1].e164}
