"""Taking a difference in hand: one person at a time, with the carrier open, and honest words when it
does not do what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.port import Carrier, CarrierNumber
from ringup.core.failures import NothingHappened, OutcomeUnknown, PortFailure, Refused
from ringup.core.phones import shown
from ringup.core.sentences import Refusal
from ringup.numbers.models import Discrepancy, OwnedNumber, OwnStock

SETTLED = (
    "This was settled meanwhile, by somebody else or because it is gone. You have changed nothing. "
    "Load the page again."
)


@contextmanager
def taken(row: Discrepancy) -> Iterator[Carrier]:
    """The difference as this person's alone, with its carrier open.

    It counts as solved from the beginning, so that nobody else begins. Whatever is raised inside opens
    it again; a failure of the carrier becomes a ``Refusal``. Were this process to die, the next pass
    would find the difference again. Must not be used inside a transaction.
    """
    claim(row)
    try:
        with carrier_for(row.account) as carrier:
            yield carrier
    except PortFailure as failure:
        let_go(row)
        raise Refusal(words_for(row.account, failure)) from failure
    except BaseException:
        let_go(row)
        raise


def claim(row: Discrepancy) -> None:
    """Only one caller passes; the others are refused."""
    require_enabled(row.account)
    rows = Discrepancy.objects.filter(pk=row.pk, kind=row.kind, solved=None)
    if not rows.update(solved=timezone.now()):
        raise Refusal(SETTLED)


def let_go(row: Discrepancy) -> None:
    """It is open again; unless a pass has opened another row for the same meanwhile."""
    try:
        with transaction.atomic():
            Discrepancy.objects.filter(pk=row.pk).update(solved=None)
    except IntegrityError:
        return


def require_enabled(account: CarrierAccount) -> None:
    """A disabled account is not called for anything."""
    if not account.is_enabled:
        raise Refusal(
            f"{account.name} is disabled and is not called for anything. Nothing was changed. "
            "Enable it under Providers first."
        )


def words_for(account: CarrierAccount, failure: PortFailure) -> str:
    """What happened, whether anything was charged, and what to do now."""
    if isinstance(failure, NothingHappened):
        return (
            f"{account.name} does not answer as it should. Nothing was changed and nothing was "
            f"charged. Try again in a minute. ({failure})"
        )
    if isinstance(failure, OutcomeUnknown):
        return (
            f"{account.name} did not confirm it, so nobody knows whether it was done and charged. "
            f"Do not ask for it again before you have looked again. ({failure})"
        )
    if isinstance(failure, Refused):
        return f"{account.name} refused. Nothing was changed and nothing was charged. ({failure})"
    return f"It could not be finished at {account.name}. Look again to see what is so. ({failure})"


def require_nobody_s(e164: str) -> None:
    """Refuses a number that a client has or has ordered, or that stands on the shelf, wherever."""
    rows = OwnedNumber.objects.filter(e164=e164).exclude(state=OwnedNumber.State.RELEASED)
    living = rows.select_related("client").first()
    if living is not None:
        raise Refusal(
            f"{shown(e164)} belongs to {living.client.name}, or is being ordered. Nothing was "
            "changed. Compare with the carrier again."
        )
    shelf = OwnStock.objects.filter(e164=e164).select_related("account").first()
    if shelf is not None:
        raise Refusal(
            f"{shown(e164)} stands on your own shelf, at {shelf.account.name}. Nothing was changed. "
            "Compare with the carrier again."
        )


def require_listed(row: Discrepancy, found: CarrierNumber | None) -> CarrierNumber:
    """What the carrier has now; refuses when it has the number no more."""
    if found is None:
        raise Refusal(
            f"{row.account.name} does not have {shown(row.e164)} any more. Nothing was changed. "
            "Look again, or compare with the carrier."
        )
    return found
