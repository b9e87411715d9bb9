"""All that VoIP.ms has on sale, area by area, and all that the account holds."""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace
from typing import Any

import phonenumbers
import pytest

from ringup.carriers.port import NumberType, StockArea
from ringup.carriers.voipms.adapter import VoipMs
from ringup.carriers.voipms.countries import BY_NAME, iso_of
from ringup.core.failures import NothingHappened, OurFault, PortFailure
from ringup.core.money import Money
from ringup.sandbox.listening import Reply, json_reply
from tests.carriers.voipms.answering import answering
from tests.carriers.voipms.voipms_world import VoipmsWorld

pytestmark = pytest.mark.once

NEW_YORK = StockArea("US/NY", "New York, USA", "US")
SWEDEN = StockArea("INT/GEOGRAPHIC/205", "Sweden", "SE")
ROW = {
    "did": 2125550100,
    "ratecenter": "NEW YORK",
    "state": "NY",
    "state_description": "NEW YORK",
    "perminute_monthly": "0.85",
    "perminute_setup": 0,
    "sms": True,
}
LOCATION = {
    "location_id": "a65",
    "location_name": "ST GALLEN",
    "area_code": 71,
    "stock": 3,
    "monthly": "5.00",
    "setup": "0.00",
    "monthly_per_minute": "7.00,",
    "setup_per_minute": "5.50,",
}


def asked(world: VoipmsWorld, area: StockArea, answer: object, **changes: Any) -> Any:
    """What the adapter makes of an answer that the sandbox does not give."""
    reply = answer if isinstance(answer, Reply) else json_reply(answer)
    with answering(reply) as (url, _), world.adapter(url=url, **changes) as carrier:
        return carrier.stock(area)


def by_key(carrier: VoipMs) -> dict[str, StockArea]:
    return {area.key: area for area in carrier.areas()}


def test_areas_are_states_provinces_toll_free_codes_and_countries_abroad(carrier: VoipMs) -> None:
    areas = by_key(carrier)
    assert areas["US/NY"] == NEW_YORK
    assert areas["CA/NL"].name == "Newfoundland and Labrador, Canada"
    assert areas["TF/800"] == StockArea("TF/800", "Toll-free 800", "US")
    sweden = areas["INT/GEOGRAPHIC/205"]
    assert (sweden.name, sweden.country) == ("Sweden, geographic numbers", "SE")
    assert [key.partition("/")[0] for key in areas].count("US") == 51
    assert [key.partition("/")[0] for key in areas].count("TF") == 7


def test_a_state_is_one_call_and_its_catalogue_is_asked_for_once_a_day(
    world: VoipmsWorld, carrier: VoipMs
) -> None:
    for _ in range(2):
        stock = carrier.stock(by_key(carrier)["US/NY"])
    assert len({offer.rate_centre for offer in stock.numbers}) > 3
    assert world.calls("getDIDsUSA") == 2
    assert world.calls("getStates") == 1
    assert world.calls("getDIDCountries") == 3
    assert world.calls("getRateCentersUSA") == 0


def test_the_areas_hold_the_whole_stock_and_no_number_twice(
    world: VoipmsWorld, carrier: VoipMs
) -> None:
    listed = [o.e164 for area in carrier.areas() for o in carrier.stock(area).numbers]
    assert sorted(listed) == sorted(f"+1{did}" for did in world.sandbox.state.stock.numbers)


def test_a_number_of_a_state_has_all_that_a_search_shows(carrier: VoipMs) -> None:
    numbers = carrier.stock(NEW_YORK).numbers
    found = carrier.offer(numbers[0].e164)
    assert found is not None
    assert replace(found, features=numbers[0].features) == numbers[0], "a search tells no SMS"
    assert {"sms", "voice"} in [set(offer.features) for offer in numbers]
    assert {(o.country, o.region, o.region_name) for o in numbers} == {("US", "NY", "New York")}


def test_toll_free_numbers_belong_to_the_usa_and_to_no_region(carrier: VoipMs) -> None:
    numbers = carrier.stock(StockArea("TF/888", "", "US")).numbers
    assert {offer.e164[:5] for offer in numbers} == {"+1888"}
    assert {(o.country, o.region, o.number_type) for o in numbers} == {
        ("US", "", NumberType.TOLL_FREE)
    }
    assert carrier.offer(numbers[0].e164) == numbers[0]


