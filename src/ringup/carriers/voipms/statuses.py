"""What VoIP.ms's statuses mean to us: which of the four failures, and what staff must do.

The codes are those of its documentation (login only; read through public copies). A code that is
not here is never taken for success, and stops everything until a person has read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ringup.core.failures import (
    NothingHappened,
    NumberGone,
    OurFault,
    OutcomeUnknown,
    PortFailure,
    Refused,
)

# After api_limit_exceeded. VoIP.ms counts calls by the minute, and says nowhere how many it allows.
REST_SECONDS = 60.0
SUCCESS = "success"
LIMIT_EXCEEDED = "api_limit_exceeded"

# "There are none" comes as a status. Never by prefix: no_base64file, no_callstatus,
# no_change_billingtype, no_provision, no_provision_update and no_sequences are failures.
EMPTY = frozenset(
    {
        "no_account",
        "no_subaccount",  # undocumented, seen by others
        "no_did",
        "no_forwarding",
        "no_sipuri",
        "no_transactions",
    }
)

# With a posted form that was not read, this is what is missing.
NOT_READ = frozenset({"missing_method", "missing_credentials"})

# What is wrong, and what staff must do about it.
PROBLEMS = {
    "missing_credentials": (
        "The API user name or the API password is missing.",
        "Enter both in the settings of this account.",
    ),
    "invalid_credentials": (
        "VoIP.ms does not accept the API user name or the API password.",
        "The user name is an e-mail address. The API password is set in VoIP.ms under Main Menu, "
        "SOAP and REST/JSON API; it is neither the password of the portal nor a SIP password.",
    ),
    "api_not_enabled": (
        "The API of this VoIP.ms account is switched off.",
        "Enable it in VoIP.ms under Main Menu, SOAP and REST/JSON API.",
    ),
    "ip_not_enabled": (
        "VoIP.ms does not allow API calls from the address of this server.",
        "Add it to the enabled IP addresses in VoIP.ms under Main Menu, SOAP and REST/JSON API. "
        "The list in the account's security settings is another one.",
    ),
    "non_sufficient_funds": (
        "The balance of the VoIP.ms account is too low.",
        "Add funds at VoIP.ms, then resume.",
    ),
    "did_limit_reached": (
        "The VoIP.ms account may hold no more numbers.",
        "Ask VoIP.ms to raise its limit, then resume.",
    ),
    "forwards_exceeded": (
        "The VoIP.ms account may hold no more forwardings.",
        "Remove unused ones or ask VoIP.ms to raise its limit, then resume.",
    ),
    "invalid_serverpop": (
        "VoIP.ms does not know the point of presence of this account.",
        "Choose another one in the settings of this account.",
    ),
}
UNEXPECTED = (
    "Ringup did not expect this answer and repeats nothing by itself. Read it, then resume."
)

# Refused before anything was done; the same call may work later.
LATER = frozenset({"method_maintenance", "cancel_failed"})
# Trouble behind VoIP.ms's own door: a reading may be repeated, a change must be looked for.
TROUBLE = frozenset({"provider_outofservice", "unavailable_info", "tls_error"})
# A person chose something that VoIP.ms does not take.
CHOSEN = {
    "invalid_phonenumber": "Our supplier does not forward calls to this telephone number.",
    "invalid_forwarding_did": "A number cannot be forwarded to itself.",
    "invalid_sipuri": "Our supplier does not take this SIP address.",
    "account_with_dids": "Numbers still use these SIP credentials.",
    "order_failed": "Our supplier could not complete this order. Nothing was charged.",
    "Unable_to_purchase": "Our supplier could not sell this number. Nothing was charged.",
}


class AccountProblem(OurFault):
    """Staff must mend something: ``problem`` says what is wrong, ``remedy`` what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


Refusals = Mapping[str, Callable[[str], PortFailure]]
# For an order, these say that somebody else has the number or that it never was for sale.
ORDER_REFUSALS: Refusals = dict.fromkeys(
    ("did_in_use", "invalid_did", "unsifficient_stock"), NumberGone
)


def failure_of(
    method: str, status: str, message: str, *, writing: bool, refusals: Refusals
) -> PortFailure:
    """The failure that ``status`` stands for when ``method`` answers it."""
    detail = f"VoIP.ms answered {method} with {status}"
    if message:
        detail += f" ({message})"
    if status in refusals:
        return refusals[status](f"{detail}.")
    if status == LIMIT_EXCEEDED:
        return NothingHappened(f"{detail}.", retry_seconds=REST_SECONDS)
    if status in LATER:
        return NothingHappened(f"{detail}.")
    if status in TROUBLE:
        return (OutcomeUnknown if writing else NothingHappened)(f"{detail}.")
    if status in CHOSEN:
        return Refused(f"{detail}.", user_message=CHOSEN[status])
    if status in PROBLEMS:
        problem, remedy = PROBLEMS[status]
        return AccountProblem(f"{problem} ({detail}.)", remedy)
    return AccountProblem(f"{detail}.", UNEXPECTED)
