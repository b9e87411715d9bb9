"""Holding numbers for a buyer. The unique row is the lock: two buyers cannot both have a number.

Where the carrier keeps the number too (``numbers.reserving``), a hold that ends lets the carrier know
by a job.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.core.fields import keyring
from ringup.core.phones import shown
from ringup.core.prepared import prepared
from ringup.core.sentences import Refusal
from ringup.jobs.enqueuing import enqueue
from ringup.numbers.models import Hold, OwnedNumber

HOLD_MINUTES = 15
EXTENSION_MINUTES = 15
# Numbers that one order may select; and live holds of one browser and of one network, all orders
# together.
MOST_PER_DRAFT = 10
MOST_PER_GUEST = 20
MOST_PER_ADDRESS = 60
# Holds a number while its reservation is being ended: a new one must not be mistaken for the old.
NOBODY = uuid.UUID(int=0)
# Stands for the key of a reservation until the carrier's answer is there.
ASKED = "?"

TAKEN = (
    "Somebody else is buying {number} right now. Nothing was charged. "
    "Choose another number from the list."
)
BEING_FREED = (
    "{number} becomes free this moment. Nothing was charged. Choose it again in a few seconds, or "
    "another one."
)
FULL_DRAFT = (
    f"One order can have {MOST_PER_DRAFT} numbers at most. Nothing was changed or charged. Take one "
    "out first, or place this order and begin another."
)
FULL_GUEST = (
    f"{MOST_PER_GUEST} numbers are held for you already, in all your orders together. Nothing was "
    "changed or charged. Take one out of an order, or place an order, then choose this one."
)
FULL_ADDRESS = (
    "Very many numbers are held from your network right now. Nothing was changed or charged. Try "
    "again in a few minutes."
)
EXTENDED = (
    "The time was extended already, which works once. Nothing was charged. Order before it runs out: "
    "your answers are kept in any case."
)
RAN_OUT = (
    "The time has run out, and the number is no longer held. Nothing was charged and your answers "
    "are kept. Choose the number again: it may still be free."
)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whom a hold is for, and whom it counts for. ``holder`` is the draft's uid; ``guest`` and
    ``address`` are keyed digests, and an empty one counts for nobody. ``others`` are the uids of what
    else this browser is writing as a guest."""

    holder: uuid.UUID
    guest: str = ""
    address: str = ""
    others: frozenset[uuid.UUID] = frozenset()


def buyer_of(holder: uuid.UUID, *, session: str, address: str) -> Buyer:
    """The buyer behind a browser's session key and a network address, neither of which is kept."""
    return Buyer(holder, _digest(session, "hold-guest"), _digest(address, "hold-address"))


def _digest(text: str, purpose: str) -> str:
    return keyring().digest(text, purpose=purpose)[:32] if text else ""


# -- holding --------------------------------------------------------------------------------------


def hold(e164: str, *, account: CarrierAccount, buyer: Buyer, is_soft: bool = False) -> Hold:
    """Keep ``e164`` for the buyer, beside what he holds already. His own hold that runs, or his
    lock, is returned as it is; one that his browser has for another draft comes over to this one.

    Refuses a number that another buyer holds, that is locked by an order, or that we own; and one
    more than a draft, a guest or an address may hold. Whoever holds several numbers in one
    transaction does so in their order, so that two buyers never wait for each other.
    """
    try:
        with transaction.atomic():
            _queue(buyer)
            if buyer.guest:
                _held(e164).filter(guest=buyer.guest).update(holder=buyer.holder)
            for own in _own(e164, buyer.holder, account.pk):
                if own.state == Hold.State.LOCKED or own.expires > timezone.now():
                    return own
            held = _insert(e164, account=account, buyer=buyer, is_soft=is_soft)
            # Behind the insert: from here on nobody else can have ordered it unseen.
            if _owned(e164):
                raise taken(e164)
            _require_few(buyer)
    except IntegrityError as error:
        raise taken(e164) from error
    return held


@prepared
def _own(e164: str, holder: uuid.UUID, account: int) -> QuerySet[Hold]:
    return Hold.objects.filter(e164=e164, holder=holder, account=account)


@prepared
def _owned(e164: str) -> QuerySet[OwnedNumber, tuple[int]]:
    rows = OwnedNumber.objects.filter(e164=e164).exclude(state=OwnedNumber.State.RELEASED)
    return rows.values_list("pk")[:1]


