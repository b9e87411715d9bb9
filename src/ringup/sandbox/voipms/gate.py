"""Who may call: credentials, the list of addresses, the limit per minute, maintenance."""

from __future__ import annotations

import hmac
import ipaddress
import time
from fnmatch import fnmatchcase

from ringup.sandbox.voipms.methods import GET_IP, METHODS
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.state import State
from ringup.sandbox.voipms.statuses import StatusError

ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - an entry of the list of addresses, nothing is bound
MINUTE = 60.0


def admit(state: State, params: Parameters, client: str) -> str:
    """The method's name, or the status that says why the call is not let in."""
    method = params.text("method")
    if not method:
        raise StatusError("missing_method")
    if method not in METHODS and method != GET_IP:
        raise StatusError("invalid_method")
    _check_credentials(state, params)
    if method != GET_IP and not address_allowed(client, state.allowed_addresses):
        raise StatusError("ip_not_enabled")
    _count(state)
    if method in state.maintenance:
        raise StatusError("method_maintenance")
    return method


def _check_credentials(state: State, params: Parameters) -> None:
    user, password = params.get("api_username", ""), params.get("api_password", "")
    if not user or not password:
        raise StatusError("missing_credentials")
    if not state.api_enabled:
        raise StatusError("api_not_enabled")
    right_user = hmac.compare_digest(user.lower().encode(), state.setup.user.encode())
    right_password = hmac.compare_digest(password.encode(), state.setup.password.encode())
    if not (right_user and right_password):
        raise StatusError("invalid_credentials")


def address_allowed(address: str, allowed: list[str]) -> bool:
    """Entries are addresses, networks, ``192.168.1.*`` or ``0.0.0.0`` for any."""
    return any(_matches(address, entry.strip()) for entry in allowed)


def _matches(address: str, entry: str) -> bool:
    if entry == ANY_ADDRESS or fnmatchcase(address, entry):
        return True
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


def _count(state: State) -> None:
    if state.calls_per_minute is None:
        return
    moment = time.monotonic()
    while state.recent_calls and state.recent_calls[0] <= moment - MINUTE:
        state.recent_calls.popleft()
    if len(state.recent_calls) >= state.calls_per_minute:
        raise StatusError("api_limit_exceeded")
    state.recent_calls.append(moment)
