"""The connection test: what the account may do, and precisely what is wrong."""

from __future__ import annotations

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.failing import AccountProblem, NotEnabled
from ringup.carriers.didww.geography import Geography
from ringup.carriers.didww.settings import Settings
from ringup.carriers.reaching import Unreachable
from ringup.carriers.reporting import ConnectionReport
from ringup.core.failures import NothingHappened, OurFault, PortFailure
from ringup.core.money import Money
from ringup.core.sentences import counted

TRY_AGAIN = (
    "DIDWW is reached, and busy or in maintenance. Try again in a few minutes. If it stays so, check "
    "the address of the API: DIDWW's own ends in /v3."
)
CHECK_SETTINGS = "Check the settings of this account."
ASK = "ask DIDWW's support to enable it"


def balance(client: DidwwClient, currency: str) -> Money:
    """What can be spent: the credit counts."""
    for row in client.get("balance").resources:
        for name in ("total_balance", "balance"):
            if (amount := row.money(name, currency)) is not None:
                return amount
    raise NothingHappened("DIDWW answered balance without an amount.")


def report(client: DidwwClient, settings: Settings, geography: Geography) -> ConnectionReport:
    amount = None
    try:
        settings.check()
        amount = balance(client, settings.currency)
        features = (
            f"Sells numbers in {counted(len(geography.countries()), 'country', 'countries')}",
            _chosen(client),
            _outbound(client),
            _held(client),
            f"Speaks version {client.authentication.version} of DIDWW's API",
        )
    except PortFailure as failure:
        problem, remedy = _told(failure)
        return ConnectionReport(False, "", amount, problem, remedy)
    return ConnectionReport(True, "", amount, features=features)


def _chosen(client: DidwwClient) -> str:
    try:
        client.get("did_reservations", {"page[size]": "1"})
    except NotEnabled:
        return f"Numbers cannot be chosen or reserved: {ASK}"
    return "Numbers can be chosen, and reserved for ten minutes"


def _outbound(client: DidwwClient) -> str:
    try:
        client.get("voice_out_trunks", {"page[size]": "1"})
    except NotEnabled:
        return f"Outbound calls are not enabled, and a tenant cannot be built: {ASK}"
    return "Outbound calls are enabled"


def _held(client: DidwwClient) -> str:
    found = client.get("dids", {"page[size]": "1"})
    count = len(found.resources) if found.total is None else found.total
    return f"Holds {counted(count, 'number')} now"


def _told(failure: PortFailure) -> tuple[str, str]:
    if isinstance(failure, Unreachable | AccountProblem):
        return failure.problem, failure.remedy
    if isinstance(failure, OurFault):
        return str(failure), CHECK_SETTINGS
    return str(failure), TRY_AGAIN
