"""What the VoIP.ms sandbox has for sale, and how it is found."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import phonenumbers
import pytest

from ringup.sandbox.voipms.stock import Stock
from tests.sandbox.voipms_wire import Wire, wired

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with wired(numbers=2400) as wire:
        yield wire


def test_the_stock_is_large_the_same_for_a_seed_and_valid_throughout() -> None:
    stock = Stock(seed=7, count=2400)
    assert len(stock.numbers) == 2400
    assert stock.numbers == Stock(seed=7, count=2400).numbers
    assert stock.numbers != Stock(seed=8, count=2400).numbers
    for did in stock.numbers:
        assert phonenumbers.is_valid_number(phonenumbers.parse(f"+1{did}")), did


def test_every_line_number_is_one_that_is_kept_for_fiction() -> None:
    assert {did[6:8] for did in Stock(seed=1, count=2400).numbers} == {"01"}


def test_numbers_of_a_rate_centre_have_its_area_codes_and_prices_as_text(wire: Wire) -> None:
    rows = wire.call("getDIDsUSA", state="IL", ratecenter="CHICAGO")["dids"]
    assert {row["did"][:3] for row in rows} == {"312", "773", "872"}
    row = rows[0]
    assert set(row) == {
        "did",
        "ratecenter",
        "state",
        "state_description",
        "perminute_monthly",
        "perminute_minute",
        "perminute_setup",
        "flat_monthly",
        "flat_minute",
        "flat_setup",
        "has_port_out_pin",
        "sms",
    }
    assert (row["ratecenter"], row["state_description"]) == ("CHICAGO", "ILLINOIS")
    assert Decimal(row["perminute_monthly"]) == Decimal("0.85")
    assert Decimal(row["flat_monthly"]) > Decimal(row["perminute_monthly"])


def test_canadian_rows_name_the_province(wire: Wire) -> None:
    row = wire.call("getDIDsCAN", province="QC", ratecenter="Montreal")["dids"][0]
    assert (row["province"], row["province_description"]) == ("QC", "QUEBEC")
    assert "state" not in row


def test_without_a_rate_centre_the_whole_state_is_listed(wire: Wire) -> None:
    rows = wire.call("getDIDsUSA", state="IL")["dids"]
    assert {row["ratecenter"] for row in rows} == {"CHICAGO", "AURORA", "PEORIA", "SPRINGFIELD"}


@pytest.mark.parametrize(
    ("kind", "query", "fits"),
    [
        ("starts", "212555", lambda did: did.startswith("212555")),
        ("contains", "5550", lambda did: "5550" in did),
        ("ends", "7", lambda did: did.endswith("7")),
    ],
)
def test_digits_are_found_where_the_type_says(wire: Wire, kind: str, query: str, fits) -> None:  # type: ignore[no-untyped-def]
    found = {row["did"] for row in wire.call("searchDIDsUSA", type=kind, query=query)["dids"]}
    for_sale = wire.sandbox.state.stock.numbers.values()
    assert found == {n.did for n in for_sale if n.country == "US" and fits(n.did)}
    assert found


def test_letters_are_the_keys_of_a_telephone(wire: Wire) -> None:
    in_letters = wire.call("searchDIDsUSA", type="contains", query="jKL01")
    assert in_letters == wire.call("searchDIDsUSA", type="contains", query="55501")
    assert in_letters["status"] == "success"


def test_a_whole_number_is_found_in_its_own_country_and_state_alone() -> None:
    stock = Stock(seed=1, count=2400)
    number = stock.find("US", region="NY")[0]
    wanted = f"starts:{number.did}"
    assert stock.find("US", wanted=wanted) == stock.find("US", region="NY", wanted=wanted)
    assert stock.find("US", wanted=wanted) == [number]
    assert stock.find("US", region="IL", wanted=wanted) == []
    assert stock.find("CA", wanted=wanted) == []
    assert stock.find("US", wanted="starts:9999999999") == []


def test_a_search_keeps_to_the_state_or_province(wire: Wire) -> None:
    rows = wire.call("searchDIDsCAN", province="ON", type="contains", query="555")["dids"]
    assert {row["province"] for row in rows} == {"ON"}


def test_toll_free_numbers_are_listed_and_searched(wire: Wire) -> None:
    everything = wire.call("searchTollFreeCanUS")["dids"]
    assert set(everything[0]) == {"did", "monthly", "minute", "setup"}
    assert {row["did"][:3] for row in everything} >= {"800", "888"}
    found = wire.call("searchTollFreeCanUS", type="starts", query="888")["dids"]
    assert {row["did"][:3] for row in found} == {"888"}


@pytest.mark.parametrize(
    ("method", "given", "status"),
    [
        ("getDIDsUSA", {}, "missing_state"),
        ("getDIDsUSA", {"state": "XX"}, "invalid_state"),
        ("getDIDsUSA", {"state": "WY"}, "no_did"),
        ("getDIDsUSA", {"state": "FL", "ratecenter": "ALFORD"}, "no_did"),
        ("getDIDsCAN", {}, "missing_province"),
        ("searchDIDsUSA", {}, "missing_type"),
        ("searchDIDsUSA", {"type": "like", "query": "1"}, "invalid_type"),
        ("searchDIDsUSA", {"type": "starts"}, "missing_query"),
        ("searchDIDsUSA", {"type": "starts", "query": "55-5"}, "invalid_query"),
        ("searchDIDsUSA", {"type": "starts", "query": "999"}, "no_did"),
        ("searchDIDsCAN", {"province": "ZZ", "type": "ends", "query": "1"}, "invalid_province"),
        ("getDIDCountries", {}, "missing_type"),
        ("getDIDCountries", {"type": "MARTIAN"}, "invalid_type"),
        ("getDIDsInternationalNational", {}, "missing_countryid"),
        ("getDIDsInternationalNational", {"country_id": "205"}, "no_did"),
    ],
)
def test_bad_searches_and_empty_results_are_statuses(
    wire: Wire, method: str, given: dict[str, str], status: str
) -> None:
    assert wire.status(method, **given) == status


def test_a_number_sold_to_somebody_else_is_no_longer_found() -> None:
    with wired() as wire:
        did = wire.number("212")
        wire.control("sell", did=did)
        assert wire.status("searchDIDsUSA", type="starts", query=did) == "no_did"
        assert wire.state()["sold_to_others"] == [did]


def test_abroad_there_are_types_countries_and_locations(wire: Wire) -> None:
    assert {row["value"] for row in wire.call("getInternationalTypes")["types"]} == {
        "GEOGRAPHIC",
        "NATIONAL",
        "TOLLFREE",
    }
    countries = wire.call("getDIDCountries", type="GEOGRAPHIC")["countries"]
    assert {"value": "205", "description": "SWEDEN (+46)"} in countries
    (place,) = wire.call("getDIDsInternationalGeographic", country_id="205")["locations"]
    assert place["location_id"] == "a65"
    assert place["channels"] == "2"
    (toll_free,) = wire.call("getDIDsInternationalTollFree", country_id="14")["locations"]
    assert "monthly_per_minute" not in toll_free
