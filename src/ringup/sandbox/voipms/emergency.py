"""Emergency addresses: validation, and what is registered for a number."""

from __future__ import annotations

from ringup.sandbox.voipms.catalogue import Answer, Method
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.state import State
from ringup.sandbox.voipms.statuses import StatusError

REQUIRED = {
    "full_name": "fullname",
    "street_number": "street_number",
    "street_name": "street_name",
    "city": "city",
    "state": "state",
    "email": "email",
}


def e911_validate(state: State, params: Parameters) -> Answer:
    _own_did(state, params)
    for name, status in REQUIRED.items():
        params.required(name, status)
    params.one_of("country", "country", ("US", "CA"))
    # The documentation says zip_code, the service description zip: both are sent by clients.
    if not params.text("zip_code"):
        params.required("zip", "zip")
    if "@" not in params["email"]:
        raise StatusError("invalid_email")
    params.optional_one_of("language", "language", ("EN", "FR"), "EN")
    return {}


def e911_info(state: State, params: Parameters) -> Answer:
    did = _own_did(state, params)
    if did not in state.emergency:
        raise StatusError("e911_disabled")
    return {"info": {"did": did, "status": "2"} | state.emergency[did]}


def _own_did(state: State, params: Parameters) -> str:
    did = params.required("did", "did")
    if did not in state.dids:
        raise StatusError("invalid_did")
    return did


METHODS: dict[str, Method] = {"e911Validate": e911_validate, "e911Info": e911_info}
