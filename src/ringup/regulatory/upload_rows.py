"""The list of documents as every face shows it: one row for each that is wanted.

``templates/regulatory/_documents.html`` renders the rows, and says what it needs beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from ringup.carriers.papers import Purpose
from ringup.regulatory.documents import documents_by_slot, too_old_for, wanted_of
from ringup.regulatory.models import Document, RegulatoryFile
from ringup.regulatory.sound_files import ACCEPT, MOST_BYTES
from ringup.regulatory.uploading import OVER, asked_slots, may_add
from ringup.regulatory.wanted_documents import WantedDocument

ICONS = {
    Purpose.IDENTITY: "id",
    Purpose.ADDRESS: "home",
    Purpose.PERMANENT_FORM: "doc",
    Purpose.ONE_TIME_FORM: "doc",
}


@dataclass(frozen=True, slots=True)
class UploadRow:
    """One wanted document. ``asked`` is what staff wants corrected about it; ``chosen`` and ``dated``
    are what was typed before a refusal."""

    wanted: WantedDocument
    document: Document | None
    problems: tuple[str, ...]
    may_add: bool
    months: int
    asked: str = ""
    is_answered: bool = False
    is_refused: bool = False
    chosen: str = ""
    dated: date | None = None

    @property
    def icon(self) -> str:
        return ICONS[self.wanted.purpose]

    @property
    def hint(self) -> str:
        """What will do, while nothing is there."""
        if self.wanted.form is not None:
            return "A form of the provider, filled in and signed"
        kinds = ", ".join(one.name for one in self.wanted.types)
        age = f", not older than {self.months} months" if self.wanted.needs_date else ""
        return f"{'One of: ' if len(self.wanted.types) > 1 else ''}{kinds}{age}"

    @property
    def tone(self) -> str:
        return self._badge[0]

    @property
    def badge_icon(self) -> str:
        return self._badge[1]

    @property
    def word(self) -> str:
        return self._badge[2]

    @property
    def _badge(self) -> tuple[str, str, str]:
        if self.asked and not self.is_answered:
            return ("orange", "alert", "Please correct")
        if self.document is None:
            return ("grey", "minus-circle", "Missing")
        if self.problems and not self.is_refused:
            return ("orange", "alert", "Look again")
        if self.document.sent is not None:
            return ("purple", "doc-up", "Sent to the provider")
        return ("blue", "doc-up", "Received")

    @property
    def is_viewable(self) -> bool:
        """Whether its content is still here."""
        return self.document is not None and self.document.erased is None

    @property
    def is_open(self) -> bool:
        """Whether its form is shown at once: it is this row's turn."""
        is_owed = bool(self.asked) and not self.is_answered
        return self.document is None or is_owed or bool(self.problems)

    @property
    def field_id(self) -> str:
        return f"papers-{self.wanted.slot}"

    @property
    def accept(self) -> str:
        """For the file input."""
        return ACCEPT

    @property
    def most_bytes(self) -> int:
        """For the script that spares people an upload in vain."""
        return MOST_BYTES


def upload_rows(
    file: RegulatoryFile,
    *,
    by_staff: bool,
    refused_slot: str = "",
    refusal: str = "",
    chosen: str = "",
    dated: date | None = None,
) -> list[UploadRow]:
    """All rows of a file. After a refused upload: the slot, the sentence, and what was typed."""
    found, asked, today = documents_by_slot(file), asked_slots(file), timezone.localdate()
    rows = []
    for wanted in wanted_of(file):
        document = found.get(wanted.slot)
        is_refused = wanted.slot == refused_slot
        rows.append(
            UploadRow(
                wanted=wanted,
                document=document,
                problems=_problems(file, document, today) + ((refusal,) if is_refused else ()),
                may_add=may_add(file, wanted.slot, by_staff=by_staff),
                asked=asked.get(wanted.slot, ""),
                months=file.rules.proof_months,
                is_refused=is_refused,
                is_answered=_is_answered(file, document),
                chosen=chosen if is_refused else document.type_key if document else "",
                dated=dated if is_refused else None,
            )
        )
    return rows


def _problems(file: RegulatoryFile, document: Document | None, today: date) -> tuple[str, ...]:
    if document is None or document.sent is not None or file.state in OVER:
        return ()
    if too_old_for(document, file, today=today):
        months = file.rules.proof_months
        return (f"It is older than {months} months by now. Please add a newer one.",)
    return ()


def _is_answered(file: RegulatoryFile, document: Document | None) -> bool:
    """Whether something newer came in since the client was asked."""
    return document is not None and file.asked_at is not None and document.added >= file.asked_at
