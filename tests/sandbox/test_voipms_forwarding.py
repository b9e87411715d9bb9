"""Forwardings and SIP entries at the VoIP.ms sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.voipms_wire import Wire, wired

pytestmark = pytest.mark.once


@pytest.fixture
def wire() -> Iterator[Wire]:
    with wired() as wire:
        yield wire


def test_a_forwarding_is_made_changed_listed_and_deleted(wire: Wire) -> None:
    assert wire.status("getForwardings") == "no_forwarding"
    made = wire.call("setForwarding", phone_number="15145550123", description="ours")
    code = made["forwarding"]
    (row,) = wire.call("getForwardings")["forwardings"]
    assert set(row) == {
        "forwarding",
        "phone_number",
        "callerid_override",
        "description",
        "dtmf_digits",
        "pause",
        "diversion_header",
    }
    assert (row["phone_number"], row["description"]) == ("15145550123", "ours")
    # A change is a full replace too: the description is gone when it is not repeated.
    assert wire.call("setForwarding", forwarding=code, phone_number="5145550124") == {
        "status": "success",
        "forwarding": code,
    }
    (row,) = wire.call("getForwardings", forwarding=code)["forwardings"]
    assert (row["phone_number"], row["description"]) == ("5145550124", "")
    assert wire.status("delForwarding", forwarding=code) == "success"
    assert wire.status("getForwardings") == "no_forwarding"


def test_a_number_can_be_routed_to_a_forwarding(wire: Wire) -> None:
    did = wire.number()
    wire.control("own", did=did)
    code = wire.call("setForwarding", phone_number="5145550123")["forwarding"]
    assert wire.status("setDIDRouting", did=did, routing=f"fwd:{code}") == "success"
    assert wire.state()["dids"][0]["routing"] == f"fwd:{code}"


def test_the_id_of_a_sip_entry_is_learned_by_listing(wire: Wire) -> None:
    assert wire.status("getSIPURIs") == "no_sipuri"
    made = wire.call("setSIPURI", uri="reception@pbx.example.com:5080", description="ours")
    assert made == {"status": "success"}
    (row,) = wire.call("getSIPURIs")["sipuris"]
    assert set(row) == {"sipuri", "uri", "description", "callerid_override", "callerid_e164"}
    assert (row["uri"], row["description"]) == ("reception@pbx.example.com:5080", "ours")
    did = wire.number()
    wire.control("own", did=did)
    assert wire.status("setDIDRouting", did=did, routing=f"sip:{row['sipuri']}") == "success"
    assert wire.status("delSIPURI", sipuri=row["sipuri"]) == "success"
    assert wire.status("getSIPURIs") == "no_sipuri"


@pytest.mark.parametrize(
    ("method", "given", "status"),
    [
        ("setForwarding", {}, "missing_phonenumber"),
        ("setForwarding", {"phone_number": "+1514"}, "invalid_phonenumber"),
        ("setForwarding", {"phone_number": "5145550123", "forwarding": "1"}, "invalid_forwarding"),
        ("delForwarding", {}, "missing_forwarding"),
        ("delForwarding", {"forwarding": "1"}, "invalid_forwarding"),
        ("getForwardings", {"forwarding": "1"}, "no_forwarding"),
        ("setSIPURI", {}, "missing_uri"),
        ("setSIPURI", {"uri": "not an address"}, "invalid_sipuri"),
        ("setSIPURI", {"uri": "a@b.example", "sipuri": "1"}, "invalid_sipuri"),
        ("delSIPURI", {}, "missing_sipuri"),
        ("delSIPURI", {"sipuri": "1"}, "invalid_sipuri"),
    ],
)
def test_bad_entries_are_refused(
    wire: Wire, method: str, given: dict[str, str], status: str
) -> None:
    assert wire.status(method, **given) == status
