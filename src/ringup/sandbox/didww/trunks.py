"""Inbound and outbound trunks."""

from __future__ import annotations

import ipaddress
from decimal import Decimal
from typing import Any

from ringup.sandbox.didww.inputs import Sent
from ringup.sandbox.didww.problems import bad, invalid, not_enabled
from ringup.sandbox.didww.resources import Resource, now
from ringup.sandbox.didww.state import State, letters_and_digits

IN_FIELDS = frozenset(
    {
        "name", "priority", "weight", "capacity_limit", "cli_format", "cli_prefix", "description",
        "ringing_timeout", "external_reference_id", "configuration",
    }
)  # fmt: skip
OUT_FIELDS = frozenset(
    {
        "name", "status", "on_cli_mismatch_action", "authentication_method", "allowed_rtp_ips",
        "allow_any_did_as_cli", "capacity_limit", "threshold_amount", "default_dst_action",
        "dst_prefixes", "media_encryption_mode", "force_symmetric_rtp", "rtp_ping", "rtp_timeout",
        "callback_url", "emergency_enable_all", "external_reference_id",
    }
)  # fmt: skip
IN_DEFAULTS: dict[str, Any] = {
    "priority": 1,
    "weight": 65535,
    "capacity_limit": None,
    "cli_format": "e164",
    "cli_prefix": None,
    "description": None,
    "ringing_timeout": None,
    "external_reference_id": None,
}
OUT_DEFAULTS: dict[str, Any] = {
    "status": "active",
    "on_cli_mismatch_action": "reject_call",
    "allowed_rtp_ips": [],
    "allow_any_did_as_cli": False,
    "capacity_limit": None,
    "threshold_amount": "3000.0",
    "default_dst_action": "allow_all",
    "dst_prefixes": [],
    "media_encryption_mode": "disabled",
    "force_symmetric_rtp": False,
    "rtp_ping": False,
    "rtp_timeout": 30,
    "callback_url": None,
    "emergency_enable_all": False,
    "external_reference_id": None,
}
# What only the carrier writes.
READ_ONLY = frozenset({"incoming_auth_username", "incoming_auth_password"})
CONFIGURATIONS = frozenset({"sip_configurations", "pstn_configurations"})


def new_in(state: State, sent: Sent) -> Resource:
    """An inbound trunk: where the calls of numbers go."""
    sent.need("name")
    _require_new_name(state, "voice_in_trunks", str(sent.attributes["name"]))
    attributes = IN_DEFAULTS | sent.attributes
    attributes["configuration"] = _configuration(sent.attributes.get("configuration"))
    attributes["created_at"] = now()
    relations: dict[str, Resource | list[Resource] | None] = {
        "pop": sent.relations.get("pop"),
        "voice_in_trunk_group": sent.relations.get("voice_in_trunk_group"),
    }
    return state.store.add(Resource("voice_in_trunks", attributes, relations))


def change_in(state: State, row: Resource, sent: Sent) -> None:
    changes = dict(sent.attributes)
    if "name" in changes and changes["name"] != row.attributes["name"]:
        _require_new_name(state, row.type, str(changes["name"]))
    if "configuration" in changes:
        before = row.attributes["configuration"]["attributes"]
        wanted = changes["configuration"] or {}
        merged = {**wanted, "attributes": {**before, **wanted.get("attributes", {})}}
        kept = {name: before[name] for name in READ_ONLY & set(before)}
        if set(wanted.get("attributes") or {}) & READ_ONLY:
            raise bad("105", "Param not allowed")
        merged["attributes"] = {
            name: value for name, value in merged["attributes"].items() if name not in READ_ONLY
        }
        changes["configuration"] = _configuration(merged)
        if changes["configuration"]["attributes"].get("enabled_sip_registration"):
            changes["configuration"]["attributes"] |= kept
    row.attributes.update(changes)
    row.relations.update(sent.relations)


