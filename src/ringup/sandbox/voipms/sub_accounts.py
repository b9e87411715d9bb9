"""Sub-accounts: SIP credentials of their own, ``<main account>_<suffix>``."""

from __future__ import annotations

import ipaddress
import re

from ringup.sandbox.voipms import options
from ringup.sandbox.voipms.catalogue import Answer, Method
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.passwords import check_password
from ringup.sandbox.voipms.state import Row, State
from ringup.sandbox.voipms.statuses import StatusError

USERNAME = re.compile(r"[A-Za-z0-9]{1,12}")
CALLER_ID = re.compile(r"1?[2-9]\d{9}")
BY_PASSWORD, BY_ADDRESS = "1", "2"
# Fields that are text without a check here, with their value when they are left out.
FREE_FIELDS = {
    "description": "",
    "allow225": "0",
    "language": "en",
    "record_calls": "0",
    "sip_traffic": "0",
    "rtp_timeout": "60",
    "rtp_hold_timeout": "600",
    "ip_restriction": "",
    "enable_ip_restriction": "0",
    "pop_restriction": "",
    "enable_pop_restriction": "0",
    "send_bye": "0",
    "transcribe": "0",
    "transcription_locale": "",
    "transcription_redaction": "no",
    "transcription_summary": "no",
    "transcription_sentiment": "no",
    "transcription_email": "",
    "internal_extension": "",
    "internal_voicemail": "",
    "internal_dialtime": "60",
    "reseller_client": "",
    "reseller_package": "",
    "reseller_nextbilling": "0000-00-00",
    "parking_lot": "",
    "enable_internal_cnam": "0",
    "internal_cnam": "",
    "default_e911": "-1",
    "call_pickup_behavior": "1",
    "dialing_mode": "0",
    "tfcarrier": "-1",
    "internal_extension_location": "0",
}


def create_sub_account(state: State, params: Parameters) -> Answer:
    username = params.required("username", "username")
    if not USERNAME.fullmatch(username):
        raise StatusError("invalid_username")
    account = f"{state.setup.account}_{username}"
    if account in state.account_names():
        raise StatusError("used_username")
    protocol = params.one_of("protocol", "protocol", options.PROTOCOLS)
    fields = _fields(state, params, code="")
    code = state.new_id()
    row = {"id": code, "account": account, "username": username, "protocol": protocol} | fields
    state.sub_accounts[code] = row
    return {"id": code, "account": account}


def set_sub_account(state: State, params: Parameters) -> Answer:
    """A full replace of everything but name and protocol."""
    code = params.required("id", "id")
    row = state.sub_accounts.get(code)
    if row is None:
        raise StatusError("invalid_id")
    fields = _fields(state, params, code=code)
    if fields["password"] != row["password"]:
        state.former_passwords.setdefault(code, set()).add(row["password"])
    row.update(fields)
    return {}


def _fields(state: State, params: Parameters, *, code: str) -> Row:
    auth_type = params.one_of("auth_type", "authtype", options.AUTH_TYPES)
    checked = {
        "auth_type": auth_type,
        "password": _password(state, params, auth_type, code),
        "ip": _address(params, auth_type),
        "device_type": params.one_of("device_type", "devicetype", options.DEVICE_TYPES),
        "lock_international": params.one_of(
            "lock_international", "lockinternational", options.LOCKS
        ),
        "international_route": params.one_of(
            "international_route", "internationalroute", options.ROUTES
        ),
        "canada_routing": params.optional_one_of(
            "canada_routing", "canada_routing", options.ROUTES, "1"
        ),
        "callerid_number": _caller_id(params),
        "music_on_hold": params.one_of("music_on_hold", "musiconhold", options.MUSIC),
        "allowed_codecs": _codecs(params),
        "dtmf_mode": params.one_of("dtmf_mode", "dtmfmode", options.DTMF_MODES),
        "nat": params.one_of("nat", "nat", options.NAT),
        "max_expiry": params.text("max_expiry") or "3600",
    }
    if not checked["max_expiry"].isdigit() or not 60 <= int(checked["max_expiry"]) <= 3600:
        raise StatusError("invalid_max_expiry")
    return {name: params.text(name) or default for name, default in FREE_FIELDS.items()} | checked


def _password(state: State, params: Parameters, auth_type: str, code: str) -> str:
    password = params.get("password", "")
    if auth_type == BY_ADDRESS:
        if password:
            raise StatusError("invalid_password_auth")
        return ""
    if not password:
        raise StatusError("missing_password")
    check_password(password)
    others = {row["password"] for key, row in state.sub_accounts.items() if key != code}
    if password in others | state.former_passwords.get(code, set()):
        raise StatusError("used_password")
    return password


def _address(params: Parameters, auth_type: str) -> str:
    if auth_type == BY_PASSWORD:
        if params.text("ip"):
            raise StatusError("invalid_ip_auth")
        return ""
    address = params.required("ip", "ip")
    try:
        return str(ipaddress.ip_address(address))
    except ValueError as error:
        raise StatusError("invalid_ip") from error


def _caller_id(params: Parameters) -> str:
    """Ten or eleven digits; ``-1``, or nothing, lets pass what the device sends."""
    value = params.text("callerid_number")
    if value and value != "-1" and not CALLER_ID.fullmatch(value):
        raise StatusError("invalid_callerid")
    return value or "-1"


def _codecs(params: Parameters) -> str:
    value = params.required("allowed_codecs", "allowedcodecs")
    if value != "all" and not set(value.split(";")) <= set(options.CODECS):
        raise StatusError("invalid_allowedcodecs")
    return value


def get_sub_accounts(state: State, params: Parameters) -> Answer:
    """All, or one by its full name. The numeric id finds nothing. Passwords are in clear."""
    if not state.sub_accounts:
        raise StatusError("no_account")
    account = params.text("account")
    found = [row for row in state.sub_accounts.values() if account in ("", row["account"])]
    if not found:
        raise StatusError("no_subaccount")
    return {"accounts": [_shown(row) for row in found]}


def _shown(row: Row) -> Row:
    # The whole list of servers comes back where nothing is restricted.
    if row["enable_pop_restriction"] == "0":
        return row | {"pop_restriction": ",".join(options.pops())}
    return row


def del_sub_account(state: State, params: Parameters) -> Answer:
    code = params.required("id", "id")
    row = state.sub_accounts.get(code)
    if row is None:
        raise StatusError("invalid_id")
    if state.routings_to(f"account:{row['account']}"):
        raise StatusError("account_with_dids")
    del state.sub_accounts[code]
    state.registrations.pop(row["account"], None)
    return {}


def get_registration_status(state: State, params: Parameters) -> Answer:
    account = params.one_of("account", "account", state.account_names())
    found = state.registrations.get(account)
    return {
        "registered": "yes" if found else "no",
        "rerouted": "0",
        "from_server_pop": found["server_pop"] if found else "",
        "registrations": [found] if found else [],
    }


METHODS: dict[str, Method] = {
    "createSubAccount": create_sub_account,
    "setSubAccount": set_sub_account,
    "getSubAccounts": get_sub_accounts,
    "delSubAccount": del_sub_account,
    "getRegistrationStatus": get_registration_status,
}
