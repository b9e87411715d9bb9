"""Where a number's calls may go, and the settings that every order and every change carry."""

from __future__ import annotations

from ringup.sandbox.voipms import options
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.state import Row, State
from ringup.sandbox.voipms.statuses import StatusError

NOWHERE = "none:"
FAILOVERS = ("failover_busy", "failover_unreachable", "failover_noanswer")
SYSTEM = frozenset({"hangup", "busy", "noservice", "disconnected", "dtmf", "echo"})
# Headers whose targets this sandbox does not keep: any id will do.
UNCHECKED = frozenset({"vm", "grp", "ivr", "recording", "queue", "cb", "tc", "disa"})
LONGEST_NOTE, LONGEST_PREFIX = 49, 19


def checked_routing(state: State, value: str, *, bad_header: str) -> str:
    """``header:id`` with an id that exists in this account; an empty value is nowhere."""
    header, colon, target = (value or NOWHERE).partition(":")
    if not colon:
        raise StatusError(bad_header)
    if header == "none":
        return NOWHERE
    known = {
        "account": (state.account_names(), "invalid_account"),
        "fwd": (state.forwardings.keys(), "invalid_forwarding"),
        "sip": (state.sip_uris.keys(), "invalid_sipuri"),
        "sys": (SYSTEM, bad_header),
    }
    if header in known:
        targets, refusal = known[header]
        if target not in targets:
            raise StatusError(refusal)
    elif header not in UNCHECKED:
        raise StatusError(bad_header)
    return f"{header}:{target}"


def did_settings(state: State, params: Parameters) -> Row:
    """The block of settings that orders and ``setDIDInfo`` share; what is left out is cleared."""
    routing = params.required("routing", "routing")
    settings = {"routing": checked_routing(state, routing, bad_header="invalid_routing_header")}
    for name in FAILOVERS:
        settings[name] = checked_routing(
            state, params.text(name), bad_header="invalid_failover_header"
        )
    return settings | {
        "voicemail": params.text("voicemail"),
        "pop": params.one_of("pop", "serverpop", options.pops()),
        "dialtime": params.whole("dialtime", "dialtime", 1, 300),
        "cnam": params.one_of("cnam", "cnam", ("0", "1")),
        "callerid_prefix": _short(params, "callerid_prefix", LONGEST_PREFIX, "calleridprefix"),
        "note": _short(params, "note", LONGEST_NOTE, "note"),
    }


def _short(params: Parameters, name: str, longest: int, status: str) -> str:
    value = params.text(name)
    if len(value) > longest:
        raise StatusError(f"invalid_{status}")
    return value