def _configuration(wanted: Any) -> dict[str, Any]:
    if not isinstance(wanted, dict) or wanted.get("type") not in CONFIGURATIONS:
        raise invalid("/attributes/configuration", "is invalid", name="configuration")
    facts = dict(wanted.get("attributes") or {})
    if set(facts) & READ_ONLY:
        raise bad("105", "Param not allowed")
    if wanted["type"] == "pstn_configurations":
        if not str(facts.get("dst") or "").isdecimal():
            raise invalid("/attributes/configuration/dst", "is invalid", name="dst")
        return {"type": wanted["type"], "attributes": facts}
    registers = facts.get("enabled_sip_registration") is True
    if registers == bool(facts.get("host")):
        title = "must be blank" if registers else "can't be blank"
        raise invalid("/attributes/configuration/host", title, name="host")
    if facts.get("use_did_in_ruri") and not registers:
        raise invalid("/attributes/configuration/use_did_in_ruri", "must be false", name="use_did")
    if registers:
        facts["incoming_auth_username"] = letters_and_digits(16)
        facts["incoming_auth_password"] = letters_and_digits(16)
    return {"type": wanted["type"], "attributes": facts}


def new_out(state: State, sent: Sent) -> Resource:
    """An outbound trunk, with the credentials that the carrier makes."""
    if not state.setup.has_outbound:
        raise not_enabled()
    sent.need("name")
    attributes = OUT_DEFAULTS | sent.attributes
    attributes |= {
        "authentication_method": _authentication(sent.attributes.get("authentication_method")),
        "threshold_reached": False,
        "created_at": now(),
    }
    row = Resource(
        "voice_out_trunks",
        attributes,
        {
            "default_did": sent.relations.get("default_did"),
            "dids": sent.many("dids"),
            "emergency_dids": [],
        },
        {"spent_amount": "0.0"},
    )
    return state.store.add(row)


def change_out(_state: State, row: Resource, sent: Sent) -> None:
    changes = dict(sent.attributes)
    if "authentication_method" in changes:
        before = row.attributes["authentication_method"]["attributes"]
        changes["authentication_method"] = _authentication(changes["authentication_method"])
        after = changes["authentication_method"]["attributes"]
        after.update(username=before["username"], password=before["password"])
    row.attributes.update(changes)
    row.relations.update(sent.relations)


def regenerate(state: State, sent: Sent) -> Resource:
    """New credentials for an outbound trunk; the trunk itself must be read for them."""
    trunk = sent.need_one("voice_out_trunk")
    facts = trunk.attributes["authentication_method"]["attributes"]
    facts.update(username=letters_and_digits(16), password=letters_and_digits(16))
    relations: dict[str, Resource | list[Resource] | None] = {"voice_out_trunk": trunk}
    return Resource("voice_out_trunk_regenerate_credentials", {}, relations)


def _authentication(wanted: Any) -> dict[str, Any]:
    facts = dict(wanted.get("attributes") or {}) if isinstance(wanted, dict) else {}
    addresses = facts.get("allowed_sip_ips")
    if not isinstance(wanted, dict) or wanted.get("type") != "credentials_and_ip" or not addresses:
        raise invalid(
            "/attributes/authentication_method", "is invalid", name="authentication_method"
        )
    try:
        networks = [str(ipaddress.ip_network(one)) for one in addresses]
    except ValueError as error:
        raise invalid(
            "/attributes/allowed_sip_ips", "is invalid", name="allowed_sip_ips"
        ) from error
    return {
        "type": "credentials_and_ip",
        "attributes": {
            "allowed_sip_ips": networks,
            "tech_prefix": facts.get("tech_prefix"),
            "username": letters_and_digits(16),
            "password": letters_and_digits(16),
        },
    }


def _require_new_name(state: State, kind: str, name: str) -> None:
    if any(row.attributes["name"] == name for row in state.store.all(kind)):
        raise invalid("/attributes/name", "has already been taken", name="name")


def balance(state: State) -> Resource:
    """The account's money, as a resource."""
    amount = state.balance.quantize(Decimal("0.01"))
    shown = {"balance": str(amount), "credit": "0.00", "total_balance": str(amount)}
    return Resource("balances", shown)
