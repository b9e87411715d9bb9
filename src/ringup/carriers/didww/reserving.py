"""Numbers that DIDWW keeps for us: ten at most, for ten minutes each, as far as is documented.

Our reference is the description, by which reservations can be found again.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.failing import Rejected
from ringup.carriers.didww.paging import every
from ringup.carriers.didww.reading import Resource
from ringup.carriers.port import Reservation
from ringup.core.failures import NumberGone, OutcomeUnknown

KIND = "did_reservations"
INCLUDE = "available_did,available_did.did_group"


class Reservations:
    """What the account keeps now. Every look asks now."""

    def __init__(self, client: DidwwClient) -> None:
        self._client = client

    def kept(self, e164: str) -> Resource | None:
        """DIDWW's row of a number that it keeps for us, under whatever reference."""
        row = self.of_number(e164)
        return None if row is None else row.one("available_did")

    def of_number(self, e164: str) -> Resource | None:
        """Our reservation of this number, under whatever reference."""
        return _of(every(self._client, KIND, {"include": INCLUDE}), e164)

    def find(self, e164: str, reference: uuid.UUID) -> Reservation | None:
        """Our reservation of this number under this reference, while it lasts."""
        query = {"filter[description]": str(reference), "include": INCLUDE}
        row = _of(every(self._client, KIND, query), e164)
        return None if row is None else _reservation(row)

    def make(self, number: Resource, reference: uuid.UUID) -> Reservation:
        """Keep the number of a row of ``available_dids``."""
        try:
            row = self._client.create(
                KIND, {"description": str(reference)}, {"available_did": (number.type, number.id)}
            )
        except Rejected as refusal:
            if refusal.speaks_of("available_did"):
                raise NumberGone(str(refusal)) from refusal
            raise
        return _reservation(row)

    def end(self, key: str) -> None:
        self._client.delete(KIND, key)


def _of(rows: list[Resource], e164: str) -> Resource | None:
    now = datetime.now(UTC)
    for row in rows:
        number, ends = row.one("available_did"), row.moment("expires_at")
        if number is None or (ends is not None and ends <= now):
            continue
        if f"+{number.text('number')}" == e164:
            return row
    return None


def _reservation(row: Resource) -> Reservation:
    ends = row.moment("expires_at")
    if ends is None:
        raise OutcomeUnknown("DIDWW keeps the number and does not say until when.")
    return Reservation(row.id, ends)
