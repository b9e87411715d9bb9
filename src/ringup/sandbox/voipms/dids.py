"""The account's own numbers: the inventory and its settings."""

from __future__ import annotations

from ringup.sandbox.voipms import options
from ringup.sandbox.voipms.catalogue import Answer, Method
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.routing import checked_routing, did_settings
from ringup.sandbox.voipms.state import Row, State
from ringup.sandbox.voipms.statuses import StatusError

# What setDIDInfo sets besides the settings that every order has, and what clears it.
MORE_SETTINGS = {
    "record_calls": "0",
    "voicemail_threshold": "0",
    "port_out_pin": "",
    "transcribe": "0",
    "transcription_locale": "",
    "transcription_redaction": "no",
    "transcription_summary": "no",
    "transcription_sentiment": "no",
    "transcription_email": "",
}
TOLL_FREE_AREAS = ("800", "833", "844", "855", "866", "877", "888")


def get_dids_info(state: State, params: Parameters) -> Answer:
    """All numbers, one number, or those routed to a sub-account (``client``)."""
    did, client = params.text("did"), params.text("client")
    found = [row for row in state.dids.values() if did in ("", row["did"])]
    if client:
        routed = state.routings_to(f"account:{client}")
        found = [row for row in found if row["did"] in routed]
    if not found:
        raise StatusError("no_did")
    return {"dids": found}


def set_did_info(state: State, params: Parameters) -> Answer:
    """A full replace: what is not given is cleared."""
    row = _owned(state, params)
    settings = did_settings(state, params)
    billing = params.one_of("billing_type", "billingtype", options.BILLING_TYPES)
    more = {name: params.text(name) or cleared for name, cleared in MORE_SETTINGS.items()}
    row.update(settings | more | {"billing_type": billing})
    return {}


def set_did_routing(state: State, params: Parameters) -> Answer:
    row = _owned(state, params)
    routing = params.required("routing", "routing")
    row["routing"] = checked_routing(state, routing, bad_header="invalid_routing_header")
    return {}


def set_did_pop(state: State, params: Parameters) -> Answer:
    row = _owned(state, params)
    row["pop"] = params.one_of("pop", "serverpop", options.pops())
    return {}


def set_did_billing_type(state: State, params: Parameters) -> Answer:
    row = _owned(state, params)
    billing = params.one_of("billing_type", "billingtype", options.BILLING_TYPES)
    if row["did"].startswith(TOLL_FREE_AREAS):
        raise StatusError("no_change_billingtype")
    if row["billing_type"] == billing:
        raise StatusError("same_did_billingtype")
    row["billing_type"] = billing
    return {}


def _owned(state: State, params: Parameters) -> Row:
    row = state.dids.get(params.required("did", "did"))
    if row is None:
        raise StatusError("invalid_did")
    return row


METHODS: dict[str, Method] = {
    "getDIDsInfo": get_dids_info,
    "setDIDInfo": set_did_info,
    "setDIDRouting": set_did_routing,
    "setDIDPOP": set_did_pop,
    "setDIDBillingType": set_did_billing_type,
}
