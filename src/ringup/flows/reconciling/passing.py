"""A pass over what we own at a carrier: its inventory is fetched, compared, and written down.

An inventory that could not be fetched whole changes nothing: the pass says why, and the rows stay.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.port import Carrier, CarrierNumber
from ringup.core.actors import Actor
from ringup.core.failures import NothingHappened, PortFailure
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.reconciling import books, looking_twice, recording
from ringup.flows.reconciling.comparing import Difference, Kind, compare, is_expected
from ringup.flows.reconciling.origins import with_origins
from ringup.jobs import parking
from ringup.jobs.clock import FromNow
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.redacting import brief, whereabouts
from ringup.jobs.tickets import LeaseLost, Ticket
from ringup.numbers.models import Sync

log = logging.getLogger(__name__)

JOB = "numbers.reconcile_account"
# An account that had more than so many numbers does not lose them all at once.
FEW = 5
KEPT = 30
# A carrier that was away is asked again, so often, before the next day's pass.
TRIES, AGAIN_SECONDS = 3, 15 * 60
INTERRUPTED = "The pass was interrupted. Nothing was changed by it; it begins again by itself."


def key_of(account: CarrierAccount) -> str:
    """The job's key: one pass at a time for each account."""
    return f"reconcile/{account.pk}"


def reconcile(ticket: Ticket) -> None:
    """Job of a schedule: a pass over each account that is in use. Retired ones bill as well."""
    accounts = list(CarrierAccount.objects.filter(is_enabled=True).order_by("pk"))
    with ticket.fenced():
        for account in accounts:
            _ask_for(account, by="")


def begin(account: CarrierAccount, *, actor: Actor) -> None:
    """A pass now, because somebody asks for it; call it in a transaction. One that waits or runs
    already is enough."""
    if not account.is_enabled:
        raise Refusal(
            f"{account.name} is disabled and is not called for anything. Nothing was compared. "
            "Enable it under Providers first."
        )
    _ask_for(account, by=actor.label[:150])
    Activity.record(actor, f"carrier:{account.uid}", f"asked {account.name} for its numbers")


def _ask_for(account: CarrierAccount, *, by: str) -> None:
    """In the caller's transaction. One that was given up is let go: nobody else would."""
    parking.release_key(key_of(account))
    enqueue(JOB, key=key_of(account), account=str(account.uid), by=by)


def under_way(accounts: list[CarrierAccount]) -> set[int]:
    """The accounts of which a pass waits or runs now."""
    keys = {key_of(account): account.pk for account in accounts}
    jobs = Job.objects.filter(key__in=keys, parked=False, due__lte=FromNow(1))
    return {keys[key] for key in jobs.values_list("key", flat=True) if key}


def reconcile_account(ticket: Ticket, *, account: str, by: str = "") -> None:
    """Job: one pass over one account. Run twice, it looks twice, and the second finds the same."""
    row = CarrierAccount.objects.filter(uid=account, is_enabled=True).first()
    if row is None:
        return
    sync = _begin(ticket, row, by)
    try:
        _pass(ticket, row, sync)
    except (LeaseLost, DatabaseError):
        raise
    except PortFailure as failure:
        _end(ticket, sync, problem=str(failure))
        if isinstance(failure, NothingHappened):
            _again_later(ticket, row, by, seconds=failure.retry_seconds or AGAIN_SECONDS)
    except Exception as bug:
        log.error("reconciling %s: %s\n%s", row.name, brief(bug), whereabouts(bug))
        kind = type(bug).__name__
        problem = f"A fault in Ringup itself ({kind}). The log of the worker says more."
        _end(ticket, sync, problem=problem)
    else:
        _end(ticket, sync, problem="")


def _begin(ticket: Ticket, account: CarrierAccount, by: str) -> Sync:
    now = timezone.now()
    passes = Sync.objects.filter(account=account, kind=Sync.Kind.INVENTORY)
    with ticket.fenced():
        passes.filter(finished=None).update(finished=now, problem=INTERRUPTED)
        kept = passes.order_by("-pk").values_list("pk", flat=True)[: KEPT - 1]
        passes.exclude(pk__in=list(kept)).delete()
        return Sync.objects.create(
            account=account, kind=Sync.Kind.INVENTORY, started=now, by_label=by
        )


def _end(ticket: Ticket, sync: Sync, *, problem: str) -> None:
    with ticket.fenced():
        rows = Sync.objects.filter(pk=sync.pk, finished=None)
        rows.update(finished=timezone.now(), problem=problem, numbers=sync.numbers)
        if not problem:
            enqueue("numbers.differs", key=f"differs/{sync.pk}", sync=sync.pk)


def _again_later(ticket: Ticket, account: CarrierAccount, by: str, *, seconds: float) -> None:
    passes = Sync.objects.filter(account=account, kind=Sync.Kind.INVENTORY).order_by("-pk")
    last = list(passes.values_list("problem", flat=True)[:TRIES])
    if len(last) < TRIES or not all(last):
        with ticket.fenced():
            enqueue(
                JOB,
                key=key_of(account),
                delay_seconds=seconds,
                account=str(account.uid),
                by=by,
            )


def _pass(ticket: Ticket, account: CarrierAccount, sync: Sync) -> None:
    """1. Our books are read, the inventory is fetched, and our books are read again.
    2. What differs is looked at once more, one number at a time.
    3. What is left is written down, in portions, each checked against our books once more."""
    ticket.check()
    with carrier_for(account) as carrier:
        before, places = books.read(account), books.places(account)
        listed = carrier.inventory()
        after, places = books.read(account), places | books.places(account)
        _require_sense(listed, before)
        sync.numbers = len(listed)
        settled = sync.started - timedelta(seconds=settings.RINGUP_SETTLE_SECONDS)
        compared = compare(
            listed, before, after, at_work=books.at_work(account), places=places, settled=settled
        )
        found = _confirmed(ticket, carrier, account, sync, compared.found)
    orphans = with_origins(account, [one for one in found if one.kind == Kind.ORPHAN])
    others = [one for one in found if one.kind != Kind.ORPHAN]
    recording.record(
        ticket, account, [*others, *orphans], unjudged=compared.unjudged, started=sync.started
    )


def _require_sense(listed: list[CarrierNumber], before: books.Books) -> None:
    """An empty list from an account that is full is no answer to build on."""
    expected = sum(is_expected(held) for held in before.values())
    if not listed and expected > FEW:
        raise NothingHappened(
            f"The carrier listed no numbers at all, and we own {expected} there. Nothing was "
            "changed. Look into the carrier's portal: is it the right account, and is it open?"
        )


def _confirmed(
    ticket: Ticket,
    carrier: Carrier,
    account: CarrierAccount,
    sync: Sync,
    found: list[Difference],
) -> list[Difference]:
    """With a second look, and its progress on the pass's row."""
    known = recording.open_keys(account)
    count = len(looking_twice.due(found, known))

    def before_each(done: int) -> None:
        ticket.check()
        with ticket.fenced():
            Sync.objects.filter(pk=sync.pk).update(
                areas=count, areas_done=done, numbers=sync.numbers
            )

    return looking_twice.look_twice(carrier, found, known=known, before_each=before_each).found
