"""Forwardings to telephones and entries for SIP addresses, to which a number can be routed."""

from __future__ import annotations

import re

from ringup.sandbox.voipms.catalogue import Answer, Method
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.state import Row, State
from ringup.sandbox.voipms.statuses import StatusError

TELEPHONE = re.compile(r"\d{10,18}")
SIP_URI = re.compile(r"(sips?:)?[^@\s:]+@[A-Za-z0-9.\-]+(:\d{1,5})?")


def set_forwarding(state: State, params: Parameters) -> Answer:
    """Makes one when no id is given, else replaces all of it. The id comes back."""
    code = _code(state.forwardings, params, "forwarding", "invalid_forwarding")
    telephone = params.required("phone_number", "phonenumber")
    if not TELEPHONE.fullmatch(telephone):
        raise StatusError("invalid_phonenumber")
    code = code or state.new_id()
    state.forwardings[code] = {
        "forwarding": code,
        "phone_number": telephone,
        "callerid_override": params.text("callerid_override"),
        "description": params.text("description"),
        "dtmf_digits": params.text("dtmf_digits"),
        "pause": params.text("pause", "0"),
        "diversion_header": params.optional_one_of(
            "diversion_header", "diversion_header", ("0", "1"), "0"
        ),
    }
    return {"forwarding": code}


def get_forwardings(state: State, params: Parameters) -> Answer:
    found = _listed(state.forwardings, params.text("forwarding"), "no_forwarding")
    return {"forwardings": found}


def del_forwarding(state: State, params: Parameters) -> Answer:
    code = params.required("forwarding", "forwarding")
    if state.forwardings.pop(code, None) is None:
        raise StatusError("invalid_forwarding")
    return {}


def set_sip_uri(state: State, params: Parameters) -> Answer:
    """Makes one when no id is given. The id does *not* come back."""
    code = _code(state.sip_uris, params, "sipuri", "invalid_sipuri")
    uri = params.required("uri", "uri")
    if not SIP_URI.fullmatch(uri):
        raise StatusError("invalid_sipuri")
    code = code or state.new_id()
    state.sip_uris[code] = {
        "sipuri": code,
        "uri": uri,
        "description": params.text("description"),
        "callerid_override": params.text("callerid_override"),
        "callerid_e164": params.optional_one_of("callerid_e164", "callerid", ("0", "1"), "0"),
    }
    return {}


def get_sip_uris(state: State, params: Parameters) -> Answer:
    return {"sipuris": _listed(state.sip_uris, params.text("sipuri"), "no_sipuri")}


def del_sip_uri(state: State, params: Parameters) -> Answer:
    code = params.required("sipuri", "sipuri")
    if state.sip_uris.pop(code, None) is None:
        raise StatusError("invalid_sipuri")
    return {}


def _code(rows: dict[str, Row], params: Parameters, name: str, refusal: str) -> str:
    code = params.text(name)
    if code and code not in rows:
        raise StatusError(refusal)
    return code


def _listed(rows: dict[str, Row], code: str, empty: str) -> list[Row]:
    found = [row for row in rows.values() if not code or row is rows.get(code)]
    if not found:
        raise StatusError(empty)
    return found


METHODS: dict[str, Method] = {
    "setForwarding": set_forwarding,
    "getForwardings": get_forwardings,
    "delForwarding": del_forwarding,
    "setSIPURI": set_sip_uri,
    "getSIPURIs": get_sip_uris,
    "delSIPURI": del_sip_uri,
}
