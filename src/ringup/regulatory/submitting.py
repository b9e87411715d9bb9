"""Papers on their way to a carrier: identity and address, documents, and the verification.

Every verb asks the carrier first, costs nothing, and may be called again: after a crash, after a lost
reply, by a run or by staff, phase by phase. None may be called inside a transaction. What was found
outside is written down here, and moves the file.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from ringup.carriers.papers import DocumentPaper, Purpose, TakesPapers, Verdict, Verification
from ringup.carriers.port import Standing
from ringup.core.actors import RINGUP
from ringup.core.failures import OurFault, Refused
from ringup.core.ids import outside_uuid
from ringup.core.models import Activity
from ringup.regulatory import facts
from ringup.regulatory.documents import documents_of
from ringup.regulatory.models import Address, Document, Identity, RegulatoryFile
from ringup.regulatory.moving import move_to, settle, subject_of
from ringup.regulatory.viewing import content_for_carrier

_State = RegulatoryFile.State
# In these the carrier has identity and address as they are now.
SUBMITTED = (
    _State.IDENTITY_CONFIRMED, _State.DOCUMENTS_UPLOADED, _State.ORDER_PLACED, _State.BLOCKED,
    _State.TERMINATED, _State.ACTIVE,
)  # fmt: skip
# In these a verification may be sent in; in the others the papers wait for a person.
READY = (_State.DOCUMENTS_UPLOADED, _State.ORDER_PLACED, _State.BLOCKED)
BEGUN = "sends identity and address to the carrier"
NO_REASON = "The carrier gave no reason."


def verification_reference(file: RegulatoryFile) -> uuid.UUID:
    """Our name for the present attempt at a verification, known before it is sent in."""
    return outside_uuid(file.uid, file.attempt, "verification")


def papers_of(file: RegulatoryFile) -> tuple[Identity, Address]:
    """Whose papers they are; a file that is being filled in is no order's yet."""
    if file.identity is None or file.address is None:
        raise OurFault(f"{file} names no identity or no address yet")
    return file.identity, file.address


# -- identity and address -----------------------------------------------------------------------------


def is_submitted(file: RegulatoryFile, carrier: TakesPapers) -> bool:
    """Whether identity and address stand at the carrier as they are in our books."""
    return file.state in SUBMITTED and all(find_submitted(file, carrier))


def find_submitted(file: RegulatoryFile, carrier: TakesPapers) -> tuple[str, str]:
    """The carrier's keys of both, asked outside and written down; empty for what is not there."""
    identity, address = papers_of(file)
    keys = carrier.submitted(identity=identity.uid, address=address.uid)
    _remember(identity, keys[0])
    _remember(address, keys[1])
    return keys


def submit_identity(file: RegulatoryFile, carrier: TakesPapers) -> None:
    """Have identity and address at the carrier, as they are now."""
    identity, address = papers_of(file)
    Activity.record(RINGUP, subject_of(file), BEGUN)
    _remember(identity, carrier.submit_identity(facts.identity_paper(identity)))
    paper = facts.address_paper(address)
    _remember(address, carrier.submit_address(paper, identity=identity.carrier_key))
    if file.state == _State.PENDING_REVIEW:
        move_to(file, _State.IDENTITY_CONFIRMED)


def _remember(row: Identity | Address, key: str) -> None:
    if row.carrier_key != key:
        if row.carrier_key:
            # What stood there is gone, and what proved it with it: that is sent anew.
            row.documents.filter(sent__isnull=False).update(carrier_key="", sent=None)
        type(row).objects.filter(pk=row.pk).update(carrier_key=key)
        row.carrier_key = key


# -- documents ----------------------------------------------------------------------------------------


def are_sent(file: RegulatoryFile, carrier: TakesPapers) -> bool:
    """Whether the carrier has all that it wants to see before a number is bought. Forms for one
    verification go with it later."""
    if file.state not in SUBMITTED or file.state == _State.IDENTITY_CONFIRMED:
        return False
    by_hand = file.uploaded_by_hand is not None
    return (by_hand or not unsent(file)) and not missing(file, carrier)


def unsent(file: RegulatoryFile) -> list[Document]:
    """The documents that are still with us alone."""
    return [
        document
        for document in documents_of(file)
        if document.purpose != Purpose.ONE_TIME_FORM and not document.carrier_key
    ]


def missing(file: RegulatoryFile, carrier: TakesPapers) -> list[str]:
    """What the carrier still misses, in its own sentences."""
    identity, address = papers_of(file)
    keys = {"identity": identity.carrier_key, "address": address.carrier_key}
    return carrier.missing(file.rules.key, **keys)


def send_documents(file: RegulatoryFile, carrier: TakesPapers) -> list[str]:
    """Send each document that the carrier has not, encrypted by the adapter; returns what it misses
    then. Documents in clear live as long as one call."""
    identity, address = papers_of(file)
    for document in unsent(file):
        keys = {"identity": identity.carrier_key, "address": address.carrier_key}
        key = carrier.upload(_paper(document), **keys)
        Document.objects.filter(pk=document.pk).update(carrier_key=key, sent=timezone.now())
    lacking = missing(file, carrier)
    if not lacking and file.state == _State.IDENTITY_CONFIRMED:
        move_to(file, _State.DOCUMENTS_UPLOADED)
    return lacking


