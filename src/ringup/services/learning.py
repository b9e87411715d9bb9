"""The digits of a number that was ordered by its place, learnt when the carrier has given them."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from ringup.core.failures import NotOurs, OurFault
from ringup.core.phones import NotANumber, shown, to_e164
from ringup.numbers.models import OwnedNumber
from ringup.services.models import Service


def learn_digits(number: OwnedNumber, e164: str) -> bool:
    """Write the digits that the carrier gave to ``number``, which was known by its place, and call
    its service by them. True when they are new; a second time, and empty digits, change nothing.

    ``NotOurs`` when the number has other digits already, or another of our numbers has these;
    ``OurFault`` when they are no number. Opens its own transaction; the carrier is not asked here.
    """
    if not e164 or e164 == number.e164:
        return False
    _require_number(e164)
    try:
        with transaction.atomic():
            fresh = OwnedNumber.objects.filter(pk=number.pk, e164="").update(e164=e164)
            if fresh:
                Service.objects.filter(number=number.pk).update(name=e164)
    except IntegrityError as error:
        raise NotOurs(_conflict(number, e164)) from error
    if not fresh:
        number.refresh_from_db(fields=["e164"])
        if number.e164 != e164:
            raise NotOurs(
                f"{number.account.name} says that reference {number.uid} is {e164}; in our books it "
                f"is {number.e164}. Nothing was changed. Find out which is right before you go on."
            )
        return False
    number.e164 = e164
    return True


def _require_number(e164: str) -> None:
    try:
        is_number = to_e164(e164) == e164
    except NotANumber:
        is_number = False
    if not is_number:
        raise OurFault(f"{e164!r}, which the carrier gave, is no number of the form +14165550142")


def _conflict(number: OwnedNumber, e164: str) -> str:
    other = OwnedNumber.objects.filter(e164=e164, released=None).exclude(pk=number.pk).first()
    whose = f" as number {other.uid} of {other.client}" if other else ""
    return (
        f"{number.account.name} gave {shown(e164)} for reference {number.uid}, but that number stands "
        f"in our books already{whose}. Nothing was changed. Find out whose it is before you go on."
    )
