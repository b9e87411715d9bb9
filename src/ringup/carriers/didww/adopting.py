"""Writing our reference on a number that the account holds already, taking it off, giving it back.

The description is ours to write, and a change leaves everything else as it is.
"""

from __future__ import annotations

import uuid

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.failing import Missing
from ringup.carriers.didww.inventory import (
    GIVEN_BACK,
    INCLUDE,
    KIND,
    UUID,
    Inventory,
    reference_of,
    standing_of,
)
from ringup.carriers.didww.ours import REFERENCE
from ringup.carriers.didww.reading import Resource
from ringup.carriers.port import CarrierNumber, Standing
from ringup.core.failures import NotOurs, NumberGone

# How long a description may be is documented nowhere: other texts may have 100 letters.
LONGEST = 100
NOT_HELD = "The carrier account does not hold this number. Nothing was changed or charged."


class Adopting:
    """Changes whose a number is."""

    def __init__(self, client: DidwwClient, inventory: Inventory) -> None:
        self._client = client
        self._inventory = inventory

    def adopt(self, e164: str, reference: uuid.UUID) -> CarrierNumber:
        row = self._inventory.row(e164)
        if row is None or standing_of(row) is Standing.TERMINATED:
            raise NumberGone(f"{e164} is not in the DIDWW inventory.", user_message=NOT_HELD)
        if (found := reference_of(row)) == str(reference):
            return self._inventory.number_of(row)
        if UUID.fullmatch(found):
            raise _not_ours(e164, found)
        words = _cut(f"{reference} {row.text('description')}")
        return self._described(row, words)

    def disown(self, e164: str, reference: uuid.UUID) -> None:
        row = self._inventory.row(e164)
        if row is None or not UUID.fullmatch(found := reference_of(row)):
            return
        if found != str(reference):
            raise _not_ours(e164, found)
        order = row.one("order")
        if order is not None and order.text(REFERENCE).lower() == str(reference):
            self._client.change("orders", order.id, {REFERENCE: None})
        if UUID.search(words := row.text("description")):
            self._described(row, " ".join(UUID.sub(" ", words).split()))

    def release(self, e164: str, reference: uuid.UUID) -> None:
        row = self._inventory.ours(e164, reference)
        if row is None or standing_of(row) is Standing.TERMINATED:
            return
        words = _cut(f"{reference} {' '.join(UUID.sub(' ', row.text('description')).split())}")
        change = {"terminated": True, "description": f"{words} {GIVEN_BACK}"}
        try:
            self._client.change(KIND, row.id, change, {"voice_in_trunk": None})
        except Missing:
            return  # it left the account since the look

    def _described(self, row: Resource, words: str) -> CarrierNumber:
        change = {"description": words or None}
        after = self._client.change(KIND, row.id, change, include=INCLUDE)
        return self._inventory.number_of(after)


def _cut(words: str) -> str:
    return words.strip()[: LONGEST - len(GIVEN_BACK) - 1].strip()


def _not_ours(e164: str, found: str) -> NotOurs:
    return NotOurs(
        f"{e164} carries another reference at DIDWW, {found}. Find out whose number it is. Nothing "
        "was changed."
    )
