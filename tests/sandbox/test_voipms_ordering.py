"""Buying, keeping and cancelling numbers at the VoIP.ms sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.sandbox.voipms_wire import ORDER, Wire, wired

pytestmark = pytest.mark.once


@pytest.fixture
def wire() -> Iterator[Wire]:
    with wired() as wire:
        yield wire


def test_an_order_answers_with_a_status_only_and_puts_the_number_into_the_inventory(
    wire: Wire,
) -> None:
    did = wire.number("212")
    assert wire.call("orderDID", did=did, note="ours-1", **ORDER) == {"status": "success"}
    (row,) = wire.call("getDIDsInfo", did=did)["dids"]
    assert row["did"] == did
    assert row["note"] == "ours-1"
    assert row["routing"] == "none:"
    assert row["pop"] == "5"
    assert row["billing_type"] == "1"
    assert row["description"] == "NEW YORK, NY"
    assert row["order_date"][:10] == datetime.now(UTC).strftime("%Y-%m-%d")
    assert wire.status("searchDIDsUSA", type="starts", query=did) == "no_did"


def test_an_order_charges_set_up_and_the_first_month_once(wire: Wire) -> None:
    before = Decimal(wire.call("getBalance")["balance"]["current_balance"])
    did = wire.number("312")
    wire.call("orderDID", did=did, **ORDER)
    after = Decimal(wire.call("getBalance")["balance"]["current_balance"])
    assert before - after == Decimal("1.25")
    ledger = wire.state()["ledger"]
    assert [(charge["type"], charge["amount"]) for charge in ledger] == [
        (f"DID{did}", "-0.40"),
        (f"DID{did}", "-0.85"),
    ]


def test_a_flat_order_costs_the_flat_price(wire: Wire) -> None:
    wire.call("orderDID", did=wire.number("312"), **(ORDER | {"billing_type": "2"}))
    assert [charge["amount"] for charge in wire.state()["ledger"]] == ["-0.40", "-4.25"]


@pytest.mark.parametrize("flag", ["1", "true"])
def test_a_test_order_is_checked_and_buys_nothing(wire: Wire, flag: str) -> None:
    did = wire.number()
    assert wire.call("orderDID", did=did, test=flag, **ORDER) == {"status": "success"}
    assert wire.status("orderDID", did=did, test=flag) == "missing_routing"
    assert wire.state()["dids"] == []
    assert wire.state()["ledger"] == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"did": ""}, "missing_did"),
        ({"did": "2125550199999"}, "invalid_did"),
        ({"routing": ""}, "missing_routing"),
        ({"routing": "nowhere"}, "invalid_routing_header"),
        ({"routing": "moon:1"}, "invalid_routing_header"),
        ({"routing": "sys:explode"}, "invalid_routing_header"),
        ({"routing": "account:100001_nobody"}, "invalid_account"),
        ({"routing": "fwd:1"}, "invalid_forwarding"),
        ({"routing": "sip:1"}, "invalid_sipuri"),
        ({"failover_busy": "moon:1"}, "invalid_failover_header"),
        ({"pop": ""}, "missing_serverpop"),
        ({"pop": "99"}, "invalid_serverpop"),
        ({"dialtime": ""}, "missing_dialtime"),
        ({"dialtime": "soon"}, "invalid_dialtime"),
        ({"cnam": ""}, "missing_cnam"),
        ({"cnam": "true"}, "invalid_cnam"),
        ({"billing_type": ""}, "missing_billingtype"),
        ({"billing_type": "3"}, "invalid_billingtype"),
        ({"note": "n" * 50}, "invalid_note"),
        ({"callerid_prefix": "p" * 20}, "invalid_calleridprefix"),
    ],
)
def test_an_order_is_checked_parameter_by_parameter(
    wire: Wire, change: dict[str, str], status: str
) -> None:
    order = ORDER | {"did": wire.number()} | change
    assert wire.status("orderDID", **order) == status
    assert wire.state()["dids"] == []


def test_a_number_that_somebody_has_cannot_be_ordered(wire: Wire) -> None:
    did = wire.number()
    wire.call("orderDID", did=did, **ORDER)
    assert wire.status("orderDID", did=did, **ORDER) == "did_in_use"
    other = wire.number()
    wire.control("sell", did=other)
    assert wire.status("orderDID", did=other, **ORDER) == "did_in_use"
    assert len(wire.state()["ledger"]) == 2


def test_without_money_nothing_is_bought(wire: Wire) -> None:
    wire.control("balance", balance="1.24")
    did = wire.number("312")
    assert wire.status("orderDID", did=did, **ORDER) == "non_sufficient_funds"
    assert wire.status("getDIDsInfo", did=did) == "no_did"


def test_a_toll_free_number_is_ordered_without_a_billing_type(wire: Wire) -> None:
    did = wire.call("searchTollFreeCanUS")["dids"][0]["did"]
    order = {name: value for name, value in ORDER.items() if name != "billing_type"}
    assert wire.status("orderDID", did=did, **ORDER) == "invalid_did"
    assert wire.status("orderTollFree", did=did, **order) == "success"
    assert [charge["amount"] for charge in wire.state()["ledger"]] == ["-1.25"]
    assert wire.status("setDIDBillingType", did=did, billing_type="2") == "no_change_billingtype"


def test_abroad_a_quantity_is_bought_and_found_by_looking(wire: Wire) -> None:
    order = ORDER | {"location_id": "a65", "quantity": "2", "note": "ours-2"}
    assert wire.call("orderDIDInternationalGeographic", **order) == {"status": "success"}
    rows = wire.call("getDIDsInfo")["dids"]
    assert [row["did"] for row in rows] == ["46846500401", "46846500402"]
    assert wire.status("orderDIDInternationalGeographic", **order) == "unsifficient_stock"
    assert wire.status("orderDIDInternationalNational", **order) == "invalid_location"
    none = order | {"quantity": "0"}
    assert wire.status("orderDIDInternationalGeographic", **none) == "invalid_quantity"
    order = ORDER | {"location_id": "a6422", "quantity": "1", "billing_type": ""}
    assert wire.status("orderDIDInternationalTollFree", **order) == "success"


def test_a_cancelled_number_is_gone_for_good(wire: Wire) -> None:
    did = wire.number()
    wire.call("orderDID", did=did, note="ours-3", **ORDER)
    assert wire.status("cancelDID", did=did, test="true") == "success"
    assert wire.status("getDIDsInfo", did=did) == "success"
    assert wire.status("cancelDID", did=did, cancelcomment="end of contract") == "success"
    assert wire.status("getDIDsInfo", did=did) == "no_did"
    assert wire.status("cancelDID", did=did) == "invalid_did"
    assert wire.status("orderDID", did=did, **ORDER) == "did_in_use"
    (cancelled,) = wire.state()["cancelled"]
    assert (cancelled["did"], cancelled["note"], cancelled["comment"]) == (
        did,
        "ours-3",
        "end of contract",
    )


def test_set_did_info_replaces_everything_even_the_note(wire: Wire) -> None:
    did = wire.number()
    wire.call("orderDID", did=did, note="ours-4", **ORDER)
    change = ORDER | {"pop": "7", "callerid_prefix": "NY"}
    assert wire.status("setDIDInfo", did=did, **change) == "success"
    (row,) = wire.call("getDIDsInfo", did=did)["dids"]
    assert (row["pop"], row["callerid_prefix"], row["note"]) == ("7", "NY", "")
    assert wire.status("setDIDInfo", did=did, routing="none:") == "missing_serverpop"


def test_routing_pop_and_billing_change_one_thing_each(wire: Wire) -> None:
    did = wire.number()
    wire.call("orderDID", did=did, note="ours-5", **ORDER)
    assert wire.status("setDIDRouting", did=did, routing="sys:busy") == "success"
    assert wire.status("setDIDRouting", did=did) == "missing_routing"
    assert wire.status("setDIDRouting", did="2125550100", routing="none:") == "invalid_did"
    assert wire.status("setDIDPOP", did=did, pop="9") == "success"
    assert wire.status("setDIDPOP", did=did) == "missing_serverpop"
    assert wire.status("setDIDBillingType", did=did, billing_type="1") == "same_did_billingtype"
    assert wire.status("setDIDBillingType", did=did, billing_type="2") == "success"
    (row,) = wire.call("getDIDsInfo", did=did)["dids"]
    assert (row["routing"], row["pop"], row["billing_type"], row["note"]) == (
        "sys:busy",
        "9",
        "2",
        "ours-5",
    )


def test_an_empty_inventory_is_a_status(wire: Wire) -> None:
    assert wire.call("getDIDsInfo") == {"status": "no_did"}


def test_transactions_show_what_was_charged(wire: Wire) -> None:
    today = datetime.now(UTC).date()
    span = {"date_from": str(today - timedelta(days=1)), "date_to": str(today + timedelta(days=1))}
    assert wire.status("getTransactionHistory", **span) == "no_transactions"
    did = wire.number("312")
    wire.call("orderDID", did=did, **ORDER)
    rows = wire.call("getTransactionHistory", **span)["transactions"]
    assert [(row["description"], row["ammount"]) for row in rows] == [
        (f"DID Setup Fee: {did}", "-0.40"),
        (f"DID Monthly Fee: {did}", "-0.85"),
    ]
    assert len({row["uniqueid"] for row in rows}) == 2
    assert wire.status("getTransactionHistory", date_from="2026-01-01") == "missing_to_date"
    assert wire.status("getTransactionHistory", date_to="x") == "missing_from_date"
    bad = {"date_from": "01/02/2026", "date_to": "2026-02-02"}
    assert wire.status("getTransactionHistory", **bad) == "invalid_date"
    backwards = {"date_from": "2026-02-02", "date_to": "2026-02-01"}
    assert wire.status("getTransactionHistory", **backwards) == "invalid_date_from"


def test_the_balance_has_statistics_on_request(wire: Wire) -> None:
    assert wire.call("getBalance")["balance"] == {"current_balance": "250.000000"}
    wire.call("orderDID", did=wire.number("312"), **ORDER)
    balance = wire.call("getBalance", advanced="true")["balance"]
    assert balance["current_balance"] == "248.750000"
    assert (balance["spent_total"], balance["spent_today"]) == ("1.25000", "1.2500")


def test_a_foreign_number_can_be_put_into_the_account(wire: Wire) -> None:
    did = wire.number()
    wire.control("own", did=did, note="somebody's")
    (row,) = wire.call("getDIDsInfo", did=did)["dids"]
    assert row["note"] == "somebody's"
    assert wire.status("orderDID", did=did, **ORDER) == "did_in_use"
    assert wire.state()["ledger"] == []


def test_an_emergency_address_is_validated_and_shown(wire: Wire) -> None:
    did = wire.number()
    wire.control("own", did=did)
    assert wire.status("e911Info", did=did) == "e911_disabled"
    address = {
        "full_name": "Example Ltd",
        "street_number": "12A",
        "street_name": "Main Street",
        "city": "Albany",
        "state": "NY",
        "country": "US",
        "zip_code": "12207",
        "email": "office@example.com",
    }
    assert wire.status("e911Validate", did=did, **address) == "success"
    assert wire.status("e911Validate", did=did, **(address | {"city": ""})) == "missing_city"
    assert (
        wire.status("e911Validate", did=did, **(address | {"country": "DE"})) == "invalid_country"
    )
    assert wire.status("e911Validate", did="2125550100", **address) == "invalid_did"
    wire.control("emergency", did=did, **address)
    info = wire.call("e911Info", did=did)["info"]
    assert (info["street_number"], info["did"]) == ("12A", did)
    assert wire.call("getDIDsInfo", did=did)["dids"][0]["e911"] == "1"
