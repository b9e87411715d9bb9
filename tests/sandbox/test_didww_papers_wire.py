"""Papers at the DIDWW sandbox: what it misses, who decides when, what it calls back, what stays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from didww.callback.request_validator import RequestValidator

from ringup.sandbox.didww.requirements import MADE_UP, RULES
from ringup.sandbox.didww.verifying import APPROVES, REJECTS
from tests.sandbox.didww_wire import TOKENS, Wire, behind, ear, errors, titles, wired

pytestmark = pytest.mark.once
HEADER = "x-didww-signature"


@pytest.fixture
def wire() -> Iterator[Wire]:
    with wired() as wire:
        yield wire


def decided(wire: Wire, uid: str) -> dict[str, Any]:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        found: dict[str, Any] = wire.one(f"address_verifications/{uid}")["attributes"]
        if found["status"] != "pending":
            return found
    raise AssertionError("nobody decided")


def sent_in(wire: Wire, country: str = "GB", kind: str = "Mobile", **facts: str) -> dict[str, Any]:
    """A verification of complete papers."""
    group = wire.group(country, kind)
    answer = wire.verify(wire.did(group), wire.ready(group, country, **facts))
    found: dict[str, Any] = wire.fine(answer)["data"]
    return found


# -- what is wanted -------------------------------------------------------------------------------


def test_five_kinds_of_rules_are_there_and_say_that_they_are_made_up(wire: Wire) -> None:
    assert set(RULES) == {"ZA", "DE", "GB", "FR"}
    include = "country,business_permanent_document,business_onetime_document"
    found = wire.fine(wire.call("GET", "address_requirements", include=include))
    assert all(row["attributes"]["restriction_message"].endswith(MADE_UP) for row in found["data"])
    names = {row["id"]: row["attributes"]["name"] for row in found["included"]}
    forms = {
        names[behind(row, "country")["id"]]: [
            names[row["relationships"][name]["data"]["id"]]
            for name in ("business_permanent_document", "business_onetime_document")
            if row["relationships"][name]["data"]
        ]
        for row in found["data"]
    }
    assert forms == {
        "South Africa": [],
        "Germany": ["Germany Registration Form"],
        "United Kingdom": [],
        "France": ["France Letter of Intent"],
    }
    free = wire.group("US", "Local")
    assert free["meta"]["needs_registration"] is False
    assert free["relationships"]["address_requirement"]["data"] is None


def test_only_demo_numbers_are_said_to_be_some(wire: Wire) -> None:
    told = {}
    for kind in ("Local", "National"):
        uid = behind(wire.group("DE", kind), "address_requirement")["id"]
        wanted = wire.one(f"address_requirements/{uid}")
        told[kind] = "demo" in wanted["attributes"]["restriction_message"]
    assert told == {"Local": False, "National": True}


def test_what_is_missing_is_said_before_anything_is_bought(wire: Wire) -> None:
    requirement = behind(wire.group("ZA", "Local"), "address_requirement")
    person = wire.person("DE", vat_id="", contact_email="")
    place = wire.address(person, "DE")
    answer = wire.post(
        "address_requirement_validations",
        None,
        {"address_requirement": requirement, "identity": person, "address": place},
    )
    assert answer.status_code == 422
    assert titles(answer) == [
        "Identity Country must be South Africa",
        "Identity VAT ID required",
        "Identity Contact Email required",
        "1 Identity Proof(s) (Certificate of Incorporation, Tax Registration) required",
        "Address in South Africa required",
    ]
    assert {row["source"]["pointer"] for row in errors(answer)} == {"/data"}
    whole = wire.ready(wire.group("ZA", "Local"), "ZA")
    both = {"address_requirement": requirement, "address": whole}
    assert wire.post("address_requirement_validations", None, both).status_code == 201
    assert wire.rows("orders") == []


def test_only_what_is_asked_for_is_taken(wire: Wire) -> None:
    group = wire.group("GB", "Mobile")
    did, place = wire.did(group), wire.ready(group, "GB")
    answer = wire.verify(did, place, {"service_description": "x"}, onetime_files=[wire.file()])
    assert titles(answer) == [
        "Service description is not needed",
        "One-time document is not needed",
    ]
    assert wire.verify(did, place).status_code == 201


def test_a_form_for_each_time_is_asked_for_each_time(wire: Wire) -> None:
    group = wire.group("FR", "Local")
    did, place = wire.did(group), wire.ready(group, "FR")
    assert titles(wire.verify(did, place)) == ["France Letter of Intent required"]
    found = wire.fine(wire.verify(did, place, onetime_files=[wire.file()]))["data"]
    assert "onetime_files" not in found["relationships"]
    assert wire.rows("encrypted_files") == []


def test_a_number_that_needs_no_papers_cannot_be_verified(wire: Wire) -> None:
    place = wire.ready(wire.group("GB", "Mobile"), "GB")
    answer = wire.verify(wire.did(wire.group("US", "Local")), place)
    assert errors(answer)[0]["source"]["pointer"] == "/data/relationships/dids"


# -- who decides ----------------------------------------------------------------------------------


def test_the_switch_in_the_identity_decides(wire: Wire) -> None:
    rejected = decided(wire, sent_in(wire, id_number=REJECTS)["id"])
    assert rejected["status"] == "rejected"
    assert len(rejected["reject_reasons"]) == 2
    assert rejected["reject_comment"]
    approved = decided(wire, sent_in(wire, id_number=APPROVES)["id"])
    assert (approved["status"], approved["reject_reasons"]) == ("approved", None)


def test_without_a_switch_somebody_decides(wire: Wire) -> None:
    sent = sent_in(wire)
    assert sent["attributes"]["reference"].startswith("SHB-")
    assert wire.rows("address_verifications", **{"filter[status]": "pending"})
    wire.control("decide", id=sent["id"], approved=False, reasons=["Too dark"])
    assert decided(wire, sent["id"])["reject_reasons"] == ["Too dark"]
    wire.control("decide", id=sent["id"], approved=True)
    assert decided(wire, sent["id"])["status"] == "rejected", "once is for good"


def test_after_a_set_time_all_is_approved() -> None:
    with wired(decide_seconds=0.05) as wire:
        assert decided(wire, sent_in(wire)["id"])["status"] == "approved"
        rejected = decided(wire, sent_in(wire, id_number=REJECTS)["id"])
        assert rejected["status"] == "rejected"


def test_a_demo_number_becomes_a_real_one_when_it_is_registered(wire: Wire) -> None:
    group = wire.group("DE", "National")
    did, place = wire.did(group), wire.ready(group, "DE")
    facts = did["attributes"]
    assert (facts["blocked"], facts["awaiting_registration"]) == (True, True)
    sent = wire.fine(wire.verify(did, place))["data"]
    wire.control("decide", id=sent["id"], approved=True)
    after = wire.one(f"dids/{did['id']}")["attributes"]
    assert (after["blocked"], after["awaiting_registration"]) == (False, False)
    assert after["number"] != facts["number"]


# -- what is called back --------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["post", "get"])
def test_callbacks_are_signed_as_the_official_library_checks(wire: Wire, method: str) -> None:
    group = wire.group("GB", "Mobile")
    did, place = wire.did(group), wire.ready(group, "GB")
    validator = RequestValidator(wire.sandbox.callback_secret)
    with ear() as (base, heard):
        url = f"{base}/hooks?of=us"
        sent = wire.fine(wire.verify(did, place, {"callback_url": url, "callback_method": method}))[
            "data"
        ]
        wire.control("decide", id=sent["id"], approved=False, reasons=["Too dark", "Too small"])
        told = heard.get(timeout=10)
    assert told.verb == method.upper()
    fields = told.form if method == "post" else told.query
    called = url if method == "post" else f"{base}/hooks?{urlencode(told.query)}"
    assert fields.pop("of", "us") == "us"
    assert fields == {
        "id": sent["id"],
        "type": "address_verifications",
        "status": "rejected",
        "reject_reasons": "Too dark, Too small",
    }
    if method == "get":
        fields["of"] = "us"
    assert validator.validate(called, fields, told.headers[HEADER])
    assert not validator.validate(called, fields | {"status": "approved"}, told.headers[HEADER])


def test_an_order_calls_back_when_it_is_decided(wire: Wire) -> None:
    wire.control("orders", wait=True)
    group = wire.group("US", "Local")
    item = {
        "type": "did_order_items",
        "attributes": {"sku_id": behind(group, "stock_keeping_units")["id"], "qty": 1},
    }
    with ear() as (base, heard):
        facts = {"items": [item], "callback_url": base, "callback_method": "post"}
        orders = [wire.made("orders", facts) for _ in range(2)]
        wire.control("complete", id=orders[0]["id"])
        wire.control("cancel", id=orders[1]["id"])
        told = [heard.get(timeout=10).form for _ in orders]
    assert [(one["id"], one["status"]) for one in told] == [
        (orders[0]["id"], "completed"),
        (orders[1]["id"], "canceled"),
    ]


def test_callbacks_can_be_switched_off(wire: Wire) -> None:
    wire.control("callbacks", enabled=False)
    group = wire.group("GB", "Mobile")
    with ear() as (base, heard):
        facts = {"callback_url": base, "callback_method": "post"}
        sent = wire.fine(wire.verify(wire.did(group), wire.ready(group, "GB"), facts))["data"]
        wire.control("decide", id=sent["id"], approved=True)
        assert decided(wire, sent["id"])["status"] == "approved"
    assert heard.empty()
    assert wire.sandbox.state.callbacks == []


# -- what stays -----------------------------------------------------------------------------------


def test_verified_means_that_a_number_is_registered(wire: Wire) -> None:
    sent = sent_in(wire)
    (person,) = wire.rows("identities")
    assert person["attributes"]["verified"] is False
    assert wire.delete(person).status_code == 422, "it is being looked at"
    wire.control("decide", id=sent["id"], approved=True)
    (person,) = wire.rows("identities")
    (place,) = wire.rows("addresses")
    assert person["attributes"]["verified"] is place["attributes"]["verified"] is True
    for row in (person, place):
        assert titles(wire.delete(row)) == ["It is used by DIDs and can't be deleted"]
    (did,) = wire.rows("dids")
    assert wire.patch(did, {"terminated": True}).status_code == 200
    (person,) = wire.rows("identities")
    assert person["attributes"]["verified"] is False
    assert wire.delete(person).status_code == 204
    assert [wire.rows(kind) for kind in ("identities", "addresses", "proofs")] == [[], [], []]


def test_an_address_goes_with_its_proofs_and_leaves_its_identity(wire: Wire) -> None:
    place = wire.ready(wire.group("ZA", "Local"), "ZA")
    assert len(wire.rows("proofs")) == 2
    assert wire.delete(place).status_code == 204
    assert len(wire.rows("proofs")) == 1
    (person,) = wire.rows("identities", include="addresses,proofs")
    assert person["relationships"]["addresses"]["data"] == []
    assert len(person["relationships"]["proofs"]["data"]) == 1


def test_names_in_use_are_frozen_in_the_newer_version(wire: Wire) -> None:
    sent = sent_in(wire)
    wire.control("decide", id=sent["id"], approved=True)
    (person,) = wire.rows("identities")
    assert wire.patch(person, {"last_name": "Carter"}).status_code == 200
    wire.token, wire.version = wire.mint().json()["access_token"], TOKENS
    answer = wire.patch(person, {"last_name": "Dale"})
    assert errors(answer)[0]["source"]["pointer"] == "/data/attributes/last_name"
    assert wire.patch(person, {"contact_email": "bob@example.com"}).status_code == 200


def test_the_kind_of_an_identity_does_not_change(wire: Wire) -> None:
    person = wire.person("ZA")
    answer = wire.patch(person, {"identity_type": "personal"})
    assert (answer.status_code, titles(answer)) == (400, ["Param not allowed"])
    assert wire.patch(person, {"first_name": ""}).status_code == 422
    assert wire.patch(person, {"phone_number": "+27"}).status_code == 422


def test_papers_are_found_by_our_reference(wire: Wire) -> None:
    person = wire.person("ZA", external_reference_id="ours-1")
    wire.person("ZA", external_reference_id="ours-2")
    found = wire.rows("identities", **{"filter[external_reference_id]": "ours-1"})
    assert [row["id"] for row in found] == [person["id"]]
    for kind in ("addresses", "proofs", "permanent_supporting_documents", "address_verifications"):
        assert wire.rows(kind, **{"filter[external_reference_id]": "ours-1"}) == []


def test_a_proof_is_of_a_kind_that_fits(wire: Wire) -> None:
    person = wire.person("ZA")
    (bill, *_) = wire.rows("proof_types", **{"filter[entity_type]": "Address"})
    linked = {"entity": person, "proof_type": bill, "files": [wire.file()]}
    answer = wire.post("proofs", None, linked)
    assert errors(answer)[0]["source"]["pointer"] == "/data/relationships/proof_type"
    assert wire.post("proofs", None, linked | {"files": []}).status_code == 422
