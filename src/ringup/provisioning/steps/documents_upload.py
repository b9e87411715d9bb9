"""Send the client's documents to the carrier, before a number is bought for them."""

from __future__ import annotations

from datetime import datetime

from ringup.core.failures import Refused
from ringup.core.money import Money
from ringup.core.sentences import as_sentences, counted
from ringup.numbers.models import OwnedNumber
from ringup.provisioning.site import Site
from ringup.provisioning.step import PlannedChange, digest_of
from ringup.regulatory import submitting
from ringup.regulatory.models import RegulatoryFile


class DocumentsUpload:
    """Each document encrypted, uploaded and attached; then the carrier must miss nothing."""

    can_skip = False
    # Each document is looked for under its reference before it is sent.
    settle_seconds = 0.0

    def __init__(self, file: RegulatoryFile, number: OwnedNumber, site: Site) -> None:
        self.file = file
        self.number = number
        self.site = site
        self.key = f"documents-upload/{file.uid}"
        self.target = site.service.account.name

    def change(self) -> PlannedChange:
        zero = Money.zero(self.site.service.account.currency)
        identity, address = submitting.papers_of(self.file)
        wanted = {"file": self.file.uid, "identity": identity.uid, "address": address.uid}
        return PlannedChange(
            key=self.key,
            action="create",
            digest=digest_of(wanted | {"documents": True}),
            target=self.target,
            text=f"Send the documents to {self.target}, encrypted",
            cost_once=zero,
            cost_monthly=zero,
            parts=(*self._waiting(), "They go with the identity when it is taken back."),
        )

    def _waiting(self) -> tuple[str, ...]:
        """The kinds of documents that are still with us, in the carrier's words."""
        kinds = [document.type_name for document in submitting.unsent(self.file)]
        if not kinds:
            return ("All were sent already: the carrier says whether it misses something.",)
        return (f"{counted(len(kinds), 'document')}: {', '.join(kinds)}",)

    def is_done(self) -> bool:
        is_bought = self.number.state == OwnedNumber.State.OWNED
        return is_bought or submitting.are_sent(self.file, self.site.papers)

    def apply(self, *, run: str, started: datetime) -> list[str]:
        before = len(submitting.unsent(self.file))
        lacking = submitting.send_documents(self.file, self.site.papers)
        if lacking:
            raise Refused(
                f"{self.target} still misses papers: {as_sentences(lacking)} No number was bought. "
                "Ask the client for them, then resume.",
                user_message="The carrier misses something in your papers. Nothing was charged. "
                "We will write to you.",
            )
        return [f"{counted(before, 'document')} sent; {self.target} misses nothing"]

    def undo(self) -> list[str]:
        return []  # proofs are deleted with what they prove
