"""DIDWW's own side of papers: our sandbox of it, and adapters that talk to it."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ringup.carriers.didww.adapter import Didww
from ringup.carriers.pacing import bucket_for
from ringup.carriers.papers import TakesPapers
from ringup.carriers.port import CarrierConnection
from ringup.sandbox.didww import DidwwSandbox, Setup, running_didww, verifying
from ringup.sandbox.didww.callbacks import HEADER, signature
from ringup.sandbox.didww.resources import Resource

CALLBACK_URL = "https://ringup.example/hooks/carriers/1/"
FAULTS = {"before": "reply_lost_before", "after": "reply_lost_after", "timeout": "slow"}
CALLS = {
    "submit_identity": "POST identities",
    "submit_address": "POST addresses",
    "upload": "POST proofs",
    "verify": "POST address_verifications",
}
TYPES = {"order": "orders", "verification": "address_verifications"}
GOES_FAST = 1000.0


@dataclass(frozen=True)
class DidwwPapersWorld:
    """Implements ``tests.carriers.papers_stage.PapersWorld``."""

    sandbox: DidwwSandbox
    version: str = "2026-04-16"

    def connection(self, **changes: Any) -> CarrierConnection:
        options = {"api_version": self.version} | changes.pop("options", {})
        given = {
            "url": self.sandbox.url,
            "identity": {},
            "secrets": {
                "api_key": self.sandbox.key,
                "callback_secret": self.sandbox.callback_secret,
            },
            "options": options,
            "calls_per_second": GOES_FAST,
            "read_timeout_seconds": 5.0,
        }
        return CarrierConnection(**(given | changes))

    def adapter(self, **changes: Any) -> Didww:
        return Didww(self.connection(**changes))

    def open_patient(self, *, reachable: bool = True, patience: float = 5.0) -> TakesPapers:
        changes: dict[str, Any] = {"read_timeout_seconds": patience}
        if not reachable:
            changes["url"] = f"http://127.0.0.1:{_port_where_nobody_listens()}/v3"
        return self.adapter(**changes)

    def places(self) -> list[str]:
        groups = self.sandbox.state.store.all("did_groups")
        return [group.id for group in groups if group.meta["needs_registration"]]

    def free_place(self) -> str:
        groups = self.sandbox.state.store.all("did_groups")
        return next(group.id for group in groups if not group.meta["needs_registration"])

    def place_in(self, country: str, kind: str) -> str:
        """``ZA``, ``Local``"""
        for group in self.sandbox.state.store.all("did_groups"):
            of, type_of = group.one("country"), group.one("did_group_type")
            assert of is not None
            assert type_of is not None
            if (of.attributes["iso"], type_of.attributes["name"]) == (country, kind):
                return group.id
        raise AssertionError(f"no {kind} numbers of {country}")

    def buy(self, carrier: TakesPapers, place: str) -> uuid.UUID:
        reference = uuid.uuid4()
        carrier.buy_of(place, reference=reference)
        return reference

    def decide(self, key: str, *, approved: bool) -> None:
        with self.sandbox.state.lock:
            verifying.decide(
                self.sandbox.state, self.row("address_verifications", key), is_approved=approved
            )

    def rotate_keys(self) -> None:
        self.sandbox.state.keys.rotate()

    def lose_reply(self, verb: str, how: str) -> None:
        self.sandbox.faults.add(FAULTS[how], method=CALLS[verb], seconds=30)

    def hold_back(self, verb: str) -> None:
        self.sandbox.faults.add("429", method=CALLS[verb])

    def forget_holding_back(self) -> None:
        connection = self.connection()
        with Didww(connection) as carrier:
            account = carrier._client.account
        bucket_for(connection.url, account, GOES_FAST).rest(0)

    def made(self) -> dict[str, int]:
        kinds = {verb: call.removeprefix("POST ") for verb, call in CALLS.items()}
        return {verb: len(self.sandbox.state.store.all(kind)) for verb, kind in kinds.items()}

    def opened_files(self) -> list[bytes]:
        store = self.sandbox.state.store
        rows = [*store.all("proofs"), *store.all("permanent_supporting_documents")]
        return [content for row in rows for content in row.hidden.get("files", [])]

    def callback(self, kind: str, key: str) -> dict[str, Any]:
        fields = {"id": key, "type": TYPES[kind], "status": "completed"}
        sign = signature(self.sandbox.callback_secret, CALLBACK_URL, fields)
        return {
            "url": CALLBACK_URL,
            "method": "POST",
            "headers": {HEADER: sign, "Content-Type": "application/x-www-form-urlencoded"},
            "body": urlencode(fields).encode(),
        }

    def row(self, kind: str, key: str) -> Resource:
        found = self.sandbox.state.store.find(kind, key)
        assert found is not None
        return found

    def calls(self, name: str) -> int:
        """How often ``POST identities`` and the like came."""
        return self.sandbox.state.requests[name]


def _port_where_nobody_listens() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def papers_world(*, version: str = "2026-04-16", **setup: Any) -> Iterator[DidwwPapersWorld]:
    """A fresh carrier; its key is its own, so nothing is remembered from one test to the next."""
    with running_didww(setup=Setup(**setup)) as sandbox:
        yield DidwwPapersWorld(sandbox, version)
