"""Forwardings to a telephone or to a SIP address: inbound trunks of their own, one per reference."""

from __future__ import annotations

from typing import Any

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.ours import REFERENCE, oldest, standing
from ringup.carriers.didww.reading import Resource
from ringup.carriers.didww.trunks import IN, SIP
from ringup.carriers.port import ToSipUri, ToTelephone
from ringup.core.failures import Refused

TELEPHONE = "pstn_configurations"
DEFAULT_PORT = 5060


class Entry:
    """The trunk of one target."""

    def __init__(self, client: DidwwClient, target: ToTelephone | ToSipUri) -> None:
        self._client = client
        self._target = target

    def find(self) -> Resource | None:
        """The trunk, whatever it leads to now."""
        return oldest(self._client, IN, self._target.reference)

    def leading(self) -> Resource | None:
        """The trunk, if it leads to exactly this target."""
        row = self.find()
        return row if row is not None and self._leads(row) else None

    def ensure(self) -> Resource:
        row = self.find()
        change = {"configuration": self._configuration()}
        if row is None:
            name = f"{self._words()} {str(self._target.reference)[-12:]}"
            return self._client.create(
                IN, {"name": name, REFERENCE: str(self._target.reference), **change}
            )
        return row if self._leads(row) else self._client.change(IN, row.id, change)

    def remove(self) -> None:
        for row in standing(self._client, IN, self._target.reference):
            self._client.delete(IN, row.id)

    def _words(self) -> str:
        goal = self._target
        return f"To {goal.e164 if isinstance(goal, ToTelephone) else goal.uri}"[:80]

    def _configuration(self) -> dict[str, Any]:
        if isinstance(self._target, ToTelephone):
            facts: dict[str, Any] = {"dst": self._target.e164.removeprefix("+")}
            return {"type": TELEPHONE, "attributes": facts}
        user, host, port = _parts(self._target.uri)
        facts = {"username": user, "host": host, "port": port}
        return {"type": SIP, "attributes": facts}

    def _leads(self, row: Resource) -> bool:
        found, wanted = row.inner("configuration"), self._configuration()
        if found is None or found.type != wanted["type"]:
            return False
        return all(found.text(name) == str(value) for name, value in wanted["attributes"].items())


def _parts(uri: str) -> tuple[str, str, int]:
    """User, host and port of ``user@host[:port]``."""
    user, at, place = uri.removeprefix("sip:").rpartition("@")
    host, colon, port = place.rpartition(":")
    if not colon:
        host, port = place, str(DEFAULT_PORT)
    if not at or not user or not host or not port.isdecimal():
        raise Refused(
            f"{uri!r} is no SIP address.",
            user_message="Our supplier does not take this SIP address.",
        )
    return user, host, int(port)
