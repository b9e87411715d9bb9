"""A number of a place in a browser: the button in the list, the selection, the cart, the order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from ringup.carriers.port import NumberType, PlaceOffer
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.numbers.models import Hold, OwnedNumber
from ringup.orders.models import Draft, Order
from ringup.services.models import Service
from tests.flows.toy_shop import ToyShop, toy_shop
from tests.shop.buying import COMPANY, text_of

LONDON = PlaceOffer(
    "gb-london", "GB", "ENG", "London", Money.of("1", "USD"), Money.of("0.50", "USD"),
    "England", "20", 12,
)  # fmt: skip
MOBILE = PlaceOffer(
    "gb-mobile", "GB", "", "Mobile", Money.of("3", "USD"), Money.of("1", "USD"),
    prefix="7", number_type=NumberType.MOBILE, needs_papers=True,
)  # fmt: skip
WORDS = "A number in London, United Kingdom"


@pytest.fixture
def shop(transactional_db: None, settings: Settings) -> Iterator[ToyShop]:
    with toy_shop(settings) as made:
        made.telecom.places = {one.key: one for one in (LONDON, MOBILE)}
        made.put_places()
        yield made


class Shopper:
    """A guest's browser."""

    def __init__(self) -> None:
        self.browser = Browser()

    def get(self, path: str = "/?country=GB") -> HttpResponse:
        return self.browser.get(path)  # type: ignore[return-value]

    def post(self, path: str, **data: str) -> HttpResponse:
        return self.browser.post(path, data)  # type: ignore[return-value]

    def button(self, place: str, path: str = "/?country=GB") -> str:
        page = self.get(path).content.decode()
        found = re.search(rf'value="([^"]+)" aria-label="Choose a number in {place}', page)
        assert found, text_of(self.get(path))
        return found[1]

    def select(self, place: str = "London", **more: str) -> HttpResponse:
        query = {"query": "country=GB", "slug": "number"}
        return self.post("/select/", e164=self.button(place), **(query | more))

    @property
    def draft(self) -> Draft:
        return Draft.objects.latest("pk")


@pytest.fixture
def shopper(shop: ToyShop) -> Shopper:
    return Shopper()


def keys_of(draft: Draft) -> list[str]:
    main = draft.answers.get("number")
    rows: list[dict[str, Any]] = [main, *draft.answers.get("more_numbers", [])] if main else []
    return [row["key"] for row in rows]


def test_the_list_has_a_button_price_stock_and_what_it_needs(shopper: Shopper) -> None:
    text = text_of(shopper.get())
    assert "A number in London, England +44 20… GB 12 available Ready in minutes" in text
    assert "$2.10 /mo $0.75 set-up Choose" in text
    assert "Papers needed 1 to 5 working days" in text
    assert "the digits are assigned to you" in text
    assert "Ask for it" not in text


def test_where_the_carrier_does_not_sell_by_place_it_is_asked_for(
    shop: ToyShop, shopper: Shopper
) -> None:
    shop.account.kind = "forgetful"
    shop.account.save()
    page = shopper.get()
    assert "Ask for it" in text_of(page)
    assert 'aria-label="Choose' not in page.content.decode()


def test_a_selection_of_several_is_shown_counted_and_let_go(shopper: Shopper) -> None:
    back = shopper.select(count="2")
    assert back["Location"] == "/?country=GB#results", "the list as it was"
    text = text_of(shopper.get())
    assert "2 numbers selected" in text
    assert text.count(WORDS) == 2
    assert "$4.20 /mo + $1.50 once" in text
    assert "Held for you" not in text, "there is nothing to hold"
    assert "no longer held" not in text
    assert not Hold.objects.exists()

    first, second = keys_of(shopper.draft)
    shopper.post("/select/", drop=first, query="country=GB")
    assert keys_of(shopper.draft) == [second]
    assert "1 number selected" in text_of(shopper.get())


def test_the_summary_names_each_number_once(shop: ToyShop, shopper: Shopper) -> None:
    shopper.select()
    [e164] = shop.numbers(1)
    shopper.post("/select/", e164=e164, slug="number")
    shopper.select()
    text = text_of(shopper.get(f"/checkout/{shopper.draft.uid}/company/"))
    assert f"2 × {WORDS} $4.20 /mo" in text
    assert f"{shown(e164)} $1.70 /mo" in text
    assert "3 numbers selected" in text_of(shopper.get())


