"""The number search on the shop's front page, against a carrier over a real socket."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse

from ringup.accounts.brands import default_brand
from ringup.carriers.models import CarrierAccount
from ringup.catalog import number_prices
from ringup.catalog.models import Mapping, NumberPriceRule
from ringup.core.fields import money_columns
from ringup.core.limiting import count
from ringup.core.money import Money
from ringup.numbers import holding
from ringup.numbers.models import Hold, OwnedNumber
from ringup.sandbox.voipms import VoipmsSandbox
from ringup.shop import finding
from tests.shop.buying import Buyer, Shop, text_of
from tests.world import make_client

FREE = Money.zero("USD")


def numbers_in(response: HttpResponse) -> list[str]:
    """The numbers of the list, in E.164."""
    return re.findall(r'name="e164" value="(\+\d+)"', response.content.decode())


def test_a_guest_sees_numbers_with_place_and_price(buyer: Buyer, shop: Shop) -> None:
    page = buyer.get("/", country="US", region="NY", centre="BUFFALO")

    text = text_of(page)
    assert "New York" in text
    assert "Buffalo, New York" in text
    # 0.85 + 60 % + 0.50, up to a full 0.05; set-up 0.40 + 50 %.
    assert "$1.90 /mo" in text
    assert "$0.60 set-up" in text
    wanted = [offer.e164 for offer in shop.offers() if offer.rate_centre == "BUFFALO"]
    assert numbers_in(page) == wanted[:50]


def test_numbers_are_grouped_and_the_match_is_marked(buyer: Buyer, shop: Shop) -> None:
    offer = shop.offers()[0]
    national = offer.e164[2:]

    page = buyer.get("/", country="US", q=national[-4:]).content.decode()

    assert '<span class="num__cc">+1</span>' in page
    assert f"<mark>{national[-4:]}</mark>" in page


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("212*", r"\+1212\d{7}"), ("*0142", r"\+1\d{6}0142"), ("2?2*01?2", r"\+12\d2\d*01\d2")],
)
def test_patterns_find_only_what_they_say(buyer: Buyer, typed: str, expected: str) -> None:
    found = numbers_in(buyer.get("/", country="US", region="NY", q=typed))

    assert found
    assert all(re.fullmatch(expected, e164) for e164 in found)


def test_letters_are_echoed_as_the_digits_they_dial(buyer: Buyer) -> None:
    assert "ring dials 7464" in text_of(buyer.get("/", q="ring"))


def test_the_rate_centres_follow_the_state(buyer: Buyer) -> None:
    canada = buyer.get("/", country="CA", region="ON", centre="BUFFALO").content.decode()

    assert '<option value="Toronto">' in canada
    assert '<option value="BUFFALO"' not in canada
    assert "Any province" in canada


def test_only_the_places_that_the_provider_opens_are_offered(buyer: Buyer, shop: Shop) -> None:
    CarrierAccount.objects.update(countries=["US"], regions=["US-IL", "US-NY"])
    page = buyer.get("/", country="CA", q="212*")
    html = page.content.decode()
    assert '<option value="IL">Illinois' in html
    assert "Texas" not in html
    assert '<option value="CA"' not in html, "neither California nor Canada"
    assert numbers_in(page)
    everywhere = numbers_in(buyer.get("/", country="US"))
    assert everywhere
    allowed = {offer.e164 for region in ("IL", "NY") for offer in shop.offers(region=region)}
    assert set(everywhere) <= allowed
    shop.account.refresh_from_db()
    elsewhere = shop.offers(region="TX")[0]
    assert number_prices.price_offer(shop.account, elsewhere, "USD") is None
    buyer.browser.post("/start/", {"slug": "number", "e164": elsewhere.e164})
    assert not Hold.objects.exists(), "nor by posting it"


def test_numbers_held_by_others_are_left_out(buyer: Buyer, shop: Shop, stranger: Buyer) -> None:
    first, second = shop.offers()[:2]
    stranger.start("number", e164=first.e164)

    found = numbers_in(buyer.get("/", country="US", region="NY"))

    assert first.e164 not in found
    assert second.e164 in found


def test_ones_own_held_number_stays_in_the_list_as_selected(buyer: Buyer, shop: Shop) -> None:
    offer = shop.offers()[0]
    buyer.start("number", e164=offer.e164)

    page = buyer.get("/", country="US", region="NY")

    assert "data-held" in page.content.decode()
    assert "Selected" in text_of(page)
    assert "Held for you" in text_of(page)


def test_a_search_without_a_match_says_what_is_near(buyer: Buyer) -> None:
    page = buyer.get("/", country="US", region="NY", centre="BUFFALO", q="2120")

    text = text_of(page)
    assert "Nothing matches 2120 in Buffalo, New York" in text
    assert "These come closest" in text
    assert numbers_in(page)


def test_one_or_two_digits_in_a_whole_country_ask_for_more(buyer: Buyer) -> None:
    page = buyer.get("/", country="US", q="5")

    assert "at least three digits or letters, or choose a state" in text_of(page)
    assert not numbers_in(page)


@pytest.mark.parametrize(
    "query",
    [
        {"country": "XX", "region": "<script>", "centre": "'", "q": "\x00\x00"},
        {"country": "US", "region": "ON", "q": "?" * 500},
        {"q": "Ω" * 300, "for": "no-such-thing"},
        {"country": "US", "region": "NY", "q": "***???***"},
    ],
)
def test_nonsense_in_the_address_harms_nothing(buyer: Buyer, query: dict[str, str]) -> None:
    page = buyer.get("/", **query)

    assert page.status_code == 200
    assert "<script>" not in page.content.decode().partition("<main")[2]


# -- when the carrier is unwell -------------------------------------------------------------------


def unwell(carrier: VoipmsSandbox, kind: str) -> None:
    carrier.faults.add(kind, times=-1)


@pytest.mark.parametrize("kind", ["500", "html", "429", "reply_lost_before"])
def test_a_carrier_that_fails_costs_a_sentence_and_not_the_page(
    buyer: Buyer, carrier: VoipmsSandbox, kind: str
) -> None:
    unwell(carrier, kind)

    page = buyer.get("/", country="US", region="NY")

    assert page.status_code == 200
    assert "does not answer right now" in text_of(page)
    assert "Hosted PBX" in text_of(page)


def test_a_carrier_that_is_not_there_costs_a_sentence_too(buyer: Buyer, shop: Shop) -> None:
    CarrierAccount.objects.update(url="http://127.0.0.1:1/api/v1/rest.php")

    page = buyer.get("/")

    assert page.status_code == 200
    assert "does not answer right now" in text_of(page)


# -- limits, fragments, shelves -------------------------------------------------------------------


def test_a_crawler_is_asked_to_wait(buyer: Buyer) -> None:
    for _ in range(finding.BY_ADDRESS.times):
        count(finding.BY_ADDRESS, "127.0.0.1")

    page = buyer.get("/")

    assert page.status_code == 429
    assert "Wait a minute" in text_of(page)


def test_htmx_gets_the_results_and_the_whole_page_otherwise(buyer: Buyer) -> None:
    fragment = buyer.swap("/", country="US", region="NY").content.decode()

    assert fragment.lstrip().startswith('<section class="stack gap-3 swap" id="results"')
    assert "<html" not in fragment
    assert 'id="q-help" hx-swap-oob="true"' in fragment


def test_the_selects_are_swapped_only_when_the_place_changed(buyer: Buyer) -> None:
    here = "http://testserver/?country=US&region=NY"

    same = buyer.swap("/", at=here, country="US", region="NY", q="212").content.decode()
    other = buyer.swap("/", at=here, country="US", region="CA", q="212").content.decode()

    assert 'id="places"' not in same
    assert 'id="places" hx-swap-oob="true"' in other
    assert '<option value="LOS ANGELES">Los Angeles</option>' in other


def test_a_restored_page_is_whole(buyer: Buyer) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    page = buyer.browser.get("/", headers=headers)

    assert "<html" in page.content.decode()
    assert "HX-Request" in page["Vary"]


def test_what_is_not_mapped_is_not_in_the_shop(buyer: Buyer, shop: Shop) -> None:
    Mapping.objects.filter(bundle=shop.bundle).delete()

    assert "Hosted PBX, 10 seats" not in text_of(buyer.get("/"))


def test_an_empty_shop_says_so(buyer: Buyer, shop: Shop) -> None:
    Mapping.objects.all().delete()

    page = buyer.get("/")

    assert page.status_code == 200
    assert "Nothing is on sale yet" in text_of(page)


def test_a_number_without_a_price_is_not_on_sale(buyer: Buyer, shop: Shop) -> None:
    NumberPriceRule.objects.all().delete()

    assert not numbers_in(buyer.get("/", country="US", region="NY"))


def test_the_price_is_read_once_and_not_for_every_row(
    buyer: Buyer, shop: Shop, django_assert_max_num_queries: pytest.fixture
) -> None:
    buyer.get("/")

    with django_assert_max_num_queries(20):
        page = buyer.get("/", country="US", region="NY")

    assert len(numbers_in(page)) == 50


def test_holding_shows_the_countdown_in_the_top_bar(buyer: Buyer, shop: Shop) -> None:
    draft = buyer.start("number", e164=shop.offers()[0].e164)

    page = buyer.get("/").content.decode()

    assert f"/checkout/{draft.uid}/" in page
    assert f'data-hold-total="{holding.HOLD_MINUTES * 60}"' in page


@pytest.mark.parametrize("address", ["http://[", "//[::1", "\x80"])
def test_a_page_without_a_sane_address_is_answered_all_the_same(buyer: Buyer, address: str) -> None:
    assert buyer.swap("/", at=address, country="CA").status_code == 200


def test_a_number_that_was_just_bought_is_not_offered_again(buyer: Buyer, shop: Shop) -> None:
    before = numbers_in(buyer.get("/", country="US", region="NY"))
    OwnedNumber.objects.create(
        client=make_client("Acme"), brand=default_brand(), account=shop.account, e164=before[0],
        country="US", state=OwnedNumber.State.OWNED,
        **money_columns(cost_setup=FREE, cost_monthly=FREE, price_monthly=FREE),
    )  # fmt: skip
    # The list is remembered for a minute, and no hold is left behind a finished order.
    assert before[0] not in numbers_in(buyer.get("/", country="US", region="NY"))
