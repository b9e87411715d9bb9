"""Forwardings and SIP addresses: entries that a number is routed to by their id.

Each carries our reference as its description; that is how it is found again, since making a SIP
entry does not even tell its id.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from ringup.carriers.port import ToSipUri, ToTelephone
from ringup.carriers.voipms.client import VoipMsClient
from ringup.carriers.voipms.coercing import Row, readable_list, text
from ringup.carriers.voipms.numbering import dialled
from ringup.core.failures import OutcomeUnknown


@dataclass(frozen=True, slots=True)
class Kind:
    """VoIP.ms's names for one sort of entry, and how two of its goals are compared."""

    header: str
    list_method: str
    key: str
    set_method: str
    delete_method: str
    id_field: str
    goal_field: str
    same: Callable[[str, str], bool]


def _same_telephone(one: str, other: str) -> bool:
    return _without_one(one) == _without_one(other)


def _without_one(digits: str) -> str:
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def _same_uri(one: str, other: str) -> bool:
    return plain_uri(one).lower() == plain_uri(other).lower()


def plain_uri(uri: str) -> str:
    """``user@host`` without a scheme; VoIP.ms's example has none."""
    return uri.strip().removeprefix("sip:")


FORWARDING = Kind(
    header="fwd",
    list_method="getForwardings",
    key="forwardings",
    set_method="setForwarding",
    delete_method="delForwarding",
    id_field="forwarding",
    goal_field="phone_number",
    same=_same_telephone,
)
SIP_ENTRY = Kind(
    header="sip",
    list_method="getSIPURIs",
    key="sipuris",
    set_method="setSIPURI",
    delete_method="delSIPURI",
    id_field="sipuri",
    goal_field="uri",
    same=_same_uri,
)


class Entries:
    """The entries that were made for one target."""

    def __init__(self, client: VoipMsClient, target: ToTelephone | ToSipUri) -> None:
        self._client = client
        self._reference: uuid.UUID = target.reference
        if isinstance(target, ToTelephone):
            self._kind, self._goal = FORWARDING, dialled(target.e164)
        else:
            self._kind, self._goal = SIP_ENTRY, plain_uri(target.uri)

    def routings(self) -> list[str]:
        """``fwd:ID`` or ``sip:ID`` of every entry of ours that leads to this target."""
        return [self._routing(row) for row in self._ours() if self._fits(row)]

    def ensure(self) -> str:
        """The routing of one entry that leads to the target, made or changed when there is none."""
        found = self._ours()
        fitting = [row for row in found if self._fits(row)]
        if fitting:
            return self._routing(fitting[0])
        change = {self._kind.goal_field: self._goal, "description": str(self._reference)}
        if found:
            change[self._kind.id_field] = text(found[0], self._kind.id_field)
        answer = self._client.write(self._kind.set_method, change)
        if made := text(answer, self._kind.id_field):
            return f"{self._kind.header}:{made}"
        for row in self._ours():
            if self._fits(row):
                return self._routing(row)
        raise OutcomeUnknown(
            f"VoIP.ms took {self._kind.set_method} and does not list the entry yet."
        )

    def remove(self) -> None:
        """Every entry that carries our reference; nothing when there is none."""
        gone = (f"invalid_{self._kind.id_field}",)
        for row in self._ours():
            code = {self._kind.id_field: text(row, self._kind.id_field)}
            self._client.write(self._kind.delete_method, code, fine=gone)

    def _ours(self) -> list[Row]:
        answer = self._client.read(self._kind.list_method)
        listed = readable_list(answer, self._kind.key, self._kind.id_field)
        found = [row for row in listed if str(self._reference) in text(row, "description").lower()]
        return sorted(found, key=self._age)

    def _age(self, row: Row) -> tuple[int, str]:
        """Ids rise: the oldest first, whichever order the list has."""
        code = text(row, self._kind.id_field)
        return len(code), code

    def _fits(self, row: Row) -> bool:
        return self._kind.same(text(row, self._kind.goal_field), self._goal)

    def _routing(self, row: Row) -> str:
        return f"{self._kind.header}:{text(row, self._kind.id_field)}"
