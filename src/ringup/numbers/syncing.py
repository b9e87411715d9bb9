"""Fetching what the carriers have on sale: when, by whose wish, and one job for each account.

The stock in the database is the truth. What buyers see is compiled from it (``numbers.publishing``).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from ringup.carriers import port
from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.port import StockArea
from ringup.core.actors import Actor
from ringup.core.failures import PortFailure
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.jobs import clock, parking
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.tickets import Ticket
from ringup.numbers.models import Stock, Sync
from ringup.numbers.passing import LITTLE, Over, Pass
from ringup.numbers.storing import Listed, replace
from ringup.numbers.troubles import Troubles

JOB = "numbers.sync_account"
# Rows of passes that are kept for each account, of whole ones and of narrow ones.
KEPT = 30
# A pass that ended before its time is begun again sooner than others.
CUT_AGAIN = timedelta(minutes=30)
LONGEST = timedelta(hours=24)

OUT_OF_USE = "{name} was taken out of use. What it has is not on sale."
TOO_LONG = "The pass did not end within a day. What it did not reach stays as it was."


def key_of(account_id: int) -> str:
    """The job's key: one pass at a time for each account."""
    return f"sync/{account_id}"


def passes(account_id: int) -> QuerySet[Sync]:
    """The stock passes of an account, the newest first."""
    return Sync.objects.filter(account=account_id, kind=Sync.Kind.STOCK).order_by("-pk")


# -- when -------------------------------------------------------------------------------------------


def sync(ticket: Ticket) -> None:
    """Job of a schedule: begin a pass for each account whose stock is old, or has never been
    fetched. Passes whose job was lost go on."""
    accounts = CarrierAccount.objects.filter(is_enabled=True, is_retired=False)
    due = [account for account in accounts.order_by("pk") if is_due(account)]
    jobs = set(Job.objects.filter(name=JOB).values_list("key", flat=True))
    under_way = Sync.objects.filter(kind=Sync.Kind.STOCK, finished=None)
    lost = [pk for pk in under_way.values_list("account", flat=True) if key_of(pk) not in jobs]
    if not due and not lost:
        return
    with ticket.fenced():
        for account in due:
            with suppress(Refusal):  # staff has begun it this moment
                _begin(account, scope="", by="")
        for pk in lost:
            _wake(pk)


def is_due(account: CarrierAccount) -> bool:
    """Whether a pass over the whole account should begin now."""
    last = passes(account.pk).filter(scope="").first()
    if last is None:
        return not passes(account.pk).filter(finished=None).exists()
    if last.finished is None:
        # Its job failed too often. Perhaps it does not any more.
        return last.started + interval() < clock.now() and _is_parked(account.pk)
    if Troubles.from_data(last.troubles).is_cut:
        return last.finished + min(CUT_AGAIN, interval()) < clock.now()
    return last.started + interval() < clock.now()


def interval() -> timedelta:
    return timedelta(hours=settings.RINGUP_SYNC_HOURS)


def begin(account: CarrierAccount, *, actor: Actor, scope: str = "") -> Sync:
    """A pass now, because somebody asks for it: over all areas, or those at or below ``scope``. One
    that runs over the same is enough; one over less is widened."""
    if not account.takes_orders:
        raise Refusal(
            f"{account.name} is not in use, and what it has is not on sale. Nothing was fetched. "
            "Enable it, or take it back into use, under Providers first."
        )
    with transaction.atomic():
        begun = _begin(account, scope=scope, by=actor.label[:150])
        what = f"asked {account.name} for its numbers on sale"
        Activity.record(actor, f"carrier:{account.uid}", what, area=scope or "all")
    return begun


def _begin(account: CarrierAccount, *, scope: str, by: str) -> Sync:
    """In the caller's transaction. Whoever else begins at the same time begins the same pass."""
    rows = passes(account.pk)
    if (running := rows.filter(finished=None).first()) is not None:
        if scope and running.scope != scope:
            raise Refusal(_busy(account, running))
        if scope or not running.scope or rows.filter(pk=running.pk, finished=None).update(scope=""):
            _wake(account.pk)
            return running
    newest = Stock.objects.filter(account=account).aggregate(Max("fetched"))["fetched__max"]
    now = clock.now()
    try:
        with transaction.atomic():
            begun = Sync.objects.create(
                account=account,
                kind=Sync.Kind.STOCK,
                scope=scope,
                # What is there was fetched before this pass, whatever the clock says.
                started=now if newest is None else max(now, newest + LITTLE),
                by_label=by,
            )
    except IntegrityError as error:
        raise Refusal(f"A pass over {account.name} begins this moment. Look again.") from error
    # Whole ones and narrow ones apart: many narrow ones must not push the whole ones out.
    alike = rows.exclude(scope="") if scope else rows.filter(scope="")
    alike.exclude(pk__in=list(alike.values_list("pk", flat=True)[:KEPT])).delete()
    _wake(account.pk)
    return begun


def _busy(account: CarrierAccount, running: Sync) -> str:
    what = f"its area {running.scope}" if running.scope else "all of its areas"
    return (
        f"{account.name} is being asked for {what} just now. Nothing was changed. Wait until that has "
        "ended, then ask again."
    )


def _wake(account_id: int) -> None:
    """In the caller's transaction. A job that was given up is let go: nobody else would."""
    parking.release_key(key_of(account_id))
    enqueue(JOB, key=key_of(account_id), account=account_id)


def _is_parked(account_id: int) -> bool:
    return Job.objects.filter(key=key_of(account_id), parked=True).exists()


# -- the work ---------------------------------------------------------------------------------------


def sync_account(ticket: Ticket, *, account: int) -> None:
    """Job: go on with the pass of an account for a while, then stand in the queue again. Run twice it
    goes on twice; without a pass there is nothing to do."""
    running = passes(account).filter(finished=None).select_related("account").first()
    if running is None:
        return
    try:
        wait = _go_on(Pass(ticket, running), running)
    except Over:
        return
    except IntegrityError:
        if CarrierAccount.objects.filter(pk=account).exists():
            raise
        return  # deleted while its area was being written
    if wait is not None:
        with ticket.fenced():
            enqueue(JOB, key=key_of(account), delay_seconds=wait, account=account)


def _go_on(work: Pass, running: Sync) -> float | None:
    account = running.account
    if not account.takes_orders:
        work.end(OUT_OF_USE.format(name=account.name))
        return None
    if clock.now() - running.started > LONGEST:
        work.end(TOO_LONG)
        return None
    try:
        with carrier_for(account) as carrier:
            return work.slice(carrier)
    except PortFailure as failure:  # not even opened: the wrong environment
        work.end(str(failure))
        return None


def store(account: CarrierAccount, area: StockArea, stock: port.Stock, fetched: datetime) -> bool:
    """Make ``stock`` all that ``account`` has on sale in ``area``, as of ``fetched``. False, and
    nothing changes, when what is there is as new or newer.

    The index learns by an account's newest ``fetched`` that something has changed: give later ones to
    later areas. Raises ``ValueError`` for a number that is none."""
    listed = Listed.of(area, stock)
    with transaction.atomic():
        return replace(account.pk, listed, fetched)
