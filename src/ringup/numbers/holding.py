"""Holding a number for one buyer. The unique row is the lock: two buyers cannot both have it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.core.sentences import Refusal
from ringup.numbers.models import Hold, OwnedNumber

HOLD_MINUTES = 15
TAKEN = (
    "Somebody else is buying this number right now. Nothing was charged. "
    "Choose another number from the list."
)


def hold(e164: str, *, account: CarrierAccount, holder: uuid.UUID) -> Hold:
    """Keep ``e164`` for ``holder`` (a draft's uid), and release the holder's other one.

    Refuses a number that another buyer holds, that is locked by an order, or that we own.
    Holding the own number again renews it.
    """
    now = timezone.now()
    expires = now + timedelta(minutes=HOLD_MINUTES)
    if OwnedNumber.objects.filter(e164=e164).exclude(state=OwnedNumber.State.RELEASED).exists():
        raise Refusal(TAKEN, field="number")
    try:
        with transaction.atomic():
            Hold.objects.filter(e164=e164, state=Hold.State.HELD, expires__lte=now).delete()
            Hold.objects.filter(holder=holder, state=Hold.State.HELD).delete()
            return Hold.objects.create(e164=e164, account=account, holder=holder, expires=expires)
    except IntegrityError as error:
        raise Refusal(TAKEN, field="number") from error


def held_by(holder: uuid.UUID) -> Hold | None:
    """The hold that still runs, or the lock."""
    return (
        Hold.objects.filter(holder=holder)
        .exclude(state=Hold.State.HELD, expires__lte=timezone.now())
        .first()
    )


def lock(e164: str, *, holder: uuid.UUID, account: CarrierAccount) -> None:
    """Turn the hold into a lock, in the caller's transaction. An expired hold that nobody took
    in between still counts; otherwise refuses."""
    rows = Hold.objects.filter(e164=e164, holder=holder, state=Hold.State.HELD)
    if rows.update(state=Hold.State.LOCKED, account=account) == 1:
        return
    now = timezone.now()
    try:
        with transaction.atomic():
            Hold.objects.filter(e164=e164, state=Hold.State.HELD, expires__lte=now).delete()
            Hold.objects.create(
                e164=e164, account=account, holder=holder, state=Hold.State.LOCKED, expires=now
            )
    except IntegrityError as error:
        raise Refusal(TAKEN, field="number") from error


def end(holder: uuid.UUID) -> None:
    """The order is over, or the buyer left: nobody holds the number any more."""
    Hold.objects.filter(holder=holder).delete()


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
