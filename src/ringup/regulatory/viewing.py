"""A document is looked at: by a person, which is written down, or by the carrier."""

from __future__ import annotations

from django.db import transaction

from ringup.core.actors import Actor
from ringup.core.failures import OurFault
from ringup.core.fields import keyring
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.regulatory.models import Document, DocumentContent

# What is sealed of a document, each for its own place.
CONTENT, PREVIEW = "content", "preview"
OPENED, PREVIEWED = "opened a document", "looked at a document’s first page"
GONE = (
    "This document was deleted, as promised, so it cannot be shown any more. That it was here stays "
    "known."
)


def subject_of_document(document: Document) -> str:
    """What rows of the activity log about one document carry."""
    return f"document:{document.uid}"


def open_document(document: Document, *, actor: Actor) -> bytes:
    """The file in clear, for a person: written down first. ``Refusal`` once it is deleted."""
    return _shown(document, CONTENT, OPENED, actor)


def open_preview(document: Document, *, actor: Actor) -> bytes:
    """A PNG of its first page, for a person: written down first. ``Refusal`` once it is deleted."""
    return _shown(document, PREVIEW, PREVIEWED, actor)


def content_for_carrier(document: Document) -> bytes:
    """The file in clear, to be encrypted for the carrier. No person sees it."""
    content = DocumentContent.objects.filter(document=document).first()
    if content is None:
        raise OurFault(
            f"The file of “{document.type_name}” was deleted, because the time to keep it was over. "
            "Ask the client to upload it again."
        )
    return _opened(document, CONTENT, bytes(content.sealed))


def place_of(document: Document, part: str) -> str:
    """Where a part of a document is sealed for."""
    return f"regulatory.document:{document.uid}:{part}"


def _shown(document: Document, part: str, what: str, actor: Actor) -> bytes:
    content = DocumentContent.objects.filter(document=document).first()
    if content is None:
        raise Refusal(GONE)
    with transaction.atomic():
        detail = {"slot": document.slot, "type": document.type_name}
        Activity.record(actor, subject_of_document(document), what, **detail)
    return _opened(document, part, bytes(content.sealed if part == CONTENT else content.preview))


def _opened(document: Document, part: str, sealed: bytes) -> bytes:
    return keyring().open_bytes(sealed, bound_to=place_of(document, part))
