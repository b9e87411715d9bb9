"""The connection test: which address VoIP.ms sees, and precisely what is wrong."""

from __future__ import annotations

from ringup.carriers.port import ConnectionReport
from ringup.carriers.voipms.client import VoipMsClient
from ringup.carriers.voipms.coercing import money, rows, text
from ringup.carriers.voipms.servers import Servers
from ringup.carriers.voipms.settings import Settings
from ringup.carriers.voipms.statuses import AccountProblem
from ringup.core.failures import NothingHappened, OurFault, PortFailure
from ringup.core.money import Money

TRY_AGAIN = (
    "Check that this server reaches the address of the API. If it does, VoIP.ms is busy: try "
    "again in a few minutes."
)
CHECK_SETTINGS = "Check the settings of this account."


def balance(client: VoipMsClient, currency: str) -> Money:
    for row in rows(client.read("getBalance"), "balance"):
        if (amount := money(row, "current_balance", currency)) is not None:
            return amount
    raise NothingHappened("VoIP.ms answered getBalance without an amount.")


def report(
    client: VoipMsClient, settings: Settings, servers: Servers, *, currency: str
) -> ConnectionReport:
    """``getIP`` first: it is the one method that works from an address that is not allowed."""
    address, amount = "", None
    try:
        settings.check()
        address = text(client.read("getIP"), "ip")
        amount = balance(client, currency)
        servers.pop()
    except PortFailure as failure:
        problem, remedy = _told(failure, address)
        return ConnectionReport(False, address, amount, problem, remedy)
    return ConnectionReport(True, address, amount)


def _told(failure: PortFailure, address: str) -> tuple[str, str]:
    if isinstance(failure, AccountProblem):
        seen = f" VoIP.ms sees this server as {address}." if address else ""
        return failure.problem, f"{failure.remedy}{seen}"
    return str(failure), CHECK_SETTINGS if isinstance(failure, OurFault) else TRY_AGAIN
