"""The connection test: which address VoIP.ms sees, and precisely what is wrong."""

from __future__ import annotations

from ringup.carriers.reaching import Unreachable
from ringup.carriers.reporting import ConnectionReport
from ringup.carriers.voipms.client import VoipMsClient
from ringup.carriers.voipms.coercing import money, rows, text
from ringup.carriers.voipms.inventory import Inventory
from ringup.carriers.voipms.servers import Servers
from ringup.carriers.voipms.settings import Settings
from ringup.carriers.voipms.statuses import AccountProblem
from ringup.core.failures import NothingHappened, OurFault, PortFailure
from ringup.core.money import Money
from ringup.core.sentences import counted

TRY_AGAIN = "VoIP.ms is reached, and busy or in maintenance. Try again in a few minutes."
CHECK_ADDRESS = (
    "Check the address of the API: VoIP.ms's own ends in /api/v1/rest.php. If it is right, VoIP.ms "
    "is in maintenance: try again in a few minutes."
)
CHECK_SETTINGS = "Check the settings of this account."
# What the adapter can do with every account that may call the API at all.
ABILITIES = (
    "Numbers of the USA and Canada: search, order, give back",
    "SIP credentials for every tenant (sub-accounts)",
    "Forwarding to telephones and to SIP addresses",
)


def balance(client: VoipMsClient, currency: str) -> Money:
    for row in rows(client.read("getBalance"), "balance"):
        if (amount := money(row, "current_balance", currency)) is not None:
            return amount
    raise NothingHappened("VoIP.ms answered getBalance without an amount.")


def report(
    client: VoipMsClient,
    settings: Settings,
    servers: Servers,
    inventory: Inventory,
    *,
    currency: str,
) -> ConnectionReport:
    """``getIP`` first: it is the one method that works from an address that is not allowed."""
    address, amount = "", None
    try:
        settings.check()
        address = text(client.read("getIP"), "ip")
        amount = balance(client, currency)
        servers.pop()
        features = (*ABILITIES, f"Calls go through {servers.name()}", _held(inventory.count()))
    except PortFailure as failure:
        problem, remedy = _told(failure, address)
        return ConnectionReport(False, address, amount, problem, remedy)
    return ConnectionReport(
        True, address, amount, features=features, choices={"pop": servers.choices()}
    )


def _held(count: int) -> str:
    return f"Holds {counted(count, 'number')} now"


def _told(failure: PortFailure, address: str) -> tuple[str, str]:
    if isinstance(failure, Unreachable):
        return failure.problem, failure.remedy
    if isinstance(failure, AccountProblem):
        seen = f" VoIP.ms sees this server as {address}." if address else ""
        return failure.problem, f"{failure.remedy}{seen}"
    if isinstance(failure, OurFault):
        return str(failure), CHECK_SETTINGS
    return str(failure), TRY_AGAIN if address else CHECK_ADDRESS
