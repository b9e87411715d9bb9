"""The documents of a number's papers: which are there, and which are missing.

A document proves an identity or an address, which several files may share: so each file reads those of
its own identity and address, and takes for every slot the newest of a kind that will do for it.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from ringup.carriers.papers import PersonKind, Purpose
from ringup.regulatory.models import Document, RegulatoryFile
from ringup.regulatory.wanted_documents import WantedDocument, wanted_documents

# Whose a document is, by what it is for: the name of the column.
OWNERS = {
    Purpose.IDENTITY: "identity",
    Purpose.PERMANENT_FORM: "identity",
    Purpose.ADDRESS: "address",
    Purpose.ONE_TIME_FORM: "file",
}


def wanted_of(file: RegulatoryFile) -> tuple[WantedDocument, ...]:
    """What this file's person has to show. While nobody said who it is: what the first kind has to."""
    rules = file.rules
    kind = PersonKind(file.identity.kind) if file.identity else rules.identities[0].kind
    return wanted_documents(rules, kind)


def documents_of(file: RegulatoryFile) -> list[Document]:
    """The documents that count, one for each slot at most, in the order of what is wanted."""
    found = documents_by_slot(file)
    return [found[wanted.slot] for wanted in wanted_of(file) if wanted.slot in found]


def missing_documents(file: RegulatoryFile) -> list[WantedDocument]:
    """What is wanted and not there."""
    found = documents_by_slot(file)
    return [wanted for wanted in wanted_of(file) if wanted.slot not in found]


def documents_by_slot(file: RegulatoryFile) -> dict[str, Document]:
    """The documents that count, by their slot. One query."""
    rows = list(_current(file))
    found = {}
    for wanted in wanted_of(file):
        suitable = [row for row in rows if _suits(row, wanted)]
        if suitable:
            found[wanted.slot] = suitable[-1]
    return found


def too_old_for(document: Document, file: RegulatoryFile, *, today: date) -> bool:
    """Whether the carrier would find this proof of address too old by now."""
    if document.purpose != Purpose.ADDRESS or document.dated is None:
        return False
    return document.dated < months_before(today, file.rules.proof_months)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the month's last."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _current(file: RegulatoryFile) -> list[Document]:
    """Not replaced, and either still with us or with the carrier; the oldest first."""
    whose = Q(file=file.pk)
    if file.identity_id is not None:
        whose |= Q(identity=file.identity_id)
    if file.address_id is not None:
        whose |= Q(address=file.address_id)
    rows = Document.objects.filter(whose, replaced=None).exclude(
        erased__isnull=False, sent=None, carrier_key=""
    )
    return list(rows.order_by("pk"))


def _suits(row: Document, wanted: WantedDocument) -> bool:
    is_same = (row.slot, row.purpose) == (wanted.slot, wanted.purpose)
    return is_same and wanted.type_of(row.type_key) is not None
