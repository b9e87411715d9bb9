"""Files on their way to the carrier: encrypted, uploaded, and attached at once to what they prove.

A file that nothing refers to is deleted by the carrier after a day, so one whose attaching failed costs
nothing; it is sent again.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Mapping

from ringup.carriers.didww.addresses import ADDRESSES
from ringup.carriers.didww.client import DidwwClient, Linked
from ringup.carriers.didww.encrypting import KeyPair, key_pair
from ringup.carriers.didww.failing import Rejected
from ringup.carriers.didww.identities import IDENTITIES
from ringup.carriers.didww.ours import REFERENCE, in_their_words, standing
from ringup.carriers.papers import DocumentPaper, Purpose
from ringup.core.failures import OurFault, Refused

FILES, PROOFS, FORMS = "encrypted_files", "proofs", "permanent_supporting_documents"
PROOF_TYPES, TEMPLATES = "proof_types", "supporting_document_templates"
# The carrier's own limit, of what is sent.
MOST_BYTES = 20 * 1024 * 1024

log = logging.getLogger(__name__)


class Documents:
    """The carrier's keys are read once for all files of this adapter's life."""

    def __init__(self, client: DidwwClient) -> None:
        self._client = client
        self._keys: KeyPair | None = None

    def attach(self, paper: DocumentPaper, *, identity: str, address: str) -> str:
        """See ``TakesPapers.upload``."""
        kind, linked = _places(paper, identity, address)
        found = self._standing(kind, paper.reference, linked)
        if not found:
            with in_their_words():
                linked["files"] = self.send([paper])
                facts = {REFERENCE: str(paper.reference)}
                found = self._client.create(kind, facts, linked).id
        for reference in paper.replaces:
            self._take_away(kind, reference)
        return found

    def _standing(self, kind: str, reference: uuid.UUID, linked: Mapping[str, Linked]) -> str:
        """The id of what stands there already, related as it should be; else empty."""
        for row in standing(self._client, kind, reference, include=",".join(linked)):
            if [key for name in linked for key in row.keys(name)] == list(linked.values()):
                return row.id
        return ""

    def _take_away(self, kind: str, reference: uuid.UUID) -> None:
        """A file cannot be exchanged under a proof: the older proof goes. One that the carrier keeps,
        because it was verified, does no harm."""
        for row in standing(self._client, kind, reference):
            try:
                self._client.delete(kind, row.id)
            except Rejected as kept:
                log.info("DIDWW keeps an older document: %s", kept)

    def send(self, papers: Iterable[DocumentPaper]) -> list[tuple[str, str]]:
        """Encrypt and upload files; what to refer to each by."""
        return [(FILES, self._upload(paper)) for paper in papers]

    def _upload(self, paper: DocumentPaper) -> str:
        try:
            return self._upload_with(self._known_keys(), paper)
        except Rejected as rejected:
            if not _keys_are_old(rejected):
                raise
        self._keys = None
        return self._upload_with(self._known_keys(), paper)

    def _known_keys(self) -> KeyPair:
        if self._keys is None:
            rows = self._client.get("public_keys").resources
            self._keys = key_pair([row.text("key") for row in rows])
        return self._keys

    def _upload_with(self, keys: KeyPair, paper: DocumentPaper) -> str:
        content = keys.encrypt(paper.content)
        if len(content) > MOST_BYTES:
            raise Refused(
                f"document {paper.reference} has {len(content)} bytes when encrypted",
                user_message="This file is larger than the 20 MB that our supplier takes. Upload "
                "a smaller one. Nothing was charged.",
            )
        # The description is our reference: a file's own name may tell whose it is.
        fields = {
            f"{FILES}[encryption_fingerprint]": keys.fingerprint(),
            f"{FILES}[description]": str(paper.reference),
        }
        file = self._client.upload(FILES, fields, file_field=f"{FILES}[file]", content=content)
        return file.id


def _places(paper: DocumentPaper, identity: str, address: str) -> tuple[str, dict[str, Linked]]:
    """The kind of thing that it becomes, and what that is related to."""
    if paper.purpose == Purpose.IDENTITY:
        return PROOFS, _proof(paper, (IDENTITIES, identity))
    if paper.purpose == Purpose.ADDRESS:
        return PROOFS, _proof(paper, (ADDRESSES, address))
    if paper.purpose == Purpose.PERMANENT_FORM:
        template = (TEMPLATES, paper.type_key)
        return FORMS, {"template": template, "identity": (IDENTITIES, identity)}
    raise OurFault("A form for one verification is sent with it, not before.")


def _proof(paper: DocumentPaper, entity: tuple[str, str]) -> dict[str, Linked]:
    return {"entity": entity, "proof_type": (PROOF_TYPES, paper.type_key)}


def _keys_are_old(rejected: Rejected) -> bool:
    """By its words: the answer has no code of its own for it."""
    return any("fingerprint" in f"{one.title} {one.detail}".lower() for one in rejected.problems)