def _insert(e164: str, *, account: CarrierAccount, buyer: Buyer, is_soft: bool) -> Hold:
    """The new row; ``IntegrityError`` where another buyer's is there."""
    now = timezone.now()
    return Hold.objects.create(
        e164=e164,
        account=account,
        holder=buyer.holder,
        guest=buyer.guest,
        address=buyer.address,
        is_soft=is_soft,
        reservation=_clear(e164, account, buyer, now),
        expires=now + timedelta(minutes=HOLD_MINUTES),
    )


def _clear(e164: str, account: CarrierAccount, buyer: Buyer, now: datetime) -> str:
    """Remove the hold that ran out, or that the same buyer has from another account. The carrier's
    reservation is the number's, not the buyer's: the key of one at this account is handed on."""
    for old in _locked(e164):
        if old.expires > now and old.holder != buyer.holder:
            return ""
        row = Hold.objects.filter(pk=old.pk)
        if old.account_id != account.pk:
            _delete(row)
            return ""
        row.delete()
        return old.reservation
    return ""


@prepared
def _locked(e164: str) -> QuerySet[Hold]:
    return Hold.objects.select_for_update().filter(e164=e164, state=Hold.State.HELD)


def taken(e164: str) -> Refusal:
    """The refusal for a number that is somebody else's."""
    ending = Hold.objects.filter(e164=e164, holder=NOBODY).exists()
    words = BEING_FREED if ending else TAKEN
    return Refusal(words.format(number=shown(e164)), field="number")


def _queue(buyer: Buyer) -> None:
    """One after the other, who counts against the same limits, until the transaction ends: what is
    counted after the insert is then exact. On SQLite writers are alone anyway."""
    if connection.vendor != "postgresql":
        return
    digests = {str(buyer.holder), buyer.guest, buyer.address} - {""}
    locks = sorted(_lock_number(digest) for digest in digests)
    with connection.cursor() as cursor:
        # One after the other, as they stand in the list.
        cursor.execute("SELECT pg_advisory_xact_lock(one) FROM unnest(%s::bigint[]) one", [locks])


def _lock_number(digest: str) -> int:
    return int.from_bytes(uuid.uuid5(NOBODY, digest).bytes[:8], signed=True)


def _require_few(buyer: Buyer) -> None:
    # A few dozen rows at most, by these very limits.
    counted = Q(holder=buyer.holder)
    if buyer.guest:
        counted |= Q(guest=buyer.guest)
    if buyer.address:
        counted |= Q(address=buyer.address)
    rows = list(_running().filter(counted).values_list("holder", "guest", "address"))
    for place, (wanted, most, words) in enumerate(
        (
            (buyer.holder, MOST_PER_DRAFT, FULL_DRAFT),
            (buyer.guest, MOST_PER_GUEST, FULL_GUEST),
            (buyer.address, MOST_PER_ADDRESS, FULL_ADDRESS),
        )
    ):
        if wanted and sum(row[place] == wanted for row in rows) > most:
            raise Refusal(words, field="number")


def _held(e164: str) -> QuerySet[Hold]:
    """The row of a number that is no order's, if there is one; its time may be over."""
    return Hold.objects.filter(e164=e164, state=Hold.State.HELD)


def _running() -> QuerySet[Hold]:
    return Hold.objects.filter(state=Hold.State.HELD, expires__gt=timezone.now())


# -- looking --------------------------------------------------------------------------------------


def held_by(holder: uuid.UUID) -> list[Hold]:
    """The holds that still run, and the locks, oldest first."""
    return _held_by(holder, timezone.now())


@prepared
def _held_by(holder: uuid.UUID, now: datetime) -> QuerySet[Hold]:
    rows = Hold.objects.filter(holder=holder).order_by("pk")
    return rows.exclude(state=Hold.State.HELD, expires__lte=now)


def held_by_others(
    e164s: list[str], *, holder: uuid.UUID | None, now: datetime | None = None
) -> set[str]:
    """Which of these numbers other buyers hold or have, so that the list can leave them out: a
    carrier's search may still name what was bought a minute ago."""
    now = now or timezone.now()
    rows = Hold.objects.filter(e164__in=e164s).exclude(state=Hold.State.HELD, expires__lte=now)
    if holder is not None:
        rows = rows.exclude(holder=holder)
    bought = OwnedNumber.objects.filter(e164__in=e164s).exclude(state=OwnedNumber.State.RELEASED)
    return {*rows.values_list("e164", flat=True), *bought.values_list("e164", flat=True)}


# -- longer ---------------------------------------------------------------------------------------


