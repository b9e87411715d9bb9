"""Taking back a run whose service is not live: newest first, only what the journal names."""

from __future__ import annotations

from django.db import transaction

from ringup.core.failures import NothingHappened, OutcomeUnknown, PortFailure
from ringup.core.fields import money_columns
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.tickets import Ticket
from ringup.numbers import own_stock
from ringup.numbers.models import OwnedNumber
from ringup.provisioning.approving import undo_key
from ringup.provisioning.blueprint import main_number, steps_for
from ringup.provisioning.journal import Journal
from ringup.provisioning.models import Run, Step
from ringup.provisioning.running import unsettled
from ringup.provisioning.site import Site
from ringup.regulatory import withdrawing
from ringup.regulatory.models import RegulatoryFile
from ringup.services.models import Service

MOST_ATTEMPTS = 5
# Papers in these states were sent in for no number yet.
BEFORE_A_NUMBER = (
    RegulatoryFile.State.PENDING_REVIEW,
    RegulatoryFile.State.IDENTITY_CONFIRMED,
    RegulatoryFile.State.DOCUMENTS_UPLOADED,
)


def take_back(ticket: Ticket, *, run: str) -> None:
    """Job: undo a run. A step that fails stays on record, and undo can run again.

    A refused step made nothing and is never undone; nor is what was not touched. When all is
    taken back, the service's generation rises: what is built next is never taken for this.
    """
    row = Run.whole(run)
    if row.state != Run.State.UNDOING:
        return
    journal = Journal(ticket, row)
    with Site(row.service) as site:
        works = {work.key: work for work in steps_for(row.service, site)}
        failures: list[PortFailure] = []
        steps = list(row.steps.filter(touched=True).exclude(state=Step.State.REFUSED))
        if (seconds := max([unsettled(step, works[step.key]) for step in steps], default=0)) > 0:
            # What may still appear outside cannot be taken back yet.
            enqueue("provisioning.take_back", key=undo_key(row), delay_seconds=seconds, run=run)
            return
        for step in reversed(steps):
            ticket.check()
            try:
                journal.undone(step, works[step.key].undo())
            except PortFailure as failure:
                journal.undo_failed(step, str(failure))
                failures.append(failure)
    if not failures:
        _forget(journal)
    elif _may_pass(row, failures):
        enqueue("provisioning.take_back", key=undo_key(row), delay_seconds=5, run=run)
    else:
        problem = "Undo could not finish: " + " ".join(str(failure) for failure in failures)
        journal.ended_undo(Run.State.UNDO_FAILED, problem=problem)


def _may_pass(run: Run, failures: list[PortFailure]) -> bool:
    """Whether trying again soon makes sense: the outside was away, and not too often yet."""
    passing = all(isinstance(failure, NothingHappened | OutcomeUnknown) for failure in failures)
    tired = run.steps.filter(state=Step.State.UNDO_FAILED, attempts__gte=MOST_ATTEMPTS).exists()
    return passing and not tired


def _forget(journal: Journal) -> None:
    """All is taken back: raise the generation, and give a number that was released a new row."""
    service = journal.run.service
    number = main_number(service)
    # The steps let go of the row, and a service of a number alone has read it before that.
    number.refresh_from_db(fields=["state"])
    with journal.ticket.fenced():
        Service.objects.filter(pk=service.pk).update(generation=service.generation + 1)
        if number.state == OwnedNumber.State.RELEASED:
            renumber(service, want_again(number))
        journal.move(Run.State.UNDONE)
        journal.tell()


def want_again(number: OwnedNumber) -> OwnedNumber:
    """The same digits, or any of the same place, to be bought or taken from the shelf anew: a new
    row, since its uid is the carrier's reference."""
    own_stock.moved([number.e164])
    return OwnedNumber.objects.create(
        client=number.client,
        brand=number.brand,
        account=number.account,
        e164="" if number.is_by_place else number.e164,
        place=number.place,
        is_by_place=number.is_by_place,
        capacity=number.capacity,
        capacity_text=number.capacity_text,
        country=number.country,
        region=number.region,
        rate_centre=number.rate_centre,
        is_own_stock=number.is_own_stock,
        **money_columns(
            cost_setup=number.cost_setup,
            cost_monthly=number.cost_monthly,
            price_monthly=number.price_monthly,
        ),
    )


def renumber(service: Service, number: OwnedNumber) -> None:
    """Give a service that is not live another number, and its papers with it, in the caller's
    transaction."""
    with transaction.atomic():
        _with_papers(service, number)
        if service.kind == Service.Kind.TENANT:
            part = service.parts.get(number__uid=service.wanted["main_number"])
            Service.objects.filter(pk=part.pk).update(number=number, name=number.called)
            wanted = {**service.wanted, "main_number": str(number.uid)}
            Service.objects.filter(pk=service.pk).update(wanted=wanted)
            service.wanted = wanted
        else:
            Service.objects.filter(pk=service.pk).update(number=number, name=number.called)
            service.number = number


def _with_papers(service: Service, number: OwnedNumber) -> None:
    """Papers that were sent in were sent in for the old number: for this one they go in anew."""
    file = RegulatoryFile.objects.filter(service=service).first()
    if file is None:
        return
    RegulatoryFile.objects.filter(pk=file.pk).update(number=number)
    if file.state not in BEFORE_A_NUMBER:
        withdrawing.forget_attempt(file)
