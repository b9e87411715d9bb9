"""Papers of several numbers that are ordered at once: the same person, the same address, and copies of
the forms that go with each verification."""

from __future__ import annotations

import uuid

from ringup.carriers.papers import Purpose
from ringup.core.fields import keyring
from ringup.regulatory.models import Document, DocumentContent, RegulatoryFile
from ringup.regulatory.viewing import CONTENT, PREVIEW, place_of


def another_for(file: RegulatoryFile) -> RegulatoryFile:
    """A file for one more number: of the same identity at the same address, whose documents are its own
    too. In the transaction that submits the order."""
    other = RegulatoryFile(
        client=file.client,
        brand=file.brand,
        account=file.account,
        requirement=file.requirement,
        identity=file.identity,
        address=file.address,
    )
    other.service_description = file.service_description
    other.save()
    forms = Document.objects.filter(
        file=file, purpose=Purpose.ONE_TIME_FORM.value, replaced=None, erased=None
    )
    for form in forms.select_related("content").order_by("pk"):
        _copy(form, other)
    return other


def _copy(form: Document, file: RegulatoryFile) -> None:
    """What is sealed is bound to its row: it is opened, and sealed for the new one."""
    ring, content = keyring(), form.content
    parts = {
        part: ring.open_bytes(bytes(sealed), bound_to=place_of(form, part))
        for part, sealed in ((CONTENT, content.sealed), (PREVIEW, content.preview))
    }
    form.pk, form.uid, form.file = None, uuid.uuid4(), file
    form.save(force_insert=True)
    sealed = {
        part: ring.seal_bytes(clear, bound_to=place_of(form, part)) for part, clear in parts.items()
    }
    DocumentContent.objects.create(document=form, sealed=sealed[CONTENT], preview=sealed[PREVIEW])
