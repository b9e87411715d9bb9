"""All that the sandbox carrier knows: one customer's account and the world's stock of numbers."""

from __future__ import annotations

import secrets
import string
import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from ringup.sandbox.voipms.abroad import Abroad
from ringup.sandbox.voipms.stock import Stock

# A row has the field names of the method that lists it, and text throughout: what arrives as a
# number or a truth value is decided on the way out, by ``drift``.
Row = dict[str, str]

DEFAULT_NUMBERS = 2_400
DEFAULT_BALANCE = Decimal("250")


def new_password() -> str:
    """Sixteen letters and digits."""
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(16))


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Charge:
    """One movement of money. ``amount`` is negative where the customer pays."""

    uniqueid: str
    date: str
    type: str
    description: str
    amount: str


@dataclass(frozen=True, slots=True)
class Setup:
    """What a start or a reset begins with."""

    seed: int = 1
    numbers: int = DEFAULT_NUMBERS
    balance: Decimal = DEFAULT_BALANCE
    calls_per_minute: int | None = None
    user: str = "reseller@example.com"
    password: str = field(default_factory=new_password, repr=False)
    account: str = "100001"


class State:
    """One customer's account. Change it under ``lock``; every call runs under it."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget everything but the credentials."""
        self.stock = Stock(seed=self.setup.seed, count=self.setup.numbers)
        self.abroad = Abroad()
        self.balance = self.setup.balance
        self.calls_per_minute = self.setup.calls_per_minute
        self.api_enabled = True
        self.reads_forms = True
        self.allowed_addresses: list[str] = ["127.0.0.1"]
        self.maintenance: set[str] = set()
        self.dids: dict[str, Row] = {}
        self.cancelled: list[Row] = []
        self.sub_accounts: dict[str, Row] = {}
        self.forwardings: dict[str, Row] = {}
        self.sip_uris: dict[str, Row] = {}
        self.registrations: dict[str, Row] = {}
        self.emergency: dict[str, Row] = {}
        self.former_passwords: dict[str, set[str]] = {}
        self.ledger: list[Charge] = []
        self.requests: Counter[str] = Counter()
        self.recent_calls: deque[float] = deque()
        self._last_id = 99_784

    def new_id(self) -> str:
        self._last_id += 1
        return str(self._last_id)

    def charge(self, did: str, description: str, amount: Decimal) -> None:
        """Book ``amount`` against the balance; nothing is booked for zero."""
        if not amount:
            return
        self.balance -= amount
        number = len(self.ledger) + 1
        self.ledger.append(
            Charge(
                f"{12964420 + number}x{number}i8c", now(), f"DID{did}", description, f"{-amount}"
            )
        )

    def account_names(self) -> set[str]:
        """The main account and all sub-accounts, as ``100001`` and ``100001_suffix``."""
        return {self.setup.account} | {row["account"] for row in self.sub_accounts.values()}

    def routings_to(self, target: str) -> list[str]:
        """The numbers with ``target`` (``account:100001_x``) in any of their routings."""
        names = ("routing", "failover_busy", "failover_unreachable", "failover_noanswer")
        return [did for did, row in self.dids.items() if target in (row[name] for name in names)]

    def shown(self) -> dict[str, object]:
        """Everything that checks may want to see, without passwords."""
        return {
            "account": self.setup.account,
            "balance": f"{self.balance:.6f}",
            "dids": list(self.dids.values()),
            "cancelled": self.cancelled,
            "sub_accounts": [
                {name: value for name, value in row.items() if name != "password"}
                for row in self.sub_accounts.values()
            ],
            "forwardings": list(self.forwardings.values()),
            "sip_uris": list(self.sip_uris.values()),
            "ledger": [asdict(charge) for charge in self.ledger],
            "requests": dict(self.requests),
            "for_sale": len(self.stock.numbers),
            "sold_to_others": sorted(self.stock.sold),
            "allowed_addresses": self.allowed_addresses,
        }