def test_what_makes_no_sense_is_refused(shopper: Shopper) -> None:
    for odd in ("~", "~xyz", "~" + "0" * 19, "~" + "0" * 20, "~" + "0" * 20 + "*3"):
        shopper.post("/select/", e164=odd, slug="number", query="country=GB")
        assert "number" not in (Draft.objects.last() or Draft()).answers
    for count in ("0", "11", "-1", "x", "9" * 30):
        shopper.select(count=count)
        assert "number" not in (Draft.objects.last() or Draft()).answers


def test_sold_out_meanwhile_is_said(shop: ToyShop, shopper: Shopper) -> None:
    button = shopper.button("London")
    shop.telecom.places["gb-london"] = replace(LONDON, quantity=0)
    shopper.post("/select/", e164=button, slug="number", query="country=GB")
    assert "There are no numbers of this place on sale any more" in text_of(shopper.get())


def test_a_pbx_begins_with_a_number_of_a_place(shopper: Shopper) -> None:
    page = shopper.get("/?country=GB&for=hosted-pbx-10")
    assert "Choose" in text_of(page)
    assert 'name="count"' not in page.content.decode(), "a PBX takes one number"
    assert 'name="count"' in shopper.get().content.decode()
    onward = shopper.select(slug="hosted-pbx-10")
    assert onward.status_code == 302
    draft = shopper.draft
    assert draft.answers["number"]["place"] == "gb-london"
    shopper.post(f"/checkout/{draft.uid}/company/", **COMPANY)
    assert f"Main number {WORDS}" in text_of(shopper.get(f"/checkout/{draft.uid}/tenant/"))
    # Chosen anew, it comes instead of the first.
    button = shopper.button("London", f"/checkout/{draft.uid}/number/?country=GB")
    shopper.post(f"/checkout/{draft.uid}/number/", e164=button)
    draft.refresh_from_db()
    assert "more_numbers" not in draft.answers


def test_the_wizard_orders_each_of_several(shop: ToyShop, shopper: Shopper) -> None:
    shopper.select(count="2")
    draft = shopper.draft
    base = f"/checkout/{draft.uid}"
    assert f"2 × {WORDS} $4.20 /mo" in text_of(shopper.get(f"{base}/company/"))
    shopper.post(f"{base}/company/", **COMPANY)
    page = text_of(shopper.get(f"{base}/destination/"))
    assert "one of your 2 numbers" in page
    assert WORDS in text_of(shopper.get("/cart/"))
    shopper.post(f"{base}/destination/", goal="sip-account", seen=_seen(shopper, base))

    orders = list(Order.objects.order_by("pk"))
    assert len(orders) == 2
    for order in orders:
        number = OwnedNumber.objects.get(service__line__order=order)
        assert (number.e164, number.place) == ("", "gb-london")
        assert Service.objects.get(number=number).name == WORDS
        assert WORDS in text_of(shopper.get(reverse("portal:order", args=[order.uid])))


def _seen(shopper: Shopper, base: str) -> str:
    page = shopper.get(f"{base}/destination/").content.decode()
    found = re.search(r'name="seen" value="([^"]*)"', page)
    return found[1] if found else ""


def test_the_price_that_rose_is_seen_before_it_is_ordered(shop: ToyShop, shopper: Shopper) -> None:
    shopper.select()
    base = f"/checkout/{shopper.draft.uid}"
    shopper.post(f"{base}/company/", **COMPANY)
    seen = _seen(shopper, base)
    shop.telecom.places["gb-london"] = replace(LONDON, monthly=Money.of("2", "USD"))
    shopper.post(f"{base}/destination/", goal="sip-account", seen=seen)
    assert not Order.objects.exists()
    assert f"The price of {WORDS} has changed" in text_of(shopper.get(f"{base}/number/"))


def test_leaving_says_nothing_of_a_hold(shopper: Shopper) -> None:
    shopper.select()
    page = shopper.get(f"/checkout/{shopper.draft.uid}/company/")
    assert "Stop here" in text_of(page)
    assert "release the number" not in text_of(page)
    shopper.post(f"/checkout/{shopper.draft.uid}/leave/")
    assert "no longer held" not in text_of(shopper.get("/"))
