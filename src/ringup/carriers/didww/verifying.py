"""Checks of papers, and verifications: the carrier's own look at them for a number that waits."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from ringup.carriers.didww.addresses import ADDRESSES
from ringup.carriers.didww.client import DidwwClient, Linked
from ringup.carriers.didww.documents import Documents
from ringup.carriers.didww.failing import Rejected
from ringup.carriers.didww.identities import IDENTITIES
from ringup.carriers.didww.ours import REFERENCE, in_their_words, sentences, standing
from ringup.carriers.didww.reading import Resource
from ringup.carriers.didww.requirements import GROUPS, REQUIREMENTS, Requirements
from ringup.carriers.papers import DocumentPaper, Verdict, Verification
from ringup.carriers.port import CarrierNumber
from ringup.core.failures import OurFault

VALIDATIONS, VERIFICATIONS, NUMBERS = (
    "address_requirement_validations",
    "address_verifications",
    "dids",
)
VERDICTS = {"approved": Verdict.APPROVED, "rejected": Verdict.REJECTED}


class Verifying:
    """``number_of`` finds the number that was bought under a reference."""

    def __init__(
        self,
        client: DidwwClient,
        requirements: Requirements,
        documents: Documents,
        *,
        number_of: Callable[[uuid.UUID], CarrierNumber | None],
        callback_url: str,
    ) -> None:
        self._client = client
        self._requirements = requirements
        self._documents = documents
        self._number_of = number_of
        self._callback_url = callback_url

    def missing(self, requirement: str, *, identity: str, address: str) -> list[str]:
        """See ``TakesPapers.missing``."""
        linked: dict[str, Linked] = {
            "address_requirement": (REQUIREMENTS, requirement),
            "identity": (IDENTITIES, identity),
            "address": (ADDRESSES, address),
        }
        try:
            self._client.check(VALIDATIONS, linked)
        except Rejected as rejected:
            return sentences(rejected)
        return []

    def verify(
        self,
        reference: uuid.UUID,
        *,
        number: uuid.UUID,
        address: str,
        forms: tuple[DocumentPaper, ...],
        service_description: str,
    ) -> Verification:
        """See ``TakesPapers.verify``. The description is sent only where it is asked for: the carrier
        refuses one too many."""
        known = self.verification(reference)
        if known is not None:
            return known
        did = self._number(number)
        facts = {REFERENCE: str(reference)}
        if service_description and self._wants_description(did):
            facts["service_description"] = service_description
        if self._callback_url:
            facts |= {"callback_url": self._callback_url, "callback_method": "post"}
        linked: dict[str, Linked] = {"dids": [(NUMBERS, did)], "address": (ADDRESSES, address)}
        with in_their_words():
            if forms:
                linked["onetime_files"] = self._documents.send(forms)
            return read(self._client.create(VERIFICATIONS, facts, linked))

    def verification(self, reference: uuid.UUID) -> Verification | None:
        """See ``TakesPapers.verification``. Of two, which only a race can make, the later counts."""
        found = standing(self._client, VERIFICATIONS, reference)
        return read(found[-1]) if found else None

    def _number(self, reference: uuid.UUID) -> str:
        found = self._number_of(reference)
        if found is None or not found.key:
            raise OurFault(
                f"DIDWW has no number that was bought under {reference}: papers are sent in for a "
                "bought one only."
            )
        return found.key

    def _wants_description(self, did: str) -> bool:
        row = self._client.find(NUMBERS, did, include="did_group")
        groups = row.keys("did_group") if row is not None else []
        return any(
            self._requirements.wants_description(uid) for kind, uid in groups if kind == GROUPS
        )


def read(row: Resource) -> Verification:
    """A verification in our words. A status that nobody knows is no decision."""
    return Verification(
        key=row.id,
        label=row.text("reference"),
        verdict=VERDICTS.get(row.text("status").lower(), Verdict.PENDING),
        # One text in answers of old, a list now, null where there is none.
        reasons=row.texts("reject_reasons") or row.texts("reject_reason"),
        comment=row.text("reject_comment"),
        sent=row.moment("created_at"),
    )
