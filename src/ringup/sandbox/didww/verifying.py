"""Verifications: somebody at the carrier reads the papers of an address, for numbers that wait."""

from __future__ import annotations

import threading
from typing import Any

from ringup.sandbox.didww.inputs import Sent
from ringup.sandbox.didww.numbers import registered
from ringup.sandbox.didww.papers import attached, missing
from ringup.sandbox.didww.papers_in_use import mark_verified
from ringup.sandbox.didww.problems import ApiError, invalid, sentence
from ringup.sandbox.didww.resources import Resource, now
from ringup.sandbox.didww.state import State

# The sandbox switch: what an identity's ``id_number`` brings about.
APPROVES = "11111111-1111-1111-1111-111111111111"
REJECTS = "22222222-2222-2222-2222-222222222222"
REASONS = ["Document is not legible", "Name does not match the document"]


def verify(state: State, sent: Sent) -> Resource:
    """Ask for a decision."""
    address, dids = sent.need_one("address"), sent.many("dids")
    if not dids:
        raise invalid("/relationships/dids", "can't be blank", name="dids")
    identity = address.one("identity")
    assert identity is not None  # every address has one
    _require_papers(address, identity, dids, sent)
    attached(state, sent.many("onetime_files"))
    row = Resource(
        "address_verifications",
        {
            "status": "pending",
            "reference": state.reference("SHB"),
            "reject_reasons": None,
            "reject_comment": None,
            "service_description": sent.attributes.get("service_description"),
            "callback_url": sent.attributes.get("callback_url"),
            "callback_method": sent.attributes.get("callback_method") or "post",
            "external_reference_id": sent.attributes.get("external_reference_id"),
            "created_at": now(),
        },
        {"address": address, "dids": dids},
    )
    state.store.add(row)
    for did in dids:
        did.relations.update(address_verification=row, identity=identity)
    _decide_later(state, row, identity)
    return row


def _require_papers(
    address: Resource, identity: Resource, dids: list[Resource], sent: Sent
) -> None:
    found: list[str] = []
    for did in dids:
        group = did.one("did_group")
        requirement = group.one("address_requirement") if group else None
        if requirement is None or not did.attributes["awaiting_registration"]:
            raise invalid("/relationships/dids", "is invalid", name="dids")
        found += missing(requirement, identity, address)
        describes = bool(sent.attributes.get("service_description"))
        if requirement.attributes["service_description_required"] and not describes:
            found.append("Service description required")
        if describes and not requirement.attributes["service_description_required"]:
            found.append("Service description is not needed")
        form = requirement.one(f"{identity.attributes['identity_type']}_onetime_document")
        if sent.many("onetime_files") and form is None:
            found.append("One-time document is not needed")
        if form is not None and not sent.many("onetime_files"):
            found.append(f"{form.attributes['name']} required")
    if found:
        raise ApiError(422, *(sentence(text) for text in dict.fromkeys(found)))


def _decide_later(state: State, row: Resource, identity: Resource) -> None:
    switch = identity.attributes.get("id_number")
    seconds = state.setup.decide_seconds
    if switch in (APPROVES, REJECTS):
        seconds = seconds or 0.0
    if seconds is None:
        return

    def decide_now() -> None:
        with state.lock:
            decide(state, row, is_approved=switch != REJECTS)

    timer = threading.Timer(seconds, decide_now)
    timer.daemon = True
    timer.start()


def decide(
    state: State, row: Resource, *, is_approved: bool, reasons: list[str] | None = None
) -> None:
    """The decision, once."""
    if row.attributes["status"] != "pending":
        return
    also: dict[str, Any] = {}
    if is_approved:
        row.attributes["status"] = "approved"
        for did in row.many("dids"):
            registered(did)
        mark_verified(state)
    else:
        found = reasons or REASONS
        row.attributes.update(
            status="rejected", reject_reasons=found, reject_comment="See the reasons."
        )
        also["reject_reasons"] = ", ".join(found)
    state.tell(row, **also)
