"""How a regulatory file moves: by what was found at the carrier, told above by a job."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from ringup.core.actors import RINGUP, Actor
from ringup.core.ids import letters
from ringup.core.models import Activity
from ringup.core.states import move
from ringup.jobs.enqueuing import enqueue
from ringup.regulatory.models import RegulatoryFile

WHAT = {
    RegulatoryFile.State.PENDING_REVIEW: "the papers wait to be looked at",
    RegulatoryFile.State.IDENTITY_CONFIRMED: "the carrier has the identity and the address",
    RegulatoryFile.State.DOCUMENTS_UPLOADED: "the carrier has all documents",
    RegulatoryFile.State.ORDER_PLACED: "the papers were sent in for the number",
    RegulatoryFile.State.REJECTED: "the carrier rejected the papers",
    RegulatoryFile.State.BLOCKED: "the carrier blocked the number",
    RegulatoryFile.State.TERMINATED: "the carrier terminated the number",
    RegulatoryFile.State.ACTIVE: "the number is active at the carrier",
    RegulatoryFile.State.CLOSED: "the papers are closed",
}


def subject_of(file: RegulatoryFile) -> str:
    """What rows of the activity log about these papers carry."""
    return f"papers:{file.uid}"


def sending_key(file: RegulatoryFile) -> str:
    """The key of the job that sends these papers to the carrier without a run: one at a time."""
    return f"papers/send/{file.uid}"


def move_to(file: RegulatoryFile, new: str, *, actor: Actor = RINGUP, **also: Any) -> None:
    """Move the file, once, with ``also`` columns, and have it told. ``StaleState`` where somebody
    else moved it first. In a transaction of its own or in the caller's."""
    now = timezone.now()
    with transaction.atomic():
        move(file, new, moves=RegulatoryFile.MOVES, changed=now, **also)
        what = WHAT[RegulatoryFile.State(new)]
        Activity.record(actor, subject_of(file), what, attempt=file.attempt)
        # Told once for each move: the moment tells them apart.
        key = f"papers/{letters(file.uid, 20)}/{new}/{now:%Y%m%d%H%M%S%f}"
        enqueue("papers.moved", key=key, file=str(file.uid), state=new, at=now.isoformat())


def settle(file: RegulatoryFile, new: str, **also: Any) -> None:
    """``move_to`` unless it stands there already."""
    if file.state != new:
        move_to(file, new, **also)
