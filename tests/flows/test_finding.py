"""The number search: priced by the rules, restricted to the accounts, without what others have."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ringup.accounts.brands import default_brand
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, NumberType, PlaceOffer, Stock
from ringup.catalog.models import NumberPriceRule
from ringup.catalog.pricing import NumberPrice
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.flows.finding import NOT_READY, Results, find, region_name
from ringup.numbers import patterns
from ringup.numbers.index.columns import write
from ringup.numbers.index.compiling import Area, compile_index
from ringup.numbers.index.query import Cursor, Query, Sort
from ringup.numbers.models import Hold, OwnedNumber
from ringup.numbers.packing import pack, unpack
from tests.world import make_client

SOON = timezone.timedelta(minutes=5)


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def make_account(name: str, percent: int) -> CarrierAccount:
    row = CarrierAccount(name=name, kind="voipms", url="http://127.0.0.1:1/")
    row.set_secrets({})
    row.save()
    rule = NumberPriceRule(account=row, currency="USD", percent=percent)
    rule.addition = rule.floor = rule.rounding = usd("0")
    rule.save()
    return row


def offer(e164: str, centre: str = "BUFFALO", region: str = "NY", **more: object) -> NumberOffer:
    plain = NumberOffer(e164, "US", region, centre, usd("1.00"), usd("0.40"), f"Region {region}")
    return replace(plain, **more)


CHEAP = [offer(f"+17165550{n:03}") for n in range(100, 140)]
DEAR = [offer(f"+12125550{n:03}", "NEW YORK") for n in range(100, 110)]
FAR = [offer("+15125550142", "AUSTIN", "TX", features=frozenset({"voice", "sms"}))]
FREE_CALL = [
    offer("+18005550142", "Toll Free", "", number_type=NumberType.TOLL_FREE, region_name="")
]
BERLIN = PlaceOffer("b1", "DE", "BE", "Berlin", usd("2.00"), usd("0"), "Berlin", "30", 12)


@pytest.fixture
def accounts(db: None) -> list[CarrierAccount]:
    """Two carriers whose stock is in the index of this process."""
    found = [make_account("One", 50), make_account("Two", 100)]
    moment = int(time.time())
    areas = [
        Area(found[0].pk, moment, unpack(pack(Stock([*CHEAP, *FAR], [BERLIN])))),
        Area(found[1].pk, moment - 600, unpack(pack(Stock([*DEAR, *FREE_CALL])))),
    ]
    write(compile_index(areas, fingerprint="one"), settings.RINGUP_INDEX_FILE)
    return found


def ask(text: str = "", **more: object) -> Query:
    return replace(Query(pattern=patterns.read(text)), **more)


def digits(results: Results) -> list[str]:
    return [found.e164 for found in results.rows]


def test_two_carriers_stand_in_one_list_each_at_its_own_price(
    accounts: list[CarrierAccount],
) -> None:
    found = find(ask("550142", sort=Sort.PRICE), accounts, "USD")
    assert digits(found) == ["+15125550142", "+18005550142"]
    assert [row.price for row in found.rows] == [
        NumberPrice(usd("1.50"), usd("0.40")),
        NumberPrice(usd("2.00"), usd("0.40")),
    ]
    assert found.checked is not None
    assert 600 <= time.time() - found.checked.timestamp() < 660


def test_only_the_accounts_that_were_named_sell(accounts: list[CarrierAccount]) -> None:
    found = find(ask("550142"), accounts[1:], "USD")
    assert digits(found) == ["+18005550142"]
    assert find(ask(), [], "USD").total == 0


def test_what_has_no_price_or_lies_in_a_closed_region_is_not_on_sale(
    accounts: list[CarrierAccount],
) -> None:
    assert find(ask(), accounts, "EUR").total == 0
    accounts[0].regions = ["US-NY"]
    assert "+15125550142" not in digits(find(ask("0142"), accounts, "USD"))
    # A toll-free number belongs to no region.
    accounts[1].regions = ["US-TX"]
    found = find(ask("0142"), accounts, "USD")
    assert digits(found) == ["+18005550142"]


def test_a_changed_rule_changes_the_price_at_once(accounts: list[CarrierAccount]) -> None:
    assert find(ask("5125550142"), accounts, "USD").rows[0].price.monthly == usd("1.50")
    NumberPriceRule.objects.filter(account=accounts[0]).update(percent=75)
    assert find(ask("5125550142"), accounts, "USD").rows[0].price.monthly == usd("1.75")


def test_a_held_number_is_hidden_from_others_and_not_from_its_holder(
    accounts: list[CarrierAccount],
) -> None:
    mine = uuid.uuid4()
    held = Hold.objects.create(
        e164="+15125550142", account=accounts[0], holder=mine, expires=timezone.now() + SOON
    )
    assert digits(find(ask("5125550142"), accounts, "USD", holder=mine)) == ["+15125550142"]
    hidden = find(ask("5125550142"), accounts, "USD", holder=uuid.uuid4())
    assert (hidden.rows, hidden.total) == ([], 0)

    Hold.objects.filter(pk=held.pk).update(expires=timezone.now() - SOON)
    assert digits(find(ask("5125550142"), accounts, "USD")) == ["+15125550142"]


def test_what_others_hold_is_half_a_second_old_at_most(
    accounts: list[CarrierAccount], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr("ringup.numbers.taken.time.monotonic", lambda: now)
    with override_settings(RINGUP_SHELF_SECONDS=5):
        find(ask("5125550142"), accounts, "USD")
        Hold.objects.create(
            e164="+15125550142",
            account=accounts[0],
            holder=uuid.uuid4(),
            expires=timezone.now() + SOON,
        )
        assert digits(find(ask("5125550142"), accounts, "USD")) == ["+15125550142"]
        now += 0.5
        assert digits(find(ask("5125550142"), accounts, "USD")) == []


def test_holds_of_the_buyers_other_drafts_hide_nothing_either(
    accounts: list[CarrierAccount],
) -> None:
    mine, other = uuid.uuid4(), uuid.uuid4()
    for holder, held in ((mine, CHEAP[0]), (other, CHEAP[1]), (uuid.uuid4(), CHEAP[2])):
        Hold.objects.create(
            e164=held.e164, account=accounts[0], holder=holder, expires=timezone.now() + SOON
        )
    found = digits(find(ask("716", size=100), accounts, "USD", holder=mine, beside=[other]))
    assert {CHEAP[0].e164, CHEAP[1].e164} < set(found)
    assert CHEAP[2].e164 not in found


def test_a_shop_of_one_country_searches_there_at_once(accounts: list[CarrierAccount]) -> None:
    both, one = find(ask(), accounts, "USD"), find(ask(), accounts[1:], "USD")
    assert (both.only_country, both.query.country) == ("", "")
    assert (one.only_country, one.query.country) == ("US", "US")
    assert one.facets is not None
    assert [value.name for value in one.facets.regions] == ["Region NY"]


def test_regions_have_names_also_where_nothing_is_left(accounts: list[CarrierAccount]) -> None:
    assert region_name("US", "NY") == "Region NY"
    assert region_name("DE", "BE") == "Berlin"
    assert region_name("US", "ZZ") == "ZZ"


def test_a_number_that_we_own_is_hidden_from_the_next_search_on(
    accounts: list[CarrierAccount],
) -> None:
    assert find(ask("716"), accounts, "USD").total == len(CHEAP)
    for count, sold in enumerate(CHEAP[:3], start=1):
        OwnedNumber.objects.create(
            client=make_client(f"Client {count}"),
            brand=default_brand(),
            account=accounts[0],
            e164=sold.e164,
            country="US",
            **money_columns(cost_setup=usd("0"), cost_monthly=usd("0"), price_monthly=usd("0")),
        )
        found = find(ask("716", size=100), accounts, "USD")
        assert found.total == len(CHEAP) - count
        assert sold.e164 not in digits(found)


def test_pages_follow_each_other_without_a_gap(accounts: list[CarrierAccount]) -> None:
    seen: list[str] = []
    after = None
    while True:
        found = find(ask("716", size=15, after=after, sort=Sort.PLACE), accounts, "USD")
        seen += digits(found)
        if not found.after:
            break
        after = Cursor.read(found.after)
    assert seen == [row.e164 for row in CHEAP]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (ask("5125550142", country="US", region="NY", rate_centre="BUFFALO"), "in the country"),
        (ask("0142", country="US", region="TX", features=frozenset({"fax"})), "other filters"),
        (ask("99990142"), "with 0142"),
        (ask("9999999"), "with other digits"),
        (ask("716", in_a_row=41, country="US", region="NY"), "in a row"),
    ],
)
def test_what_is_near_is_said_in_words(
    accounts: list[CarrierAccount], asked: Query, words: str
) -> None:
    found = find(asked, accounts, "USD")
    assert not found.rows
    assert found.near
    assert words in found.near_words


def test_places_by_quantity_come_with_a_price(accounts: list[CarrierAccount]) -> None:
    found = find(ask(country="DE"), accounts, "USD")
    (place,) = found.places
    assert (place.kind.rate_centre, place.price.monthly, place.quantity) == (
        "Berlin",
        usd("3.00"),
        12,
    )
    assert found.facets is not None
    assert [value.value for value in found.facets.countries] == ["DE", "US"]


def test_without_an_index_the_page_says_so(db: None) -> None:
    settings.RINGUP_INDEX_FILE.unlink(missing_ok=True)
    assert find(ask("1"), [], "USD").problem == NOT_READY


def test_a_search_asks_the_database_four_times(
    accounts: list[CarrierAccount], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    find(ask("1"), accounts, "USD")
    with django_assert_num_queries(4):  # rules, rates, holds, owned numbers
        find(ask("555", country="US"), accounts, "USD")
