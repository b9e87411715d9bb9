"""The papers of an order's number, as its client sees them: what is needed, and whose turn it is."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ringup.orders.contents import Contents
from ringup.orders.models import Order
from ringup.regulatory import correcting
from ringup.regulatory.documents import missing_documents
from ringup.regulatory.facts import address_facts, whose
from ringup.regulatory.models import RegulatoryFile

_State = RegulatoryFile.State


class Turn(enum.StrEnum):
    """What comes next: the client corrects, or brings documents; or others work."""

    CORRECT = "correct"
    BRING = "bring"
    WE_LOOK = "we-look"
    CARRIER_LOOKS = "carrier-looks"
    REJECTED = "rejected"
    DONE = "done"
    OVER = "over"


# Whose turn it is in states that do not depend on the documents.
TURNS = {
    _State.DOCUMENTS_UPLOADED: Turn.CARRIER_LOOKS,
    _State.ORDER_PLACED: Turn.CARRIER_LOOKS,
    _State.BLOCKED: Turn.WE_LOOK,
    _State.TERMINATED: Turn.WE_LOOK,
    _State.REJECTED: Turn.REJECTED,
    _State.ACTIVE: Turn.DONE,
    _State.CLOSED: Turn.OVER,
}


@dataclass(frozen=True, slots=True)
class PapersTurn:
    """Where the papers stand. ``missing`` are titles of documents; ``open`` what is still to correct,
    of ``asked`` in all, as (name, how it is called, staff's words)."""

    state: str
    turn: Turn
    missing: tuple[str, ...]
    asked: tuple[tuple[str, str, str], ...]
    open: frozenset[str]

    @property
    def is_clients(self) -> bool:
        """Whether the client has something to do."""
        return self.turn in (Turn.CORRECT, Turn.BRING)

    @property
    def can_send(self) -> bool:
        """Whether all that was asked is corrected."""
        return bool(self.asked) and not self.open

    @property
    def asked_facts(self) -> list[tuple[str, str, str]]:
        return [row for row in self.asked if not row[0].startswith("document.")]


def turn_of(file: RegulatoryFile) -> PapersTurn:
    """Read it off the papers."""
    state = _State(file.state)
    missing = () if state in TURNS else tuple(one.title for one in missing_documents(file))
    turn = TURNS.get(state, Turn.BRING if missing else Turn.WE_LOOK)
    if state == _State.IDENTITY_CONFIRMED and not missing:
        turn = Turn.CARRIER_LOOKS
    asked = tuple(correcting.open_words(file))
    if asked:
        turn = Turn.CORRECT
    still = frozenset(correcting.still_open(file)) if asked else frozenset()
    return PapersTurn(file.state, turn, missing, asked, still)


def turn_of_order(contents: Contents) -> PapersTurn | None:
    """The same for an order that is shown; None where its number needs no papers, or all is over."""
    service = contents.service
    if service.papers_id is None or service.papers is None:
        return None
    is_over = not Order.MOVES[Order.State(contents.line.order.state)]
    return None if is_over else turn_of(service.papers)


def told_lines(file: RegulatoryFile) -> list[str]:
    """Whose papers they are and where he lives: documents must say the same, letter by letter."""
    lines = [whose(file.identity)] if file.identity else []
    if file.address:
        place = address_facts(file.address)
        lines += [place["street"], f"{place['postal_code']} {place['city']}".strip()]
    return [line for line in lines if line]
