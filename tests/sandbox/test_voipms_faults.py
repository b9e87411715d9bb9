"""How the VoIP.ms sandbox misbehaves on request, and the endpoint by which it is asked to."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.sandbox.voipms_wire import ORDER, Wire, wired

pytestmark = pytest.mark.once


@pytest.fixture
def wire() -> Iterator[Wire]:
    with wired() as wire:
        yield wire


def test_a_reply_lost_before_acting_leaves_nothing_bought(wire: Wire) -> None:
    did = wire.number()
    wire.control("faults", method="orderDID", kind="reply_lost_before", times=1, seconds=0)
    with pytest.raises(httpx.TransportError):
        wire.call("orderDID", did=did, **ORDER)
    assert wire.status("getDIDsInfo", did=did) == "no_did"
    assert wire.status("orderDID", did=did, **ORDER) == "success"


def test_a_reply_lost_after_acting_leaves_the_number_bought_once(wire: Wire) -> None:
    did = wire.number()
    wire.control("faults", method="orderDID", kind="reply_lost_after")
    with pytest.raises(httpx.TransportError):
        wire.call("orderDID", did=did, **ORDER)
    assert wire.status("getDIDsInfo", did=did) == "success"
    assert [charge["type"] for charge in wire.state()["ledger"]] == [f"DID{did}"] * 2
    assert wire.state()["requests"]["orderDID"] == 1


@pytest.mark.parametrize(("kind", "code"), [("429", 429), ("500", 500), ("html", 503)])
def test_http_faults_answer_with_a_page_and_do_nothing(wire: Wire, kind: str, code: int) -> None:
    did = wire.number()
    wire.control("faults", method="orderDID", kind=kind)
    response = wire.get("orderDID", did=did, **ORDER)
    assert response.status_code == code
    assert response.headers["content-type"].startswith("text/html")
    with pytest.raises(ValueError, match="Expecting value"):
        response.json()
    assert wire.status("getDIDsInfo", did=did) == "no_did"


@pytest.mark.parametrize(("kind", "code"), [("500", 500), ("html", 503)])
def test_http_faults_may_act_all_the_same(wire: Wire, kind: str, code: int) -> None:
    did = wire.number()
    wire.control("faults", method="orderDID", kind=kind, acts=True)
    assert wire.get("orderDID", did=did, **ORDER).status_code == code
    assert wire.status("getDIDsInfo", did=did) == "success"


def test_slow_acts_first_and_answers_late(wire: Wire) -> None:
    did = wire.number()
    wire.control("faults", method="orderDID", kind="slow", seconds=30)
    with pytest.raises(httpx.ReadTimeout), httpx.Client(timeout=0.2) as impatient:
        impatient.get(wire.sandbox.url, params=wire.parameters("orderDID", {"did": did} | ORDER))
    assert wire.status("getDIDsInfo", did=did) == "success"


def test_slow_before_acts_late(wire: Wire) -> None:
    did = wire.number()
    wire.control("faults", method="orderDID", kind="slow_before", seconds=0.4)
    with pytest.raises(httpx.ReadTimeout), httpx.Client(timeout=0.1) as impatient:
        impatient.get(wire.sandbox.url, params=wire.parameters("orderDID", {"did": did} | ORDER))
    assert wire.status("getDIDsInfo", did=did) == "no_did"
    deadline = time.monotonic() + 5
    while wire.status("getDIDsInfo", did=did) == "no_did" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert wire.status("getDIDsInfo", did=did) == "success"


def test_a_list_may_be_cut_although_the_number_is_bought(wire: Wire) -> None:
    wire.control("faults", kind="cut", times=2)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        wire.get("getStates").json()
    did = wire.number()
    assert not wire.get("orderDID", did=did, **ORDER).text.endswith("}")
    assert wire.status("getDIDsInfo", did=did) == "success"


def test_a_list_may_be_garbled(wire: Wire) -> None:
    wire.control("faults", kind="garbled", method="getStates")
    assert wire.call("getStates") == {"status": "success", "states": "Array"}
    assert len(wire.call("getStates")["states"]) == 51


def test_a_list_may_trickle_in(wire: Wire) -> None:
    whole = wire.get("getStates").text
    wire.control("faults", kind="trickle", method="getStates", seconds=0.2)
    began = time.monotonic()
    assert wire.get("getStates").text == whole
    assert time.monotonic() - began > 0.1


def test_a_number_is_sold_to_somebody_else_just_before_the_order(wire: Wire) -> None:
    did = wire.number()
    wire.control("faults", method="orderDID", kind="sold_meanwhile")
    assert wire.status("orderDID", did=did, **ORDER) == "did_in_use"
    state = wire.state()
    assert (state["dids"], state["ledger"], state["sold_to_others"]) == ([], [], [did])


def test_any_status_can_be_forced(wire: Wire) -> None:
    wire.control("faults", method="getBalance", kind="status:provider_outofservice")
    assert wire.call("getBalance") == {"status": "provider_outofservice"}
    assert wire.status("getBalance") == "success"


def test_a_fault_strikes_its_method_and_as_often_as_asked(wire: Wire) -> None:
    wire.control("faults", method="getBalance", kind="status:tls_error", times=2)
    assert wire.status("getStates") == "success"
    assert [wire.status("getBalance") for _ in range(3)] == ["tls_error", "tls_error", "success"]


def test_a_fault_may_let_calls_pass_first(wire: Wire) -> None:
    wire.control("faults", method="getBalance", kind="status:tls_error", skip=2)
    assert [wire.status("getBalance") for _ in range(4)] == [
        "success",
        "success",
        "tls_error",
        "success",
    ]


def test_a_fault_without_a_method_strikes_any(wire: Wire) -> None:
    wire.control("faults", kind="status:tls_error", times=-1)
    assert {wire.status(name) for name in ("getBalance", "getStates", "getIP")} == {"tls_error"}
    assert wire.state()["faults"][0]["method"] == "*"
    wire.control("calm")
    assert wire.status("getBalance") == "success"


@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("faults", {"kind": "rain"}),
        ("faults", {"method": "orderDID"}),
        ("faults", {"kind": "slow", "times": 0}),
        ("faults", {"kind": "slow", "seconds": "long"}),
        ("faults", {"kind": "slow", "acts": True}),
        ("sell", {"did": "2125559999"}),
        ("sell", {}),
        ("own", {"did": "number"}),
        ("balance", {"balance": "much"}),
        ("ips", {"allowed": "127.0.0.1"}),
        ("limit", {"per_minute": "few"}),
        ("maintenance", {"methods": "orderDID"}),
        ("register", {"account": "100001_nobody"}),
        ("register", {"account": "100001", "pop": "999"}),
        ("emergency", {"did": "2125550100"}),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_with_a_reason(
    wire: Wire, name: str, wish: dict[str, object]
) -> None:
    response = wire.http.post(f"{wire.sandbox.control}/{name}", json=wish)
    assert response.status_code == 400
    assert response.json()["problem"]


def test_the_control_endpoint_knows_what_it_does_not_know(wire: Wire) -> None:
    assert wire.http.get(f"{wire.sandbox.control}/secrets").status_code == 404
    assert wire.http.post(f"{wire.sandbox.control}/state").status_code == 404
    assert wire.http.post(f"{wire.sandbox.control}/faults", content=b"{").status_code == 400
    assert wire.http.post(f"{wire.sandbox.control}/faults", content=b"[]").status_code == 400


def test_reset_forgets_all_but_the_credentials(wire: Wire) -> None:
    did = wire.number()
    wire.call("orderDID", did=did, **ORDER)
    wire.control("faults", kind="500", times=-1)
    wire.control("ips", allowed=[])
    wire.control("reset")
    assert wire.call("getBalance")["balance"]["current_balance"] == "250.000000"
    assert wire.number() == did
    assert wire.state()["dids"] == []
    assert wire.state()["requests"] == {"getBalance": 1}


def test_requests_are_counted_by_method_also_when_they_are_refused(wire: Wire) -> None:
    wire.status("getBalance")
    wire.status("getBalance", api_password="wrong")
    wire.status("")
    assert wire.state()["requests"] == {"getBalance": 2, "(none)": 1}


def test_one_connection_serves_many_calls(wire: Wire) -> None:
    for _ in range(3):
        wire.call("getBalance")
    pool = wire.http._transport._pool  # type: ignore[attr-defined]
    assert len(pool.connections) == 1
