"""Addresses of identities at the carrier.

The description of the API lists an area or city of an address among what can be read, the carrier's
clients write them too, and nobody tried to change them later: unverified.
"""

from __future__ import annotations

import uuid

from ringup.carriers.didww.areas import COUNTRIES, Areas, relation_of
from ringup.carriers.didww.client import DidwwClient, Linked
from ringup.carriers.didww.identities import IDENTITIES
from ringup.carriers.didww.ours import REFERENCE, changed, in_their_words, moved, oldest
from ringup.carriers.didww.reading import Resource
from ringup.carriers.papers import AddressPaper

ADDRESSES = "addresses"
BEHIND = "identity,country,area,city"


class Addresses:
    """Each is made once under our reference, and changed to what is known by now."""

    def __init__(self, client: DidwwClient, areas: Areas) -> None:
        self._client = client
        self._areas = areas

    def key(self, reference: uuid.UUID) -> str:
        """The carrier's id; empty when there is none under this reference."""
        found = oldest(self._client, ADDRESSES, reference)
        return found.id if found is not None else ""

    def submit(self, paper: AddressPaper, *, identity: str) -> str:
        """See ``TakesPapers.submit_address``."""
        found = oldest(self._client, ADDRESSES, paper.reference, include=BEHIND)
        with in_their_words():
            if found is not None and found.keys("identity") != [(IDENTITIES, identity)]:
                # It cannot move to another identity: it is made anew there.
                self._client.delete(ADDRESSES, found.id)
                found = None
            if found is None:
                return self._make(paper, identity)
            return self._change(found, paper)

    def _make(self, paper: AddressPaper, identity: str) -> str:
        linked = {name: one for name, one in self._places(paper).items() if one}
        linked["identity"] = (IDENTITIES, identity)
        facts = {**_facts(paper), REFERENCE: str(paper.reference)}
        return self._client.create(ADDRESSES, facts, linked).id

    def _change(self, found: Resource, paper: AddressPaper) -> str:
        facts, linked = changed(found, _facts(paper)), moved(found, self._places(paper))
        if facts or linked:
            self._client.change(ADDRESSES, found.id, facts, linked)
        return found.id

    def _places(self, paper: AddressPaper) -> dict[str, Linked]:
        wanted: dict[str, Linked] = {"country": (COUNTRIES, self._areas.country(paper.country))}
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