def test_abroad_a_quantity_is_on_sale_at_a_place(world: VoipmsWorld, carrier: VoipMs) -> None:
    stock = carrier.stock(by_key(carrier)["INT/GEOGRAPHIC/205"])
    assert stock.numbers == []
    (place,) = stock.places
    assert (place.key, place.country, place.rate_centre) == ("a65", "SE", "Stockholm")
    assert (place.prefix, place.quantity, place.needs_papers) == ("8", 2, True)
    assert (place.monthly, place.setup) == (Money.of("7.00", "USD"), Money.of("5.50", "USD"))
    with world.adapter(options={"billing_type": "2"}) as flat:
        (place,) = flat.stock(SWEDEN).places
    assert (place.monthly, place.setup) == (Money.of("5.00", "USD"), Money.of("0", "USD"))


def test_toll_free_and_national_numbers_abroad_belong_to_no_place(carrier: VoipMs) -> None:
    areas = by_key(carrier)
    (toll_free,) = carrier.stock(areas["INT/TOLLFREE/14"]).places
    assert (toll_free.rate_centre, toll_free.number_type) == ("Toll Free", NumberType.TOLL_FREE)
    assert toll_free.monthly == Money.of("17.50", "USD"), "sold one way, whatever the account's"
    (national,) = carrier.stock(areas["INT/NATIONAL/230"]).places
    assert (national.rate_centre, national.number_type) == ("National", NumberType.NATIONAL)


@pytest.mark.parametrize("status", ["no_did", "success"])
def test_what_is_said_to_be_empty_is_empty(world: VoipmsWorld, status: str) -> None:
    answer = {"status": status} | ({"dids": []} if status == "success" else {})
    assert asked(world, NEW_YORK, answer).numbers == []


CUT = Reply(json_reply({"status": "success", "dids": [ROW] * 20}).body[:-40])


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(CUT, id="cut"),
        pytest.param(Reply(b""), id="nothing"),
        pytest.param(Reply(b"<html>"), id="html"),
        pytest.param({"status": "success"}, id="no-list"),
        pytest.param({"status": "success", "dids": None}, id="null"),
        pytest.param({"status": "success", "dids": ""}, id="empty-text"),
        pytest.param({"status": "success", "dids": "Array"}, id="text"),
        pytest.param({"status": "success", "dids": {"0": ROW}}, id="no-row"),
        pytest.param({"status": "success", "dids": ["junk", None]}, id="junk"),
        pytest.param({"status": "success", "dids": [ROW | {"perminute_monthly": "?"}]}, id="price"),
        pytest.param({"status": "success", "dids": [ROW | {"state": "NJ"}]}, id="elsewhere"),
    ],
)
def test_what_is_no_list_never_passes_for_an_empty_shelf(
    world: VoipmsWorld, answer: object
) -> None:
    with pytest.raises(NothingHappened):
        asked(world, NEW_YORK, answer)


def test_rows_that_cannot_be_read_are_left_out_and_counted(
    world: VoipmsWorld, caplog: pytest.LogCaptureFixture
) -> None:
    bad = [{"perminute_monthly": price} for price in ("", None, "free", "NaN", "-1", [])]
    bad += [{"perminute_setup": ""}, {"did": ""}, {"did": "12125550"}, {"did": "0125550100"}]
    rows = [ROW, ROW, *(ROW | change for change in bad)]
    (offer,) = asked(world, NEW_YORK, {"status": "success", "dids": rows}).numbers
    assert (offer.e164, offer.setup) == ("+12125550100", Money.zero("USD"))
    assert "11 of 12 rows left out" in caplog.text


def test_locations_that_are_sold_out_or_cannot_be_read_are_left_out(world: VoipmsWorld) -> None:
    changes: list[dict[str, object]] = [
        {"location_id": "a66", "stock": "0"},
        {"location_id": "a67", "monthly_per_minute": ""},
        {"location_id": "", "stock": 1},
        {"location_id": "a68", "stock": "many"},
    ]
    rows = [LOCATION, *(LOCATION | change for change in changes)]
    found = asked(world, SWEDEN, {"status": "success", "locations": rows}).places
    assert [(place.key, place.quantity) for place in found] == [("a65", 3), ("a68", None)]
    assert found[0].rate_centre == "St Gallen"
    bare = asked(world, SWEDEN, {"status": "success", "locations": LOCATION}).places
    assert bare == found[:1]
    sold_out = {"status": "success", "locations": [LOCATION | {"stock": 0}]}
    assert asked(world, SWEDEN, sold_out).places == []


@pytest.mark.parametrize(
    "key", ["", "US", "US/", "XX/NY", "TF/900", "INT/GEOGRAPHIC", "INT/MARTIAN/1", "INT//205"]
)
def test_an_area_of_another_carrier_is_our_fault(carrier: VoipMs, key: str) -> None:
    with pytest.raises(OurFault):
        carrier.stock(StockArea(key, "", "US"))


