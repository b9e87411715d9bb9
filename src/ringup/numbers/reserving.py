"""The carrier's own reservation behind a hold, where the carrier has such a thing.

There is one for a number and account, whoever holds the number: its reference is made from both.
It lives while a row of ``Hold`` has the number, and a job ends it afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import adapter_class, carrier_for
from ringup.carriers.port import Capability, Carrier, Reservation
from ringup.core.failures import (
    NothingHappened,
    NotOurs,
    NumberGone,
    OutcomeUnknown,
    PortFailure,
    Refused,
)
from ringup.core.ids import outside_uuid
from ringup.core.sentences import Refusal
from ringup.jobs.tickets import Ticket
from ringup.numbers import holding, own_stock
from ringup.numbers.models import Hold

log = logging.getLogger(__name__)

SILENT = (
    "Our number supplier does not answer right now, so the number could not be kept for you. "
    "Nothing was charged and your answers are kept. Try again in a minute."
)
# What must be known of a reservation; more than fits into the row is nonsense.
LONGEST_KEY = 80
# How long the number is kept from new buyers, at most, while its reservation is being ended.
ENDING_SECONDS = 60
# A reservation ends by itself: after so many tries nobody has to care.
MOST_TRIES = 5


def can_reserve(account: CarrierAccount) -> bool:
    """Whether the account's carrier keeps numbers for us."""
    return Capability.RESERVE in adapter_class(account.kind).capabilities


def reference_of(account: CarrierAccount, e164: str) -> UUID:
    """Under which reference the account keeps this number for us."""
    return outside_uuid(account.uid, 1, "reservation", e164)


# -- keeping --------------------------------------------------------------------------------------


def keep(account: CarrierAccount, holds: Iterable[Hold]) -> None:
    """Have the carrier, where it can, keep these numbers too, and let each hold end when the first of
    both ends. Numbers of our own shelf are kept already, and wishes are not kept.

    Refuses in plain words when one cannot be kept; those before it may be, and their holds know it.
    A carrier that keeps no more for us, whose share is full for example, keeps nobody from ordering:
    then our own hold stands alone.
    """
    if not can_reserve(account):
        return
    firm = [hold for hold in holds if not hold.is_soft]
    bought = [hold for hold in firm if not own_stock.is_ours(account, hold.e164)]
    _keep_all(account, [(hold, hold.expires) for hold in bought])


def prolong(account: CarrierAccount, holds: Iterable[Hold]) -> dict[str, datetime]:
    """Have the carrier keep these numbers as long as an extension lasts, or as long as it does.
    Returns until when, by number. Refuses in plain words; the holds themselves are not extended."""
    more = timedelta(minutes=holding.EXTENSION_MINUTES)
    return _keep_all(account, [(hold, hold.expires + more) for hold in holds])


def _keep_all(account: CarrierAccount, wanted: list[tuple[Hold, datetime]]) -> dict[str, datetime]:
    for hold, _ in wanted:
        # Before the call: a crash behind it leaves something to clean up.
        Hold.objects.filter(pk=hold.pk, reservation="").update(reservation=holding.ASKED)
    ends: dict[str, datetime] = {}
    if not wanted:
        return ends
    try:
        with carrier_for(account) as carrier:
            for hold, until in wanted:
                ends[hold.e164] = _kept_until(carrier, account, hold, until)
    except (NothingHappened, Refused) as failure:
        missing = [hold.pk for hold, _ in wanted if hold.e164 not in ends]
        Hold.objects.filter(pk__in=missing, reservation=holding.ASKED).update(reservation="")
        words = SILENT if isinstance(failure, NothingHappened) else failure.user_message
        raise Refusal(words, field="number") from failure
    except OutcomeUnknown as failure:
        raise Refusal(SILENT, field="number") from failure
    except PortFailure as failure:
        raise Refusal(failure.user_message, field="number") from failure
    return ends


