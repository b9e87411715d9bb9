"""A document comes in: looked at, cleaned, sealed, and put where it belongs."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import PurePosixPath

from django.db import transaction
from django.utils import timezone

from ringup.carriers.papers import ProofType, Purpose
from ringup.core.actors import Actor
from ringup.core.fields import keyring
from ringup.core.ids import letters
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.jobs.enqueuing import enqueue
from ringup.regulatory.documents import (
    OWNERS,
    documents_by_slot,
    missing_documents,
    months_before,
    wanted_of,
)
from ringup.regulatory.models import Document, DocumentContent, RegulatoryFile
from ringup.regulatory.moving import subject_of
from ringup.regulatory.sound_files import NOTHING, SoundFile, sound_file
from ringup.regulatory.viewing import CONTENT, PREVIEW, place_of
from ringup.regulatory.wanted_documents import WantedDocument

State = RegulatoryFile.State
BETTER_SECONDS = 180
ADDED = "added a document to the papers"
# In these the client may add and replace by himself. Later only what he is asked for.
CLIENT_MAY = frozenset({State.DRAFT, State.PENDING_REVIEW, State.REJECTED})
# In these nothing more is sent to the carrier.
OVER = frozenset({State.ACTIVE, State.CLOSED})
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
LONGEST_NAME = 100

NO_IDENTITY = f"Say first whose number it is and save that, then add the documents. {NOTHING}"
NOT_NOW = (
    f"These papers are with the provider, so nothing can be added just now. {NOTHING} If something must "
    "be corrected, we ask you for it."
)
NOT_ASKED = (
    f"We asked you to correct something else. {NOTHING} Correct that, then send it for review."
)
NOT_WANTED = f"This document is not needed any more. {NOTHING} Open the page again to see what is."
NO_TYPE = f"Choose what kind of document it is. {NOTHING}"
NO_DATE = f"Say which date the document bears. {NOTHING}"
FUTURE = f"This date is in the future. {NOTHING} Look at the date on the document and correct it."
TOO_OLD = (
    "This document is older than {months}, and the provider would reject it. "
    + NOTHING
    + " Choose a "
    "newer one, for example last month’s bill."
)


def add_document(
    file: RegulatoryFile,
    *,
    slot: str,
    type_key: str,
    name: str,
    content: bytes,
    dated: date | None,
    actor: Actor,
) -> Document:
    """Check, clean and seal a file, and put it into its slot. Raises ``Refusal`` with ``field`` (file,
    type, dated), and has changed nothing then. Takes a second; not inside a transaction, since it
    opens the file in a child.

    The slot's older document is replaced and its content deleted, unless the carrier has approved it.
    """
    wanted = _wanted(file, slot, actor)
    proof = _type(wanted, type_key)
    _require_date(file, wanted, dated)
    sound = sound_file(content)
    document = _document(wanted, proof, sound, dated=dated, actor=actor, name=name)
    sealed = _sealed(document, sound)
    with transaction.atomic():
        row = RegulatoryFile.objects.select_for_update().filter(pk=file.pk).first()
        # Meanwhile it may have become somebody else's, or nobody's.
        if row is None or proof not in _wanted(row, slot, actor).types:
            raise Refusal(NOT_WANTED)
        older = documents_by_slot(row).get(slot)
        _keep(document, sealed, row)
        if older is not None:
            _replace(older, row)
        # A draft's papers live as long as somebody works on them.
        RegulatoryFile.objects.filter(pk=row.pk).update(changed=timezone.now())
        detail = {"document": str(document.uid), "slot": slot, "type": proof.name}
        Activity.record(actor, subject_of(row), ADDED, **detail)
        if not is_staff(actor):
            _tell(row, is_new=older is None)
    return document


def _tell(file: RegulatoryFile, *, is_new: bool) -> None:
    """The client has brought the last document, or a better one after a rejection: somebody can look at
    the papers now. Better ones come in a row, and are told of together."""
    if file.asked or missing_documents(file):
        return
    at, delay = timezone.now().isoformat(), 0
    key = f"papers/complete/{letters(file.uid, 20)}/{at[:26]}"
    if file.state == State.REJECTED:
        key, delay = f"papers/better/{file.uid}", BETTER_SECONDS
    elif file.state != State.PENDING_REVIEW or not is_new:
        return
    enqueue("papers.answered", key=key, delay_seconds=delay, file=str(file.uid), at=at)


def may_add(file: RegulatoryFile, slot: str, *, by_staff: bool) -> bool:
    """Whether this slot can be filled, or filled anew, now."""
    if file.state in OVER:
        return False
    if by_staff:
        return True
    if file.asked:
        return slot in asked_slots(file)
    if file.state in CLIENT_MAY:
        return True
    return file.state == State.IDENTITY_CONFIRMED and slot not in documents_by_slot(file)


def asked_slots(file: RegulatoryFile) -> dict[str, str]:
    """The documents that the client was asked to correct, and the words with it."""
    return {
        str(asked["what"]).removeprefix("document."): str(asked["words"])
        for asked in file.asked
        if str(asked["what"]).startswith("document.")
    }


def is_staff(actor: Actor) -> bool:
    """Staff in its own name; who acts as a client may what the client may."""
    return actor.name.startswith("staff:") and not actor.on_behalf_of


# -- what may come in --------------------------------------------------------------------------------


def _wanted(file: RegulatoryFile, slot: str, actor: Actor) -> WantedDocument:
    wanted = next((one for one in wanted_of(file) if one.slot == slot), None)
    if wanted is None:
        raise Refusal(NOT_WANTED)
    if getattr(file, f"{OWNERS[wanted.purpose]}_id", file.pk) is None:
        raise Refusal(NO_IDENTITY)
    if not may_add(file, slot, by_staff=is_staff(actor)):
        raise Refusal(NOT_ASKED if file.asked else NOT_NOW)
    return wanted


def _type(wanted: WantedDocument, key: str) -> ProofType:
    """The kind that was chosen; where only one will do, that."""
    proof = wanted.types[0] if len(wanted.types) == 1 else wanted.type_of(key)
    if proof is None:
        raise Refusal(NO_TYPE, field="type")
    return proof


def _require_date(file: RegulatoryFile, wanted: WantedDocument, dated: date | None) -> None:
    """A proof of address must be young. A day more than ours: elsewhere it is tomorrow already."""
    if not wanted.needs_date:
        return
    if dated is None:
        raise Refusal(NO_DATE, field="dated")
    today, months = timezone.localdate(), file.rules.proof_months
    if dated > today + timedelta(days=1):
        raise Refusal(FUTURE, field="dated")
    if dated < months_before(today, months):
        words = "a month" if months == 1 else f"{months} months"
        raise Refusal(TOO_OLD.format(months=words), field="dated")


# -- the rows ----------------------------------------------------------------------------------------


def _document(
    wanted: WantedDocument,
    proof: ProofType,
    sound: SoundFile,
    *,
    dated: date | None,
    actor: Actor,
    name: str,
) -> Document:
    """The row, which nobody owns yet."""
    return Document(
        slot=wanted.slot,
        purpose=wanted.purpose.value,
        type_key=proof.key,
        type_name=proof.name[:120],
        name=_plain_name(name, sound.media_type),
        media_type=sound.media_type,
        size=len(sound.content),
        pages=sound.pages,
        dated=dated if wanted.needs_date else None,
        added_by=actor.label[:150],
    )


def _sealed(document: Document, sound: SoundFile) -> dict[str, bytes]:
    """The columns of its content. Ten megabytes take their time: not inside a transaction."""
    ring = keyring()
    return {
        "sealed": ring.seal_bytes(sound.content, bound_to=place_of(document, CONTENT)),
        "preview": ring.seal_bytes(sound.preview, bound_to=place_of(document, PREVIEW)),
    }


def _keep(document: Document, sealed: dict[str, bytes], file: RegulatoryFile) -> None:
    owner = OWNERS[Purpose(document.purpose)]
    setattr(document, owner, file if owner == "file" else getattr(file, owner))
    document.client, document.brand = file.client, file.brand
    document.save()
    DocumentContent.objects.create(document=document, **sealed)


def _plain_name(name: str, media_type: str) -> str:
    """What the uploader calls it, without folders and control characters, and with the ending that
    its content has."""
    base = PurePosixPath(name.replace("\\", "/")).name
    stem = re.sub(
        r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", PurePosixPath(base).stem
    ).strip()
    return (stem[:LONGEST_NAME] or "document") + SUFFIXES[media_type]


def _replace(older: Document, file: RegulatoryFile) -> None:
    """The newer takes its place. What the carrier has approved stays: other numbers rely on it."""
    if older.sent is not None and _is_approved(older, file):
        return
    now = timezone.now()
    DocumentContent.objects.filter(document=older).delete()
    # What somebody called it may name a person: it goes with the content.
    gone = {"erased": now, "name": "", "added_by": ""}
    Document.objects.filter(pk=older.pk).update(replaced=now, **gone)


def _is_approved(document: Document, file: RegulatoryFile) -> bool:
    if document.purpose == Purpose.ONE_TIME_FORM:
        return file.state == State.ACTIVE
    owner = document.address if document.purpose == Purpose.ADDRESS else document.identity
    return owner is not None and owner.approved is not None
