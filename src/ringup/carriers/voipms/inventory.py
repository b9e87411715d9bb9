"""The account's own numbers: looking, buying, giving back.

Our reference stands in the field ``note`` (fewer than 50 characters), which the inventory returns.
"""

from __future__ import annotations

import re
import uuid

from ringup.carriers.port import CarrierNumber
from ringup.carriers.voipms.client import VoipMsClient
from ringup.carriers.voipms.coercing import Row, rows, text, whole_list
from ringup.carriers.voipms.numbering import did_of, e164_of, is_toll_free, ten_digits
from ringup.carriers.voipms.servers import Servers
from ringup.carriers.voipms.settings import Settings
from ringup.carriers.voipms.statuses import ORDER_REFUSALS
from ringup.core.failures import NotOurs, NumberGone, OutcomeUnknown

NOWHERE = "none:"
RING_SECONDS = "60"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class Inventory:
    """What the account holds. Every look asks now."""

    def __init__(self, client: VoipMsClient, servers: Servers, settings: Settings) -> None:
        self._client = client
        self._servers = servers
        self._settings = settings

    def find(self, e164: str) -> CarrierNumber | None:
        row = self.row(e164)
        return None if row is None else number_of(row)

    def row(self, e164: str) -> Row | None:
        """All that VoIP.ms tells of the number; None when the account does not hold it."""
        did = did_of(e164)
        # A number that we do not own may be called invalid instead of missing.
        answer = self._client.read("getDIDsInfo", none=("invalid_did",), did=did)
        for row in whole_list(answer, "dids", "did"):
            if e164_of(text(row, "did")) == e164_of(did):
                return row
        return None

    def all(self) -> list[CarrierNumber]:
        """Everything that the account holds. What VoIP.ms bills for a number stands in none of its
        answers: ``reseller_monthly`` is what a reseller's own client pays."""
        answer = self._client.read("getDIDsInfo")
        return [number_of(row) for row in whole_list(answer, "dids", "did")]

    def count(self) -> int:
        """How many numbers the account holds, ours and others."""
        return len(rows(self._client.read("getDIDsInfo"), "dids"))

    def find_ours(self, e164: str, reference: uuid.UUID) -> CarrierNumber | None:
        """The number under our reference; None when it is gone, ``NotOurs`` under any other."""
        number = self.find(e164)
        if number is not None and number.reference != str(reference):
            raise NotOurs(
                f"{e164} is in the VoIP.ms inventory with the note {number.reference!r} and not "
                f"with our reference {reference}. Find out whose it is before you go on."
            )
        return number

    def buy(self, e164: str, reference: uuid.UUID) -> CarrierNumber:
        """Look, order at most once, and look again: the answer to an order is a bare status."""
        if not ten_digits(e164):
            raise NumberGone(f"{e164} is no North American number; VoIP.ms sells it by quantity")
        if number := self.find_ours(e164, reference):
            return number
        self._order(e164, reference)
        number = self.find_ours(e164, reference)
        if number is None:
            raise OutcomeUnknown(f"VoIP.ms took the order of {e164} and does not list it yet.")
        return number

    def _order(self, e164: str, reference: uuid.UUID) -> None:
        did = did_of(e164)
        order = {
            "did": did,
            "routing": NOWHERE,
            "pop": self._servers.pop(),
            "dialtime": RING_SECONDS,
            "cnam": "0",
            "note": str(reference),
        }
        if is_toll_free(did):
            self._client.write("orderTollFree", order, refusals=ORDER_REFUSALS)
        else:
            order["billing_type"] = self._settings.billing_type
            self._client.write("orderDID", order, refusals=ORDER_REFUSALS)

    def release(self, e164: str, reference: uuid.UUID) -> None:
        if self.find_ours(e164, reference) is None:
            return
        cancelling = {"did": did_of(e164), "cancelcomment": f"Ringup {reference}"}
        # Between the look and the call somebody else may have cancelled it.
        self._client.write("cancelDID", cancelling, fine=("invalid_did",))

    def point(self, e164: str, routing: str) -> None:
        """Change the routing and nothing else: ``setDIDInfo`` would clear the note."""
        self._client.write("setDIDRouting", {"did": did_of(e164), "routing": routing})


def number_of(row: Row) -> CarrierNumber:
    """A row of the inventory in our words."""
    return CarrierNumber(
        e164=e164_of(text(row, "did")),
        reference=_reference(text(row, "note")),
        target=text(row, "routing"),
    )


def _reference(note: str) -> str:
    """The reference in a note, to which somebody may have added words in the portal."""
    found = UUID.search(note)
    return found[0].lower() if found else note