def extendable(holder: uuid.UUID) -> list[Hold]:
    """The holds that run and were not extended yet. Refuses, and says why, when there is none."""
    running = list(_running().filter(holder=holder).order_by("e164"))
    fresh = [row for row in running if not row.is_extended]
    if not fresh:
        raise Refusal(EXTENDED if running else RAN_OUT, field="number")
    return fresh


def extend(holder: uuid.UUID, *, ends: Mapping[str, datetime] | None = None) -> datetime:
    """Give all holds of a draft more time, each once; ``ends`` says where the carrier keeps a number
    no longer. Returns when the first of the draft's holds ends. Refuses when there is none to extend.
    """
    known = ends or {}
    with transaction.atomic():
        moved = 0
        for row in extendable(holder):
            until = row.expires + timedelta(minutes=EXTENSION_MINUTES)
            mine = _running().filter(pk=row.pk, is_extended=False)
            moved += mine.update(is_extended=True, expires=min(until, known.get(row.e164, until)))
        if not moved:
            raise Refusal(EXTENDED, field="number")
        return min(_running().filter(holder=holder).values_list("expires", flat=True))


def keep_until(e164: str, *, holder: uuid.UUID, until: datetime) -> None:
    """Hold a number so long, however often it was extended: its buyer was asked something."""
    _held(e164).filter(holder=holder).update(expires=until, is_extended=True)


# -- ordering -------------------------------------------------------------------------------------


def lock(e164: str, *, holder: uuid.UUID, account: CarrierAccount) -> None:
    """Turn the hold into a lock, in the caller's transaction. An expired hold that nobody took in
    between still counts; otherwise refuses. Several are locked in their order, as in ``hold``."""
    own = _held(e164).filter(holder=holder)
    if own.filter(account=account).update(state=Hold.State.LOCKED) == 1:
        return
    now = timezone.now()
    try:
        with transaction.atomic():
            _delete(own)
            _delete(_held(e164).filter(expires__lte=now))
            Hold.objects.create(
                e164=e164, account=account, holder=holder, state=Hold.State.LOCKED, expires=now
            )
    except IntegrityError as error:
        raise taken(e164) from error


def hand_over(e164: str, *, holder: uuid.UUID, to: uuid.UUID) -> None:
    """The hold goes with its number into another draft of the same buyer. None is no error."""
    _held(e164).filter(holder=holder).update(holder=to)


# -- letting go -----------------------------------------------------------------------------------


def release(e164: str, *, holder: uuid.UUID) -> None:
    """The buyer wants this number no more. A lock stays."""
    _delete(_held(e164).filter(holder=holder))


def keep_only(e164s: Collection[str], *, holder: uuid.UUID) -> None:
    """Release all that the buyer holds but these. Locks stay."""
    held = Hold.objects.filter(holder=holder, state=Hold.State.HELD)
    _delete(held.exclude(e164__in=e164s))


def end(holder: uuid.UUID, *, but: str = "") -> None:
    """The order is over, or the buyer left: nobody holds his numbers any more, ``but`` one that his
    order has instead of another."""
    _delete(Hold.objects.filter(holder=holder).exclude(e164=but))


def end_expired(*, most: int) -> int:
    """Remove up to ``most`` holds whose time ran out, in the caller's transaction; returns how many.
    Passes by those at which somebody is at work."""
    rows = Hold.objects.filter(state=Hold.State.HELD, expires__lte=timezone.now())
    return _delete(rows, most=most, skip_locked=True)


def _delete(rows: QuerySet[Hold], *, most: int | None = None, skip_locked: bool = False) -> int:
    """Remove holds, and let the carrier know where it keeps a number too."""
    with transaction.atomic():
        found = rows.select_related("account").order_by("e164")
        gone = list(found.select_for_update(of=("self",), skip_locked=skip_locked)[:most])
        Hold.objects.filter(pk__in=[row.pk for row in gone]).delete()
        for row in gone:
            if row.reservation:
                end_reservation(row.e164, account=row.account, key=row.reservation)
    return len(gone)


def end_reservation(e164: str, *, account: CarrierAccount, key: str) -> None:
    """Have a job tell the carrier that it need not keep the number. Where the ``key`` is ``ASKED``
    the answer was lost, and the job asks again."""
    enqueue(
        "numbers.end_reservation",
        key=f"reservation/{account.pk}/{e164}/{key}",
        account=str(account.uid),
        e164=e164,
        reservation=key,
    )
