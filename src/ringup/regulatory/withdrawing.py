"""Taking papers back: what nobody needs any more is deleted at the carrier, what it keeps is said."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from ringup.carriers.papers import TakesPapers
from ringup.core.actors import RINGUP, Actor
from ringup.core.models import Activity
from ringup.regulatory.models import Address, Document, Identity, RegulatoryFile
from ringup.regulatory.moving import move_to, subject_of
from ringup.regulatory.submitting import BEGUN, FRESH, find_submitted, papers_of

_State = RegulatoryFile.State
NOTHING = "Nothing of these papers is at the carrier"
SHARED = "Identity and address stay at the carrier: another number of the client uses them"
KEPT = "The carrier keeps identity and address, because a number uses them"
GONE = "Identity, address and documents were deleted at the carrier"


def withdraw(file: RegulatoryFile, carrier: TakesPapers) -> str:
    """Delete identity and address there, with their proofs, unless somebody uses them; says what became
    of it. Asks outside: what was submitted by a process that died is found. Repeatable."""
    if file.identity is None or file.address is None:
        return NOTHING
    keys = find_submitted(file, carrier)
    if not any(keys):
        _forget(file)
        return NOTHING
    if _are_shared(file):
        return SHARED
    if not carrier.withdraw(identity=keys[0], address=keys[1]):
        return KEPT
    _forget(file)
    Activity.record(RINGUP, subject_of(file), "identity and address were deleted at the carrier")
    return GONE


def _are_shared(file: RegulatoryFile) -> bool:
    """Whether another file that lives needs one of them, or a number was registered with them."""
    theirs = Q(identity=file.identity_id) | Q(address=file.address_id)
    others = RegulatoryFile.objects.filter(theirs).exclude(pk=file.pk)
    return others.exclude(state__in=[_State.CLOSED, _State.DRAFT]).exists()


def _forget(file: RegulatoryFile) -> None:
    """It is not there any more: what comes next begins with submitting."""
    identity, address = papers_of(file)
    Identity.objects.filter(pk=identity.pk).update(carrier_key="")
    Address.objects.filter(pk=address.pk).update(carrier_key="")
    proofs = Q(identity=identity) | Q(address=address)
    Document.objects.filter(proofs).update(carrier_key="", sent=None)
    identity.carrier_key = address.carrier_key = ""
    if file.state in (_State.IDENTITY_CONFIRMED, _State.DOCUMENTS_UPLOADED):
        move_to(file, _State.PENDING_REVIEW, uploaded_by_hand=None)


def forget_attempt(file: RegulatoryFile) -> None:
    """The number that the papers were sent in for is given back: another is verified anew. Repeatable:
    told twice, it only counts on."""
    fresh = FRESH | {"attempt": file.attempt + 1}
    if file.state in (_State.DRAFT, _State.PENDING_REVIEW, _State.CLOSED):
        RegulatoryFile.objects.filter(pk=file.pk, attempt=file.attempt).update(**fresh)
        file.refresh_from_db()
    else:
        move_to(file, _State.PENDING_REVIEW, **fresh)


def close(file: RegulatoryFile, *, actor: Actor) -> bool:
    """Nobody orders with these papers any more. In the caller's transaction; True where something may
    be at the carrier, and must be withdrawn afterwards."""
    if file.state == _State.CLOSED:
        return False
    move_to(file, _State.CLOSED, actor=actor, closed=timezone.now(), asked=[], asked_at=None)
    begun = Activity.objects.filter(subject=subject_of(file), what=BEGUN).exists()
    sent = bool(file.identity and file.identity.carrier_key)
    return sent or begun
