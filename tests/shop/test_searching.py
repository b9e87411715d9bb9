"""The number search as a guest sees it: what is found, what it costs, and how every search is a link."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import override_settings
from pytest_django import DjangoAssertNumQueries

from ringup.accounts.brands import default_brand
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, Stock, StockArea
from ringup.catalog import number_prices
from ringup.catalog.models import Mapping, NumberPriceRule, Product
from ringup.core.fields import money_columns
from ringup.core.limiting import count
from ringup.core.money import Money
from ringup.numbers import current
from ringup.numbers.models import Hold, OwnedNumber
from ringup.numbers.storing import Listed
from ringup.sandbox.voipms import VoipmsSandbox
from ringup.shop import finding
from tests.shop.buying import Buyer, Shop, text_of, value_of
from tests.world import make_client

FREE = Money.zero("USD")


def numbers_in(response: HttpResponse) -> list[str]:
    """The numbers that can be selected, in E.164, in their order."""
    return re.findall(r'name="e164" value="(\+\d+)[" *]', response.content.decode())


def choices(response: HttpResponse, name: str) -> dict[str, str]:
    """The values of a filter with their counts."""
    page = response.content.decode()
    found = re.findall(
        rf'name="{name}" value="([^"]+)"[^>]*>[^<]*<span class="count">([^<]*)</span>', page
    )
    return dict(found)


def follow(buyer: Buyer, response: HttpResponse, words: str) -> HttpResponse:
    """Go where the link with these words leads."""
    found = re.search(rf'href="(\?[^"]*)"[^>]*>{words}', response.content.decode())
    assert found, words
    return buyer.browser.get(f"/{found[1].replace('&amp;', '&')}")  # type: ignore[return-value]


def test_a_guest_sees_numbers_with_place_lead_time_and_whole_price(
    buyer: Buyer, shop: Shop
) -> None:
    shop.stock("US/NY")

    page = buyer.get("/", country="US", region="NY", centre="BUFFALO", sort="place")

    text = text_of(page)
    wanted = [offer.e164 for offer in shop.offers() if offer.rate_centre == "BUFFALO"]
    assert f"{len(wanted)} numbers in Buffalo, New York" in text
    assert "US Buffalo, New York" in text
    # 0.85 + 60 % + 0.50, up to a full 0.05; set-up 0.40 + 50 %.
    assert "$1.90 /mo $0.60 set-up" in text
    assert "Ready in minutes" in text
    assert numbers_in(page) == wanted[:25]
    assert "Stock checked just now." in text


def test_numbers_are_grouped_and_every_part_of_the_match_is_marked(
    buyer: Buyer, shop: Shop
) -> None:
    buyer_sees = buyer.get("/", country="US", region="NY", q="212*01?2").content.decode()

    # A mark may run over the gap between two groups, and a pattern has several parts.
    gap = "\N{NO-BREAK SPACE}"
    number = re.search(r'<span class="num__cc">\+1</span>(.*?)</span>', buyer_sees)
    assert number
    assert re.fullmatch(rf"{gap}<mark>212</mark>{gap}\d{{3}}{gap}<mark>01\d2</mark>", number[1]), (
        number[1]
    )
    across = buyer.get("/", country="US", region="NY", q="212212").content.decode()
    assert f"<mark>212{gap}212</mark>" in across


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("212*", r"\+1212\d{7}"),
        ("*0142", r"\+1\d{6}0142"),
        ("2?2*01?2", r"\+12\d2\d*01\d2"),
        ("(212) 212", r"\+1\d*212212\d*"),
        ("+1 212", r"\+1212\d{7}"),
        ("1-212-212-0107", r"\+12122120107"),
    ],
)
def test_patterns_find_only_what_they_say(buyer: Buyer, typed: str, expected: str) -> None:
    found = numbers_in(buyer.get("/", country="US", region="NY", q=typed))

    assert found
    assert all(re.fullmatch(expected, e164) for e164 in found)


def test_letters_are_echoed_as_the_digits_they_dial(buyer: Buyer) -> None:
    page = buyer.get("/", q="ring")

    assert "ring dials 7464" in text_of(page)
    assert '<span class="keypad"' in page.content.decode()


def test_no_search_shows_the_best_numbers_of_all_places_at_once(buyer: Buyer) -> None:
    page = buyer.get("/")

    assert len(numbers_in(page)) == 25
    assert {"CA", "US"} <= set(choices(page, "country"))
    assert re.search(r"[\d,]+\+? numbers", text_of(page))


# -- filters --------------------------------------------------------------------------------------


def test_a_choice_says_exactly_how_many_numbers_it_leaves(buyer: Buyer, shop: Shop) -> None:
    offers = [offer for region in ("NY", "IL") for offer in shop.offers(region=region)]
    fitting = [offer for offer in offers if "01" in offer.e164[2:]]

    shown = choices(buyer.get("/", country="US", q="01"), "region")

    for region in ("NY", "IL"):
        hits = sum(offer.region == region for offer in fitting)
        assert shown[region] == f"{hits:,}"
    page = buyer.get("/", country="US", region="IL", q="01")
    assert f"{shown['IL']} numbers in Illinois" in text_of(page)


def test_above_a_thousand_nobody_counts(buyer: Buyer, shop: Shop) -> None:
    many = [
        NumberOffer(f"+1613555{n:04}", "CA", "ON", "OTTAWA", Money.of("1", "USD"), FREE, "Ontario")
        for n in range(1_001)
    ]
    shop.put(Listed.of(StockArea("CA/ON", "Ontario", "CA"), Stock(many)))

    page = buyer.get("/", country="CA", region="ON", q="555")

    assert "1,000+ numbers in Ontario" in text_of(page)
    assert choices(page, "centre") == {"OTTAWA": ""}
    exact = buyer.get("/", country="CA", region="ON", q="5550")
    assert "1,000 numbers in Ontario" in text_of(exact)
    assert choices(exact, "centre") == {"OTTAWA": "1,000"}


def test_another_region_takes_the_rate_centre_off(buyer: Buyer) -> None:
    """The form sends what is still chosen of the place before."""
    sent = {"country": "CA", "region": "NY", "centre": "BUFFALO", "was": "US/NY"}

    page = buyer.get("/", **sent)
    link = buyer.get("/", country="US", region="IL", centre="CHICAGO")

    assert "numbers in Canada" in text_of(page)
    assert "numbers in Chicago, Illinois" in text_of(link)
    other = buyer.get("/", country="US", region="IL", centre="BUFFALO", was="US/NY")
    assert "numbers in Illinois" in text_of(other)


def test_many_rate_centres_are_shortened_searched_and_shown_in_full(
    buyer: Buyer, shop: Shop
) -> None:
    many = [
        NumberOffer(
            f"+1613555{n:04}",
            "CA",
            "ON",
            f"PLACE {n % 40:02}",
            Money.of("1", "USD"),
            FREE,
            "Ontario",
        )
        for n in range(100)
    ]
    shop.put(Listed.of(StockArea("CA/ON", "Ontario", "CA"), Stock(many)))
    ontario = {"country": "CA", "region": "ON"}

    page = buyer.get("/", **ontario)

    # Those with the most numbers, by name.
    assert list(choices(page, "centre")) == [f"PLACE {n:02}" for n in range(12)]
    assert len(choices(follow(buyer, page, "All 40 rate centres"), "centre")) == 40
    searched = buyer.get("/", **ontario, centre_like="place 3")
    assert list(choices(searched, "centre")) == [f"PLACE {n}" for n in range(30, 40)]
    chosen = buyer.get("/", **ontario, centre="PLACE 39")
    assert next(iter(choices(chosen, "centre"))) == "PLACE 39", "what is on stays in sight"


def test_features_are_offered_where_only_some_numbers_have_them(buyer: Buyer, shop: Shop) -> None:
    plain = shop.offers()[0]
    voice, both = frozenset({"voice"}), frozenset({"voice", "sms"})
    mixed = [
        replace(plain, e164=f"+1212555{n:04}", features=both if n % 2 else voice) for n in range(10)
    ]
    area = StockArea("US/NY", "New York", "US")
    shop.put(Listed.of(area, Stock(mixed)))
    here = {"country": "US", "region": "NY", "q": "2125550"}

    assert choices(buyer.get("/", **here), "feature") == {"sms": "5"}
    with_texts = buyer.get("/", **here, feature="sms")
    assert "5 numbers" in text_of(with_texts)
    assert set(numbers_in(with_texts)) == {offer.e164 for offer in mixed[1::2]}

    shop.put(Listed.of(area, Stock([replace(offer, features=both) for offer in mixed])))
    assert choices(buyer.get("/", **here), "feature") == {}, "all have it: no choice"


def test_papers_are_said_on_the_row_and_can_be_left_out(buyer: Buyer, shop: Shop) -> None:
    plain = shop.offers()[0]
    mixed = [replace(plain, e164=f"+1212555{n:04}", needs_papers=n < 4) for n in range(6)]
    shop.put(Listed.of(StockArea("US/NY", "New York", "US"), Stock(mixed)))
    here = {"country": "US", "region": "NY", "q": "2125550"}

    page = buyer.get("/", **here)

    assert text_of(page).count("Papers needed 1 to 5 working days") == 4
    assert choices(page, "ready") == {"now": "2"}
    ready = buyer.get("/", **here, ready="now")
    assert set(numbers_in(ready)) == {"+12125550004", "+12125550005"}
    assert "Papers needed" not in text_of(ready)


def test_every_filter_that_is_on_can_be_taken_off_also_without_hits(buyer: Buyer) -> None:
    page = buyer.get(
        "/", country="US", region="NY", centre="BUFFALO", type="mobile", feature="fax", ready="now",
        q="999999",
    )  # fmt: skip

    assert not numbers_in(page) or "These come closest" in text_of(page)
    for words in ("United States", "New York", "Buffalo", "Mobile", "Fax", "Available now"):
        assert f'aria-label="Take off {words}"' in page.content.decode()
    wider = follow(buyer, page, "Mobile")
    assert 'aria-label="Take off Mobile"' not in wider.content.decode()
    assert 'aria-label="Take off Fax"' in wider.content.decode()
    assert 'aria-label="Take off' not in follow(buyer, page, "Take off all").content.decode()


def test_a_shop_of_one_country_does_not_ask_for_it(buyer: Buyer, shop: Shop) -> None:
    CarrierAccount.objects.update(countries=["US"])

    page = buyer.get("/")

    assert choices(page, "country") == {}
    assert {"CA", "IL", "NY"} <= set(choices(page, "region"))
    html = page.content.decode()
    sent = {name: value_of(page, name) for name in ("was", "country")}
    assert sent == {"was": "US/", "country": "US"}, "what the form says of the place"
    chosen = buyer.get("/", region="NY", **sent)
    assert "numbers in New York" in text_of(chosen)
    for page_of in (html, chosen.content.decode()):
        assert "Take off United States" not in page_of


def test_only_the_places_that_the_provider_opens_are_offered(buyer: Buyer, shop: Shop) -> None:
    CarrierAccount.objects.update(countries=["US"], regions=["US-IL", "US-NY"])

    page = buyer.get("/", country="CA", q="212*")

    assert not numbers_in(page) or "These come closest" in text_of(page)
    everywhere = buyer.get("/")
    assert set(choices(everywhere, "region")) == {"IL", "NY"}
    shop.account.refresh_from_db()
    elsewhere = shop.offers(region="CA")[0]
    assert number_prices.price_offer(shop.account, elsewhere, "USD") is None
    buyer.browser.post("/select/", {"slug": "number", "e164": elsewhere.e164})
    assert not Hold.objects.exists(), "nor by posting it"


# -- pages and order ------------------------------------------------------------------------------


def test_pages_follow_each_other_without_a_gap_or_a_repeat(buyer: Buyer, shop: Shop) -> None:
    wanted = sorted(offer.e164 for offer in shop.offers())
    assert len(wanted) > 75
    page = buyer.get("/", country="US", region="NY", sort="price")

    seen = numbers_in(page)
    while 'rel="next"' in page.content.decode():
        page = follow(buyer, page, "Next")
        assert numbers_in(page)
        seen += numbers_in(page)

    assert sorted(seen) == wanted
    assert numbers_in(follow(buyer, page, "First page")) == seen[:25]


def test_the_order_can_be_chosen(buyer: Buyer, shop: Shop) -> None:
    plain = shop.offers()[0]
    two = [
        replace(plain, e164="+12125550000", monthly=Money.of("9", "USD")),
        replace(plain, e164="+12125557392", monthly=Money.of("1", "USD")),
        replace(plain, e164="+12125551000", rate_centre="ALBANY", monthly=Money.of("5", "USD")),
    ]
    shop.put(Listed.of(StockArea("US/NY", "New York", "US"), Stock(two)))
    orders = {
        sort: numbers_in(buyer.get("/", country="US", region="NY", sort=sort))
        for sort in ("best", "price", "place", "nonsense")
    }

    assert orders["best"][0] == orders["nonsense"][0] == "+12125550000"
    assert orders["price"] == ["+12125557392", "+12125551000", "+12125550000"]
    assert orders["place"][0] == "+12125551000"


def test_an_address_says_the_whole_search_and_nothing_else(buyer: Buyer) -> None:
    fragment = buyer.swap(
        "/", at="http://testserver/", q="212*", country="US", region="NY", centre="", type="",
        sort="best", row="1", was="US/",
    )  # fmt: skip

    assert fragment["HX-Push-Url"] == "/?q=212%2A&country=US&region=NY"
    link = buyer.browser.get(fragment["HX-Push-Url"])
    assert numbers_in(link) == numbers_in(fragment)


def test_typing_replaces_the_address_and_a_filter_is_one_step_back(buyer: Buyer) -> None:
    here = "http://testserver/?q=21&country=US"

    typed = buyer.swap("/", at=here, q="212", country="US")
    filtered = buyer.swap("/", at=here, q="21", country="US", region="NY")
    same = buyer.swap("/", at=here, q="21", country="US")

    assert typed["HX-Replace-Url"] == "/?q=212&country=US"
    assert filtered["HX-Push-Url"] == "/?q=21&country=US&region=NY"
    assert not {"HX-Replace-Url", "HX-Push-Url"} & set(same.headers)


# -- several providers ----------------------------------------------------------------------------


@pytest.fixture
def abroad(shop: Shop) -> CarrierAccount:
    """A second provider, with a product of its own and one number on sale."""
    account = CarrierAccount.objects.get(pk=shop.account.pk)
    secrets = account.open_secrets()
    account.pk, account.uid, account.name = None, None, "Abroad"
    account.uid = CarrierAccount._meta.get_field("uid").get_default()
    account._state.adding = True
    account.set_secrets(secrets)
    account.save()
    rule = NumberPriceRule.objects.get(account=shop.account)
    rule.pk, rule.account, rule.percent = None, account, 200
    rule._state.adding = True
    rule.save()
    product = Product.objects.create(
        group=shop.number.group, kind=Product.Kind.NUMBER, name="Number abroad", slug="abroad"
    )
    for price in shop.number.prices.all():
        price.pk, price.product = None, product
        price._state.adding = True
        price.save()
    Mapping.objects.create(product=product, account=account)
    offer = NumberOffer(
        "+27210017464", "ZA", "WC", "Cape Town", Money.of("2.60", "USD"), FREE, "Western Cape",
        needs_papers=True,
    )  # fmt: skip
    area = StockArea("ZA", "South Africa", "ZA")
    shop.put(
        Listed.of(area, Stock([offer, replace(shop.offers()[0], e164="+12125559999")])),
        account=account,
    )
    return account


def test_several_providers_stand_in_one_list(
    buyer: Buyer, shop: Shop, abroad: CarrierAccount
) -> None:
    everywhere = choices(buyer.get("/"), "country")
    assert {"US", "CA", "ZA"} <= set(everywhere)
    found = buyer.get("/", country="ZA")
    assert numbers_in(found) == ["+27210017464"]
    assert "+27 21 001 7464" in text_of(found)
    assert 'value="+27210017464 abroad"' in found.content.decode(), "it says what starts with it"

    own = buyer.get("/", **{"for": "number"})
    assert "ZA" not in choices(own, "country")
    assert "+12125559999" not in numbers_in(buyer.get("/", q="2125559999", **{"for": "number"}))
    assert numbers_in(buyer.get("/", q="2125559999", **{"for": "abroad"})) == ["+12125559999"]


# -- what is not there ----------------------------------------------------------------------------


def test_numbers_held_by_others_are_left_out(buyer: Buyer, shop: Shop, stranger: Buyer) -> None:
    first, second = shop.offers()[:2]
    stranger.start("number", e164=first.e164)
    digits = {"country": "US", "q": first.e164[2:]}

    assert numbers_in(buyer.get("/", **digits)) != [first.e164]
    assert f'value="{first.e164}' not in buyer.get("/", **digits).content.decode()
    assert numbers_in(buyer.get("/", q=second.e164[2:])) == [second.e164]
    assert f'name="drop" value="{first.e164}"' in stranger.get("/", **digits).content.decode()


def test_a_number_that_was_just_bought_is_not_offered_again(buyer: Buyer, shop: Shop) -> None:
    bought = shop.offers()[0].e164
    assert numbers_in(buyer.get("/", q=bought[2:])) == [bought]
    OwnedNumber.objects.create(
        client=make_client("Acme"), brand=default_brand(), account=shop.account, e164=bought,
        country="US", state=OwnedNumber.State.OWNED,
        **money_columns(cost_setup=FREE, cost_monthly=FREE, price_monthly=FREE),
    )  # fmt: skip

    assert bought not in numbers_in(buyer.get("/", q=bought[2:]))


def test_a_number_without_a_price_is_not_on_sale(buyer: Buyer, shop: Shop) -> None:
    NumberPriceRule.objects.all().delete()

    page = buyer.get("/")

    assert not numbers_in(page)
    assert "No number is on sale right now" in text_of(page)


def test_a_search_without_a_match_says_what_is_near(buyer: Buyer) -> None:
    page = buyer.get("/", country="US", region="NY", centre="BUFFALO", q="212")

    text = text_of(page)
    assert "Nothing matches 212 in Buffalo, New York" in text
    assert "elsewhere in the region" in text
    assert numbers_in(page)


def test_letters_may_be_the_name_of_a_place(buyer: Buyer) -> None:
    page = buyer.get("/", q="buffa")

    assert "Looking for a place? Numbers in Buffalo, New York" in text_of(page)
    there = follow(buyer, page, "Buffalo, New York")
    assert "numbers in Buffalo, New York" in text_of(there)
    for other in ("bu", "212", "ring*", "buffa1"):
        assert "Looking for a place?" not in text_of(buyer.get("/", q=other))


def test_a_new_installation_has_a_page_without_numbers(buyer: Buyer) -> None:
    Path(settings.RINGUP_INDEX_FILE).unlink()
    current.forget()

    page = buyer.get("/")

    assert page.status_code == 200
    assert "Our list of numbers is being made" in text_of(page)
    assert "Hosted PBX" in text_of(page)
    assert "facet__item" not in page.content.decode()
    assert buyer.swap("/", q="212").status_code == 200


def test_no_carrier_is_asked_by_a_search(buyer: Buyer, carrier: VoipmsSandbox) -> None:
    carrier.faults.add("500", times=-1)

    assert numbers_in(buyer.get("/", country="US", region="NY"))


def test_what_is_not_mapped_is_not_in_the_shop(buyer: Buyer, shop: Shop) -> None:
    Mapping.objects.filter(bundle=shop.bundle).delete()

    assert "Hosted PBX, 10 seats" not in text_of(buyer.get("/"))


def test_an_empty_shop_says_so(buyer: Buyer, shop: Shop) -> None:
    Mapping.objects.all().delete()

    page = buyer.get("/")

    assert page.status_code == 200
    assert "Nothing is on sale yet" in text_of(page)
    assert buyer.swap("/", q="1")["HX-Refresh"] == "true", "somebody still had the page open"


# -- limits and fragments -------------------------------------------------------------------------


def test_a_crawler_is_asked_to_wait(buyer: Buyer) -> None:
    with override_settings(RINGUP_SEARCHES_PER_ADDRESS=3):
        for _ in range(3):
            count(finding.by_address(), "127.0.0.1")

        page, fragment = buyer.get("/"), buyer.swap("/", q="1")

        assert (page.status_code, fragment.status_code) == (429, 429)
        assert "Wait a minute" in text_of(page)
        assert "Wait a minute" in text_of(fragment)
    with override_settings(RINGUP_SEARCHES_PER_ADDRESS=0):
        assert buyer.get("/").status_code == 200, "a benchmark is no crawler"


def test_htmx_gets_the_results_and_what_belongs_to_them(buyer: Buyer) -> None:
    fragment = buyer.swap("/", country="US", region="NY", q="ring").content.decode()

    assert fragment.lstrip().startswith('<section class="find__results swap" id="results"')
    assert "<html" not in fragment
    for place in ("facets", "tools", "q-help", "held"):
        assert re.search(rf'id="{place}" hx-swap-oob="true"', fragment), place
    assert 'hx-swap-oob="innerHTML:#said"' in fragment
    assert 'id="q"' not in fragment, "the box keeps what is being typed"


def test_a_restored_page_is_whole(buyer: Buyer) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    page = buyer.browser.get("/", headers=headers)

    assert "<html" in page.content.decode()
    assert "HX-Request" in page["Vary"]
    assert "private" in page["Cache-Control"]


def test_a_search_while_typing_asks_the_database_little(
    buyer: Buyer,
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr("ringup.numbers.taken.RECENT_SECONDS", 60)
    with override_settings(RINGUP_SHELF_SECONDS=60):
        buyer.swap("/", q="21")
        with django_assert_num_queries(0):
            fragment = buyer.swap("/", q="212", country="US")
        assert len(numbers_in(fragment)) == 25

        buyer.start("number", e164=shop.offers()[0].e164)
        buyer.swap("/", q="21")
        with django_assert_num_queries(3):  # session, drafts, their holds
            buyer.swap("/", q="212", country="US")


@pytest.mark.parametrize("address", ["http://[", "//[::1", "\x80"])
def test_a_page_without_a_sane_address_is_answered_all_the_same(buyer: Buyer, address: str) -> None:
    assert buyer.swap("/", at=address, country="CA").status_code == 200


def test_links_of_a_page_hold_only_the_search(buyer: Buyer) -> None:
    page = buyer.get("/", q="212", country="US", was="US/", token="x", sort="price")

    for link in re.findall(r'href="(\?[^"]+)"', page.content.decode()):
        known = {"for", "q", "country", "region", "centre", "type", "feature", "ready", "row", "sort",
                 "centre_like", "centres", "after"}  # fmt: skip
        assert set(parse_qs(urlsplit(link.replace("&amp;", "&")).query)) <= known
