"""Persons and businesses at the carrier."""

from __future__ import annotations

import uuid

from ringup.carriers.didww.areas import COUNTRIES, Areas
from ringup.carriers.didww.client import DidwwClient, Linked
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
from ringup.carriers.papers import IdentityPaper
from ringup.core.failures import Refused

IDENTITIES = "identities"
BEHIND = "country,birth_country,addresses"


class Identities:
    """Each is made once under our reference, and changed to what is known by now."""

    def __init__(self, client: DidwwClient, areas: Areas) -> None:
        self._client = client
        self._areas = areas

    def key(self, reference: uuid.UUID) -> str:
        """The carrier's id; empty when there is none under this reference."""
        return key_of(self._client, IDENTITIES, reference)

    def submit(self, paper: IdentityPaper) -> str:
        """See ``TakesPapers.submit_identity``."""
        found = oldest(self._client, IDENTITIES, paper.reference, include=BEHIND)
        with in_their_words():
            if found is not None and found.text("identity_type").lower() != paper.kind.value:
                self._drop(found)
                found = None
            return self._make(paper) if found is None else self._change(found, paper)

    def _make(self, paper: IdentityPaper) -> str:
        facts = {name: text for name, text in _facts(paper).items() if text}
        facts |= {"identity_type": paper.kind.value, REFERENCE: str(paper.reference)}
        linked = {name: one for name, one in self._countries(paper).items() if one}
        made = self._client.create(IDENTITIES, facts, linked).id
        return without_twin(self._client, IDENTITIES, paper.reference, made)

    def _change(self, found: Resource, paper: IdentityPaper) -> str:
        facts = changed(found, _facts(paper))
        linked = moved(found, self._countries(paper))
        if facts or linked:
            self._client.change(IDENTITIES, found.id, facts, linked)
        return found.id

    def _drop(self, found: Resource) -> None:
        """A person cannot become a business: what nothing uses is made anew, with all its papers."""
        if found.flag("verified"):
            raise Refused(
                f"identity {found.id} is verified and of the other kind",
                user_message="These papers are in use for another number, so they cannot change "
                "between a person and a business. Fill in new ones. Nothing was charged.",
            )
        self._client.delete(IDENTITIES, found.id)

    def _countries(self, paper: IdentityPaper) -> dict[str, Linked]:
        wanted = {"country": paper.country, "birth_country": paper.birth_country}
        return {
            name: (COUNTRIES, self._areas.country(iso)) if iso else None
            for name, iso in wanted.items()
        }


def _facts(paper: IdentityPaper) -> dict[str, str]:
    """The attributes that may change. Telephones are digits only."""
    return {
        "first_name": paper.first_name,
        "last_name": paper.last_name,
        "phone_number": "".join(digit for digit in paper.phone if digit in "0123456789"),
        "company_name": paper.company_name,
        "birth_date": paper.birth_date.isoformat() if paper.birth_date else "",
        "id_number": paper.id_number,
        "personal_tax_id": paper.personal_tax_id,
        "vat_id": paper.vat_id,
        "company_reg_number": paper.company_reg_number,
        "contact_email": paper.contact_email,
    }