def _kept_until(carrier: Carrier, account: CarrierAccount, hold: Hold, until: datetime) -> datetime:
    try:
        kept = _keep(carrier, account, hold, until=until)
    except (NumberGone, NotOurs):
        raise
    except Refused as refusal:
        log.warning("%s keeps %s no more for us: %s", account.name, hold.e164, refusal)
        Hold.objects.filter(pk=hold.pk).update(reservation="")
        return until
    _note(hold, kept)
    return kept.ends


def _keep(carrier: Carrier, account: CarrierAccount, hold: Hold, *, until: datetime) -> Reservation:
    kept = _reserve(carrier, account, hold.e164)
    if kept.ends < until and kept.key == hold.reservation:
        # The rest of an earlier one: a new one lasts its full time.
        carrier.end_reservation(kept.key)
        kept = _reserve(carrier, account, hold.e164)
    return kept


def _reserve(carrier: Carrier, account: CarrierAccount, e164: str) -> Reservation:
    reference = reference_of(account, e164)
    try:
        kept = carrier.reserve(e164, reference=reference)
    except OutcomeUnknown:
        try:
            kept = carrier.reserve(e164, reference=reference)
        except NothingHappened as failure:
            raise OutcomeUnknown(f"a reply was lost; then: {failure}") from failure
    if not _makes_sense(kept):
        raise OutcomeUnknown(f"{carrier.label} reserved {e164} with an answer that makes no sense")
    return kept


def _makes_sense(kept: Reservation) -> bool:
    has_key = isinstance(kept.key, str) and 0 < len(kept.key) <= LONGEST_KEY
    return has_key and timezone.is_aware(kept.ends) and kept.ends > timezone.now()


def _note(hold: Hold, kept: Reservation) -> None:
    """Write it to the hold, unless the buyer let the number go meanwhile: then nobody needs it. One
    that he ordered meanwhile, in another window, is a lock and has no end."""
    hold.reservation, hold.expires = kept.key, min(hold.expires, kept.ends)
    with transaction.atomic():
        rows = Hold.objects.filter(pk=hold.pk)
        if not rows.update(reservation=hold.reservation):
            holding.end_reservation(hold.e164, account=hold.account, key=kept.key)
        rows.filter(state=Hold.State.HELD).update(expires=hold.expires)


# -- letting go -----------------------------------------------------------------------------------


def end(ticket: Ticket, *, account: str, e164: str, reservation: str) -> None:
    """Job: end the carrier's reservation of a number that nobody holds any more. Where somebody does
    again, it is his now. Repeatable. Meanwhile a row of nobody keeps new buyers away, who would be
    given the old reservation."""
    row = CarrierAccount.objects.filter(uid=account).first()
    if row is None or not can_reserve(row):
        return
    with ticket.fenced():
        is_free = _close(e164, row)
    if not is_free:
        return
    try:
        _end_outside(row, e164, reservation)
    except Refused as failure:
        log.info("there is no reservation of %s at %s to end: %s", e164, row.name, failure)
    except PortFailure as failure:
        if ticket.attempt < MOST_TRIES:
            raise
        log.warning("the reservation of %s at %s ends by itself: %s", e164, row.name, failure)
    finally:
        with ticket.fenced():
            Hold.objects.filter(e164=e164, holder=holding.NOBODY).delete()


def _close(e164: str, account: CarrierAccount) -> bool:
    """Keep the number from new buyers; False when one has it, at this account."""
    expires = timezone.now() + timedelta(seconds=ENDING_SECONDS)
    nobody = Hold.objects.filter(e164=e164, holder=holding.NOBODY)
    if nobody.update(expires=expires):
        return True
    try:
        with transaction.atomic():
            Hold.objects.create(e164=e164, account=account, holder=holding.NOBODY, expires=expires)
    except IntegrityError:
        return not Hold.objects.filter(e164=e164, account=account).exists()
    return True


def _end_outside(account: CarrierAccount, e164: str, key: str) -> None:
    with carrier_for(account) as carrier:
        if key == holding.ASKED:
            # The answer was lost: the same reference tells what it was.
            key = carrier.reserve(e164, reference=reference_of(account, e164)).key
        carrier.end_reservation(key)
