"""VoIP.ms's own side of one account: our sandbox of it, and adapters that talk to it."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

from ringup.carriers.port import CarrierConnection, SipTrunk
from ringup.carriers.voipms.adapter import VoipMs
from ringup.carriers.voipms.numbering import did_of, e164_of
from ringup.sandbox.voipms import Setup, VoipmsSandbox, running_voipms
from ringup.sandbox.voipms.ordering import own


@dataclass(frozen=True)
class VoipmsWorld:
    """Implements ``tests.carriers.carrier_world.CarrierWorld``."""

    sandbox: VoipmsSandbox

    def connection(self, **changes: Any) -> CarrierConnection:
        options = changes.pop("options", {})
        given = {
            "url": self.sandbox.url,
            "identity": {"user": self.sandbox.user},
            "secrets": {"password": self.sandbox.password},
            "options": {"pop": "5"} | options,
            "calls_per_second": 1000.0,
            "read_timeout_seconds": 5.0,
        }
        return CarrierConnection(**(given | changes))

    def adapter(self, **changes: Any) -> VoipMs:
        return VoipMs(self.connection(**changes))

    def open(self, *, reachable: bool = True, right_password: bool = True) -> VoipMs:
        changes: dict[str, Any] = {}
        if not reachable:
            changes["url"] = f"http://127.0.0.1:{_port_where_nobody_listens()}/api/v1/rest.php"
        if not right_password:
            changes["secrets"] = {"password": "Wrong1234"}
        return self.adapter(**changes)

    def number_for_sale(self) -> str:
        stock = self.sandbox.state.stock.numbers
        return f"+1{min(did for did in stock if did.startswith('312'))}"

    def sell_to_somebody_else(self, e164: str) -> None:
        assert self.sandbox.state.stock.sell(e164.removeprefix("+1"))

    def own_without_us(self, e164: str, note: str) -> None:
        own(self.sandbox.state, did_of(e164), note=note)

    def inventory(self) -> dict[str, str]:
        return {e164_of(did): row["note"] for did, row in self.sandbox.state.dids.items()}

    def numbers_charged(self) -> list[str]:
        monthly = [c for c in self.sandbox.state.ledger if "Monthly" in c.description]
        return [f"+1{charge.type.removeprefix('DID')}" for charge in monthly]

    def trunk_passwords(self) -> list[str]:
        return [row["password"] for row in self.sandbox.state.sub_accounts.values()]

    def register(self, trunk: SipTrunk) -> None:
        wish = json.dumps({"account": trunk.username}).encode()
        urlopen(Request(f"{self.sandbox.control}/register", data=wish), timeout=10).close()

    def entries(self) -> int:
        return len(self.sandbox.state.forwardings) + len(self.sandbox.state.sip_uris)

    def settings_of(self, e164: str) -> dict[str, str]:
        row = self.sandbox.state.dids[did_of(e164)]
        return {name: value for name, value in row.items() if name != "note"}

    def empty_area(self) -> str:
        return "US/WY"

    def cut_next_list(self) -> None:
        for method in ("getDIDsUSA", "getDIDsCAN", "getDIDsInfo"):
            self.sandbox.faults.add("cut", method=method)

    def lose_reply_to_adoption(self, *, acting: bool) -> None:
        kind = "reply_lost_after" if acting else "reply_lost_before"
        self.sandbox.faults.add(kind, method="setDIDInfo")

    def lose_reply_to_order(self, *, acting: bool) -> None:
        kind = "reply_lost_after" if acting else "reply_lost_before"
        self.sandbox.faults.add(kind, method="orderDID")

    def calls(self, method: str) -> int:
        return self.sandbox.state.requests[method]


def _port_where_nobody_listens() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def voipms_world(*, drift: bool = True, seed: int = 1) -> Iterator[VoipmsWorld]:
    # An account of its own: what the process remembers by account must not pass between tests.
    user = f"{uuid.uuid4().hex}@example.com"
    setup = Setup(numbers=400, user=user, seed=seed)
    with running_voipms(drift=drift, setup=setup) as sandbox:
        yield VoipmsWorld(sandbox)
