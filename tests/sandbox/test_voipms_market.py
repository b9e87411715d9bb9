"""What happens at VoIP.ms without us: numbers appear and vanish, somebody works in its portal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringup.sandbox.voipms.stock import FICTION, Stock
from tests.sandbox.voipms_wire import ORDER, Wire, wired

pytestmark = pytest.mark.once


@pytest.fixture
def wire() -> Iterator[Wire]:
    with wired() as wire:
        yield wire


def _listed(wire: Wire, method: str, **given: str) -> set[str]:
    answer = wire.call(method, **given)
    return {row["did"] for row in answer.get("dids", [])}


def test_a_number_appears_and_its_price_changes(wire: Wire) -> None:
    assert wire.status("getDIDsUSA", state="WY") == "no_did"
    offer = {"did": "3075550142", "state": "WY", "ratecenter": "CASPER"}
    wire.control("offer", **offer)
    (row,) = wire.call("getDIDsUSA", state="WY")["dids"]
    assert (row["ratecenter"], row["state_description"]) == ("CASPER", "WYOMING")
    assert row["perminute_monthly"] == "0.85"
    wire.control("offer", **offer, perminute_monthly="2.50", sms="0")
    (row,) = wire.call("getDIDsUSA", state="WY")["dids"]
    assert (row["perminute_monthly"], row["sms"]) == ("2.50", "0")
    wire.control("offer", did="3075550142", province="QC", ratecenter="Laval")
    assert wire.status("getDIDsUSA", state="WY") == "no_did", "it moved"
    assert "3075550142" in _listed(wire, "getDIDsCAN", province="QC", ratecenter="laval")
    assert wire.status("orderDID", did="3075550142", **ORDER) == "success"


def test_a_toll_free_number_appears(wire: Wire) -> None:
    wire.control("offer", did="8005550999")
    assert "8005550999" in _listed(wire, "searchTollFreeCanUS", type="starts", query="800")


def test_a_number_vanishes_or_is_sold_and_each_is_refused_in_its_own_way(wire: Wire) -> None:
    gone, sold, *_ = sorted(_listed(wire, "getDIDsUSA", state="IL"))
    wire.control("vanish", did=gone)
    wire.control("sell", did=sold)
    assert not {gone, sold} & _listed(wire, "getDIDsUSA", state="IL")
    assert wire.status("orderDID", did=gone, **ORDER) == "invalid_did"
    assert wire.status("orderDID", did=sold, **ORDER) == "did_in_use"


def test_a_location_abroad_fills_and_empties(wire: Wire) -> None:
    for stock in (0, 7):
        wire.control("location", location_id="a65", stock=stock)
        (place,) = wire.call("getDIDsInternationalGeographic", country_id="205")["locations"]
        assert place["stock"] == str(stock)


def test_somebody_works_in_the_portal(wire: Wire) -> None:
    did = wire.number()
    wire.call("orderDID", did=did, note="ours", **ORDER)
    wire.control("edit", did=did, note="front desk", cnam="1")
    (row,) = wire.call("getDIDsInfo")["dids"]
    assert (row["note"], row["cnam"], row["routing"]) == ("front desk", "1", "none:")
    wire.control("drop", did=did)
    assert wire.status("getDIDsInfo") == "no_did"
    assert wire.status("orderDID", did=did, **ORDER) == "did_in_use"


@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("offer", {}),
        ("offer", {"did": "1125550100", "state": "NY", "ratecenter": "X"}),
        ("offer", {"did": "2125550100", "state": "ON", "ratecenter": "X"}),
        ("offer", {"did": "2125550100", "ratecenter": "X"}),
        ("offer", {"did": "2125550100", "state": "NY"}),
        ("vanish", {"did": "2125559999"}),
        ("location", {"location_id": "a0", "stock": 1}),
        ("location", {"location_id": "a65", "stock": -1}),
        ("location", {"location_id": "a65"}),
        ("edit", {"did": "2125559999", "note": "x"}),
        ("edit", {"did": "owned", "colour": "red"}),
        ("drop", {"did": "2125559999"}),
    ],
)
def test_what_cannot_happen_is_refused_with_a_reason(
    wire: Wire, name: str, wish: dict[str, object]
) -> None:
    if wish.get("did") == "owned":
        wish = wish | {"did": wire.number()}
        wire.control("own", did=wish["did"])
    response = wire.http.post(f"{wire.sandbox.control}/{name}", json=wish)
    assert response.status_code == 400
    assert response.json()["problem"]


def test_setting_a_number_clears_what_is_left_out(wire: Wire) -> None:
    did = wire.number()
    wire.control("own", did=did, note="front desk")
    wire.control("edit", did=did, voicemail="101", transcribe="1", transcription_locale="en-US")
    wire.control("edit", did=did, record_calls="1", port_out_pin="0042", voicemail_threshold="10")
    assert wire.status("setDIDInfo", did=did, **ORDER) == "success"
    (row,) = wire.call("getDIDsInfo", did=did)["dids"]
    cleared = ("note", "voicemail", "transcription_locale", "port_out_pin")
    assert {row[name] for name in cleared} == {""}
    assert {row[name] for name in ("transcribe", "record_calls", "voicemail_threshold")} == {"0"}


def test_a_large_stock_takes_lines_that_nobody_can_have() -> None:
    stock = Stock(seed=1, count=30_000)
    assert len(stock.numbers) == 30_000
    beyond = [did for did in stock.numbers if did[6:8] != "01"]
    assert beyond
    assert FICTION not in {did[3:6] for did in beyond}
    assert len(stock.find("US", region="NY")) > 3_000
