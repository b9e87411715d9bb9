"""Staff asks the client to correct his papers: exactly these fields and documents, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from ringup.core.actors import Actor
from ringup.core.ids import letters
from ringup.core.sentences import Refusal
from ringup.flows.orders.approving import BEING_SENT, latest_run
from ringup.flows.papers.of_orders import require_papers
from ringup.flows.papers.phases import AT_WORK
from ringup.flows.papers.sending import is_sending
from ringup.jobs.enqueuing import enqueue
from ringup.orders.locking import lock
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from ringup.regulatory import correcting
from ringup.regulatory.models import RegulatoryFile

# In these a run may send the papers in, or buy the number for them, at any moment.
GOING_ON = (Run.State.READY, Run.State.RUNNING, Run.State.UNDOING)


def ask_for_correction(order: Order, asked: Iterable[Mapping[str, str]], *, actor: Actor) -> None:
    """``asked`` is ``[{"what": "identity.birth_date", "words": "…"}]``. The client gets a mail, and the
    papers go nowhere until he has answered."""
    file = require_papers(order)
    with transaction.atomic():
        lock(order)
        _require_rest(order, file)
        correcting.ask(file, asked, actor=actor)
        at = file.asked_at.isoformat() if file.asked_at else ""
        key = f"papers/asked/{letters(file.uid, 20)}/{at[:26]}"
        enqueue("papers.asked", key=key, file=str(file.uid), at=at)


def _require_rest(order: Order, file: RegulatoryFile) -> None:
    """What is on its way now would arrive uncorrected."""
    run = latest_run(order)
    if run is not None and run.state in GOING_ON:
        raise Refusal(AT_WORK)
    if is_sending(file):
        raise Refusal(BEING_SENT)


def withdraw_correction(order: Order, *, actor: Actor) -> None:
    """It was right after all: the client owes nothing any more."""
    file = require_papers(order)
    with transaction.atomic():
        lock(order)
        if not correcting.is_open(file):
            return
        correcting.withdraw(file, actor=actor)
        order.note("Nothing has to be corrected in your papers any more.", actor=actor)
