"""Retention: files of papers are deleted when their time is over, and what identities and addresses say
once no number needs them. That a document was here, and of what kind, stays known.

``RINGUP_PAPERS_RETENTION_DAYS`` counts from the day that the number works or its order ended.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ringup.core.actors import RINGUP
from ringup.core.models import Activity
from ringup.jobs.tickets import Ticket
from ringup.numbers.models import OwnedNumber
from ringup.regulatory.filling import discard
from ringup.regulatory.models import Address, Document, DocumentContent, Identity, RegulatoryFile
from ringup.regulatory.viewing import subject_of_document

# Rows that one transaction changes at most.
PORTION = 200
DELETED = "deleted a document, whose time was over"
_State = RegulatoryFile.State
Row = TypeVar("Row", Identity, Address)


def erase(ticket: Ticket) -> None:
    """Job of a schedule. Running it twice erases nothing more."""
    before = timezone.now() - timedelta(days=settings.RINGUP_PAPERS_RETENTION_DAYS)
    left = before - timedelta(days=settings.RINGUP_DRAFT_DAYS)
    portions: list[Callable[[], int]] = [
        lambda: _discard(RegulatoryFile.objects.filter(state=_State.DRAFT, changed__lte=left)),
        lambda: _delete_contents(_contents_over(before)),
        lambda: _empty(_unused(Address.objects.filter(changed__lte=before), "address", before)),
        lambda: _empty(_unused(Identity.objects.filter(changed__lte=before), "identity", before)),
        lambda: _forget_words(RegulatoryFile.objects.filter(_closed(before))),
    ]
    for portion in portions:
        done = PORTION
        while done == PORTION:
            ticket.check()
            with ticket.fenced():
                done = portion()


def erase_some_of(clients: list[int]) -> int:
    """All papers of clients that ended, whatever their time: up to a portion of each kind, in the
    caller's transaction. Says how many rows it changed; nothing is left at zero."""
    rows = RegulatoryFile.objects.filter(client__in=clients)
    return (
        _discard(rows.filter(state=_State.DRAFT))
        + _delete_contents(DocumentContent.objects.filter(document__client__in=clients))
        + _empty(Address.objects.filter(client__in=clients))
        + _empty(Identity.objects.filter(client__in=clients))
        + _forget_words(rows)
    )


# -- whose time is over ------------------------------------------------------------------------------


def _closed(before: datetime) -> Q:
    return Q(state=_State.CLOSED, closed__lte=before)


def _contents_over(before: datetime) -> QuerySet[DocumentContent]:
    """Contents of which no file has need: each works for so long, or has ended so long ago."""
    works = Q(state=_State.ACTIVE, changed__lte=before)
    needing = RegulatoryFile.objects.exclude(works | _closed(before))
    return DocumentContent.objects.filter(
        ~Exists(needing.filter(identity=OuterRef("document__identity"))),
        ~Exists(needing.filter(address=OuterRef("document__address"))),
        ~Exists(needing.filter(pk=OuterRef("document__file"))),
        document__added__lte=before,
    )


def _unused(rows: QuerySet[Row], name: str, before: datetime) -> QuerySet[Row]:
    """Those of which every file has ended: a number that works may need them again, and one that was
    given back does not."""
    given_back = Q(
        state=_State.ACTIVE,
        number__state=OwnedNumber.State.RELEASED,
        number__released__lte=before,
    )
    needing = RegulatoryFile.objects.exclude(_closed(before) | given_back)
    return rows.filter(~Exists(needing.filter(**{name: OuterRef("pk")})))


# -- erasing -----------------------------------------------------------------------------------------


def _discard(rows: QuerySet[RegulatoryFile]) -> int:
    """Papers that were never handed in."""
    found = list(rows.select_related("identity", "address").order_by("pk")[:PORTION])
    for file in found:
        discard(file)
    return len(found)


def _delete_contents(rows: QuerySet[DocumentContent]) -> int:
    found = list(rows.order_by("pk").values_list("pk", "document")[:PORTION])
    DocumentContent.objects.filter(pk__in=[pk for pk, _ in found]).delete()
    documents = Document.objects.filter(pk__in=[document for _, document in found])
    for document in documents:
        Activity.record(RINGUP, subject_of_document(document), DELETED, type=document.type_name)
    # What somebody called it may name a person.
    documents.update(erased=timezone.now(), name="", added_by="")
    return len(found)


def _empty(rows: QuerySet[Identity] | QuerySet[Address]) -> int:
    found = list(rows.filter(erased=None).order_by("pk").values_list("pk", flat=True)[:PORTION])
    rows.model._default_manager.filter(pk__in=found).update(facts_sealed="", erased=timezone.now())
    return len(found)


def _forget_words(rows: QuerySet[RegulatoryFile]) -> int:
    """What the client wrote of his use, and the carrier of him."""
    told = ~Q(service_description_sealed="") | ~Q(comment="") | ~Q(reasons=[]) | ~Q(asked=[])
    found = list(rows.filter(told).order_by("pk").values_list("pk", flat=True)[:PORTION])
    RegulatoryFile.objects.filter(pk__in=found).update(
        service_description_sealed="", comment="", reasons=[], asked=[], asked_at=None
    )
    return len(found)
