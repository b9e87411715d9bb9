"""What FreeSWITCH says about one gateway."""

from __future__ import annotations

from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree

from ringup.core.failures import NothingHappened
from ringup.pbx.port import GatewayReport, GatewayState

# Words of mod_sofia (reference section 5; REGED and TRYING seen on a live system).
_TRYING = frozenset({"TRYING", "REGISTER", "UNREGED"})


def gateway_report(answer: str) -> GatewayReport:
    """From the answer to ``sofia xmlstatus gateway UUID``."""
    if not answer.startswith("<"):
        # "Invalid Gateway!": FreeSWITCH has not loaded it.
        return GatewayReport(GatewayState.UNKNOWN, "not loaded")
    try:
        gateway = ElementTree.fromstring(answer)
    except (ParseError, ValueError):
        gateway = None
    if gateway is None:
        raise NothingHappened("the PBX's answer about a gateway cannot be read")
    state = (gateway.findtext("state") or "").strip().upper()
    status = (gateway.findtext("status") or "").strip().upper()
    return GatewayReport(_state(state, status), state or status or "no state")


def _state(state: str, status: str) -> GatewayState:
    if state == "REGED":
        return GatewayState.UP
    if state == "NOREG":
        return GatewayState.UP if status == "UP" else GatewayState.DOWN
    return GatewayState.TRYING if state in _TRYING else GatewayState.DOWN
