"""Every method of the sandbox by its real name."""

from __future__ import annotations

from ringup.sandbox.voipms import (
    catalogue,
    dids,
    emergency,
    forwarding,
    money,
    ordering,
    search,
    sub_accounts,
)
from ringup.sandbox.voipms.catalogue import Method

GET_IP = "getIP"  # answered at the gate: it needs the caller's address
METHODS: dict[str, Method] = (
    catalogue.METHODS
    | search.METHODS
    | ordering.METHODS
    | dids.METHODS
    | forwarding.METHODS
    | sub_accounts.METHODS
    | money.METHODS
    | emergency.METHODS
)
# Answered with an empty body instead of a success envelope, as some deletions are.
EMPTY_BODY = frozenset({"delSIPURI"})
