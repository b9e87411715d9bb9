"""Addresses of identities at the carrier.

The description of the API lets only the words of an address change, not where it lies: what moved is
made anew. It names area and city among what can be read, and the carrier's clients write them when an
address is made: unverified.
"""

from __future__ import annotations

import uuid

from ringup.carriers.didww.areas import COUNTRIES, Areas, relation_of
from ringup.carriers.didww.client import DidwwClient, Linked
from ringup.carriers.didww.identities import IDENTITIES
from ringup.carriers.didww.ours import (
    REFERENCE,
    changed,
    in_their_words,
    key_of,
    moved,
    oldest,
    without_twin,
)
from ringup.carriers.didww.reading import Resource
from ringup.carriers.papers import AddressPaper
from ringup.core.failures import Refused

ADDRESSES = "addresses"
BEHIND = "identity,country,area,city"


class Addresses:
    """Each is made once under our reference, and changed to what is known by now."""

    def __init__(self, client: DidwwClient, areas: Areas) -> None:
        self._client = client
        self._areas = areas

    def key(self, reference: uuid.UUID) -> str:
        """The carrier's id; empty when there is none under this reference."""
        return key_of(self._client, ADDRESSES, reference)

    def submit(self, paper: AddressPaper, *, identity: str) -> str:
        """See ``TakesPapers.submit_address``."""
        found = oldest(self._client, ADDRESSES, paper.reference, include=BEHIND)
        linked = self._places(paper, identity)
        with in_their_words():
            if found is not None and moved(found, linked):
                self._drop(found)
                found = None
            if found is None:
                facts = {**_facts(paper), REFERENCE: str(paper.reference)}
                made = self._client.create(ADDRESSES, facts, linked).id
                return without_twin(self._client, ADDRESSES, paper.reference, made)
            if facts_changed := changed(found, _facts(paper)):
                self._client.change(ADDRESSES, found.id, facts_changed)
            return found.id

    def _drop(self, found: Resource) -> None:
        """Nobody moves under a number."""
        if found.flag("verified"):
            raise Refused(
                f"address {found.id} is verified and lies elsewhere",
                user_message="This address is in use for another number, so it cannot move. Fill in "
                "a new one. Nothing was charged.",
            )
        self._client.delete(ADDRESSES, found.id)

    def _places(self, paper: AddressPaper, identity: str) -> dict[str, Linked]:
        wanted: dict[str, Linked] = {
            "identity": (IDENTITIES, identity),
            "country": (COUNTRIES, self._areas.country(paper.country)),
        }
        if paper.area:
            # Only of the one that was chosen: the carrier may know the other by itself.
            name, linked = relation_of(paper.area)
            wanted[name] = linked
        return wanted


def _facts(paper: AddressPaper) -> dict[str, str]:
    return {
        "city_name": paper.city,
        "postal_code": paper.postal_code,
        "address": paper.street,
    }
