"""All that the sandbox carrier knows: one customer's account and the world's numbers."""

from __future__ import annotations

import secrets
import string
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ringup.sandbox.didww import places
from ringup.sandbox.didww.keys import Keys
from ringup.sandbox.didww.resources import Resource, Store, now
from ringup.sandbox.didww.versions import KEYS

DEFAULT_BALANCE = Decimal("250")
RESERVATION_SECONDS = 600.0
MOST_RESERVED = 10
SHOWN = (
    "dids",
    "orders",
    "identities",
    "addresses",
    "proofs",
    "address_verifications",
    "voice_in_trunks",
    "did_reservations",
    "encrypted_files",
)
POPS = ("USA, NY", "USA, LA", "DE, FRA", "NL, AMS", "SG, SIN")


def letters_and_digits(count: int) -> str:
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(count))


@dataclass(frozen=True, slots=True)
class Setup:
    """What a start or a reset begins with. ``decide_seconds`` after which a verification is approved
    by itself; None: only by the switch in its identity, or by the control endpoint."""

    balance: Decimal = DEFAULT_BALANCE
    vat_percent: Decimal = Decimal(0)
    calls_per_second: int | None = None
    decide_seconds: float | None = None
    reservation_seconds: float = RESERVATION_SECONDS
    key: str = field(default_factory=lambda: letters_and_digits(32), repr=False)
    callback_secret: str = field(default_factory=lambda: letters_and_digits(32), repr=False)
    has_outbound: bool = True
    # Whether numbers can be chosen: without it there are no reservations and no lists of numbers.
    has_selection: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """``until`` is a moment of this process's own clock."""

    until: float
    audience: frozenset[str]
    scope: str


@dataclass(frozen=True, slots=True)
class Callback:
    """One that is to be sent, or was. ``answer`` is the HTTP status; 0: nobody was reached."""

    method: str
    url: str
    fields: dict[str, str]
    answer: int = 0


class State:
    """One customer's account. Change it under ``lock``; every call runs under it."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.lock = threading.RLock()
        self.send: Callable[[str, str, dict[str, str]], None] = lambda *_: None
        self.reset()

    def reset(self) -> None:
        """Forget everything but the credentials."""
        self.store = Store()
        self.keys = Keys()
        self.balance = self.setup.balance
        self.tokens: dict[str, Token] = {}
        # Of the call that is carried out.
        self.version = KEYS
        self.requests: Counter[str] = Counter()
        self.recent_calls: deque[float] = deque()
        self.callbacks_enabled = True
        self.callbacks: list[Callback] = []
        self.orders_wait = False
        self._last = 100_000
        places.fill(self.store)
        self.store.add_all(Resource("pops", {"name": name}) for name in POPS)
        self._add_pool()

    def _add_pool(self) -> None:
        self.store.add(
            Resource(
                "capacity_pools",
                {
                    "name": "Standard",
                    "renew_date": now()[:10],
                    "total_channels_count": 20,
                    "assigned_channels_count": 0,
                    "minimum_limit": 0,
                    "minimum_qty_per_order": 1,
                    "setup_price": "0.0",
                    "monthly_price": "15.0",
                    "metered_rate": "0.01",
                },
                {"countries": self.store.all("countries"), "shared_capacity_groups": []},
            )
        )

    def reference(self, prefix: str) -> str:
        """``FZH-100001``"""
        self._last += 1
        return f"{prefix}-{self._last}"

    def tell(self, resource: Resource, **also: str) -> None:
        """Send the callback of a resource that asked for one."""
        url = resource.attributes.get("callback_url")
        if not url or not self.callbacks_enabled:
            return
        fields = {"id": resource.id, "type": resource.type} | also
        fields["status"] = str(resource.attributes["status"])
        self.send(str(resource.attributes.get("callback_method") or "post"), url, fields)

    def note(self, number: str, action: str) -> None:
        """One line of the history of numbers."""
        row = {"did_number": number, "action": action, "method": "api3", "created_at": now()}
        self.store.add(Resource("did_history", row))

    def sweep(self) -> None:
        """What ends by itself: reservations and files that nobody used."""
        moment = time.time()
        for kind in ("did_reservations", "encrypted_files"):
            for row in self.store.all(kind):
                if row.hidden["ends"] <= moment:
                    self.store.remove(row)

    def shown(self) -> dict[str, Any]:
        """Everything that checks may want to see, without secrets."""
        kinds = SHOWN
        return {
            "balance": str(self.balance),
            "requests": dict(self.requests),
            "callbacks": [
                {"method": one.method, "url": one.url, "fields": one.fields, "answer": one.answer}
                for one in self.callbacks
            ],
            **{
                kind: [{"id": row.id, **row.attributes} for row in self.store.all(kind)]
                for kind in kinds
            },
        }