def _paper(document: Document) -> DocumentPaper:
    belongs = {"identity": document.identity_id, "address": document.address_id}
    older = Document.objects.filter(slot=document.slot, replaced__isnull=False, **belongs)
    return DocumentPaper(
        reference=document.uid,
        purpose=Purpose(document.purpose),
        type_key=document.type_key,
        media_type=document.media_type,
        content=content_for_carrier(document),
        replaces=tuple(older.exclude(carrier_key="").values_list("uid", flat=True)),
    )


# -- the verification ---------------------------------------------------------------------------------


def register(file: RegulatoryFile, carrier: TakesPapers, *, number: uuid.UUID) -> Verification:
    """Send the papers in for the ``number`` that was bought under this reference, and say what became
    of it. After a rejection, papers that are complete again are another attempt. Where the carrier
    refuses to take them, ``Refused``, and the file is rejected with its sentences."""
    found = carrier.verification(verification_reference(file))
    is_anew = file.state == _State.DOCUMENTS_UPLOADED
    if found is not None and found.verdict is Verdict.REJECTED and is_anew:
        begin_attempt(file)
        found = carrier.verification(verification_reference(file))
    if found is None:
        found = _send_in(file, carrier, number)
    note(file, found)
    return found


def begin_attempt(file: RegulatoryFile) -> None:
    """The next attempt, with nothing of the last one. Conditional: two do it once."""
    rows = RegulatoryFile.objects.filter(pk=file.pk, attempt=file.attempt)
    rows.update(attempt=file.attempt + 1, **FRESH)
    file.refresh_from_db(fields=["attempt", *FRESH])


FRESH: dict[str, Any] = {
    "verification_key": "",
    "verification_label": "",
    "verification_sent": None,
    "reasons": [],
    "comment": "",
    "slow_level": 0,
}


def _send_in(file: RegulatoryFile, carrier: TakesPapers, number: uuid.UUID) -> Verification:
    _, address = papers_of(file)
    settle(file, _State.ORDER_PLACED)
    words = file.service_description if file.rules.needs_service_description else ""
    forms = [one for one in documents_of(file) if one.purpose == Purpose.ONE_TIME_FORM]
    try:
        found = carrier.verify(
            verification_reference(file),
            number=number,
            address=address.carrier_key,
            forms=tuple(_paper(document) for document in forms),
            service_description=words,
        )
    except Refused as refusal:
        move_to(file, _State.REJECTED, reasons=[str(refusal)], comment="")
        raise
    now = timezone.now()
    _update(file, verification_sent=found.sent or now, reasons=[], comment="", slow_level=0)
    Document.objects.filter(pk__in=[one.pk for one in forms], sent=None).update(sent=now)
    return found


def note(file: RegulatoryFile, found: Verification) -> None:
    """Write down what the carrier says of the present attempt. Says it twice: changes nothing."""
    known = (file.verification_key, file.verification_label)
    if known != (found.key, found.label):
        _update(file, verification_key=found.key, verification_label=found.label)
    if file.verification_sent is None:
        _update(file, verification_sent=found.sent or timezone.now())
    if found.verdict is Verdict.REJECTED:
        _note_rejection(file, found)
    elif found.verdict is Verdict.APPROVED:
        _note_approval(file)


def _note_rejection(file: RegulatoryFile, found: Verification) -> None:
    """Once for each attempt: afterwards the file may have gone on to be corrected."""
    if file.state in (_State.ORDER_PLACED, _State.BLOCKED):
        reasons = list(found.reasons) or ([] if found.comment else [NO_REASON])
        move_to(file, _State.REJECTED, reasons=reasons, comment=found.comment)


def _note_approval(file: RegulatoryFile) -> None:
    identity, address = papers_of(file)
    if file.state == _State.REJECTED:
        # The carrier changed its mind, for example after a call.
        move_to(file, _State.ORDER_PLACED, reasons=[], comment="")
    now = timezone.now()
    Identity.objects.filter(pk=identity.pk, approved=None).update(approved=now)
    Address.objects.filter(pk=address.pk, approved=None).update(approved=now)


def note_standing(file: RegulatoryFile, standing: Standing) -> None:
    """Write down how the number stands at the carrier. Awaiting registration is what is usual."""
    if standing is Standing.ACTIVE:
        settle(file, _State.ACTIVE, reasons=[], comment="")
    elif standing is Standing.BLOCKED and file.state in (_State.ORDER_PLACED, _State.ACTIVE):
        # Not papers that somebody here works on: those are sent in when he is ready.
        settle(file, _State.BLOCKED)
    elif standing is Standing.TERMINATED:
        settle(file, _State.TERMINATED)
    elif standing is Standing.AWAITING_REGISTRATION and file.state == _State.BLOCKED:
        settle(file, _State.ORDER_PLACED)


def look(file: RegulatoryFile, carrier: TakesPapers, *, number: uuid.UUID) -> None:
    """Only look: how papers and number stand at the carrier, written down. Needs a carrier that finds
    numbers by our reference."""
    look_at_verdict(file, carrier)
    owned = carrier.find_reference(number)
    if owned is not None:
        note_standing(file, owned.standing)


def look_at_verdict(file: RegulatoryFile, carrier: TakesPapers) -> None:
    """Only look: what the carrier says of papers that were sent in, written down."""
    if file.verification_key:
        found = carrier.verification(verification_reference(file))
        if found is not None:
            note(file, found)


def _update(file: RegulatoryFile, **columns: object) -> None:
    RegulatoryFile.objects.filter(pk=file.pk).update(**columns)
    for name, value in columns.items():
        setattr(file, name, value)