@pytest.mark.parametrize(
    ("method", "failure"),
    [
        ("getStates", NothingHappened),
        ("getProvinces", NothingHappened),
        ("getInternationalTypes", NothingHappened),
        ("getDIDCountries", NothingHappened),
    ],
)
def test_an_area_is_never_missing_because_of_a_fault(
    world: VoipmsWorld, carrier: VoipMs, method: str, failure: type[PortFailure]
) -> None:
    world.sandbox.faults.add("html", method=method)
    with pytest.raises(failure):
        carrier.areas()
    assert len(carrier.areas()) > 70


@pytest.mark.parametrize("states", [None, [], "Array", [{"state": ""}]])
def test_a_country_without_states_is_no_answer(world: VoipmsWorld, states: object) -> None:
    reply = json_reply({"status": "success", "states": states, "provinces": [{"province": "ON"}]})
    with (
        answering(reply) as (url, _),
        world.adapter(url=url) as carrier,
        pytest.raises(NothingHappened),
    ):
        carrier.areas()


@pytest.mark.parametrize(
    ("description", "iso"),
    [
        ("SWEDEN (+46)", "SE"),
        ("Sweden(46)", "SE"),
        ("UNITED KINGDOM (+44)", "GB"),
        ("JERSEY (+44)", "JE"),
        ("RUSSIAN FEDERATION (+7)", "RU"),
        ("DOMINICAN REPUBLIC (+1 809)", "DO"),
        ("TRINIDAD & TOBAGO (+1-868)", "TT"),
        ("PUERTO RICO (+1)", "PR"),
        ("SARK (+44)", ""),
        ("SWEDEN (+44)", ""),
        ("ITALY (+44)", ""),
        ("INUM (+883)", ""),
        ("NOWHERE (+999)", ""),
        ("SWEDEN", ""),
        ("", ""),
    ],
)
def test_a_country_is_told_by_its_calling_code_and_else_by_its_name(
    description: str, iso: str
) -> None:
    assert iso_of(description) == iso


def test_every_name_belongs_to_a_shared_calling_code() -> None:
    shared = {
        iso
        for sharing in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.values()
        if len(sharing) > 1
        for iso in sharing
    }
    assert set(BY_NAME.values()) <= shared


def test_types_and_countries_that_are_not_known_are_left_out_and_logged(
    world: VoipmsWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    answer = {
        "status": "success",
        "states": [{"state": "NY", "description": "NEW YORK"}],
        "provinces": [{"province": "ON", "description": "ONTARIO"}],
        "types": [{"value": "TOLL_FREE"}, {"value": "MARTIAN"}],
        "countries": [
            {"value": 205, "description": "SWEDEN (+46)"},
            {"value": 9, "description": "INUM (+883)"},
        ],
    }
    with answering(json_reply(answer)) as (url, _), world.adapter(url=url) as carrier:
        abroad = [area.key for area in carrier.areas() if area.key.startswith("INT/")]
    assert abroad == ["INT/TOLL_FREE/205"]
    assert "'MARTIAN' that is not known" in caplog.text
    assert "'INUM (+883)' has no certain ISO code" in caplog.text


def test_the_inventory_is_everything_whoever_bought_it(world: VoipmsWorld, carrier: VoipMs) -> None:
    assert carrier.inventory() == []
    ours, reference = world.number_for_sale(), uuid.uuid4()
    carrier.buy(ours, reference=reference)
    world.own_without_us("+13125550199", "front desk")
    world.own_without_us("+46846500401", "")
    found = {number.e164: number for number in carrier.inventory()}
    assert {e164: number.reference for e164, number in found.items()} == {
        ours: str(reference),
        "+13125550199": "front desk",
        "+46846500401": "",
    }
    assert found[ours] == carrier.find_number(ours)
    assert {number.monthly for number in found.values()} == {None}


HELD = {"did": "3125550100", "note": "", "routing": "none:"}


@pytest.mark.parametrize(
    "dids", [None, "", "Array", {"0": HELD}, [HELD, "junk"], [HELD, HELD | {"did": None}]]
)
def test_an_inventory_that_is_not_whole_is_no_inventory(world: VoipmsWorld, dids: object) -> None:
    reply = json_reply({"status": "success", "dids": dids})
    with (
        answering(reply) as (url, _),
        world.adapter(url=url) as carrier,
        pytest.raises(NothingHappened),
    ):
        carrier.inventory()
