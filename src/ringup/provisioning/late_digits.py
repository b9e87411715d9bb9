"""Digits that the carrier chooses: they are known when it has sold the number, not when it is planned."""

from __future__ import annotations

from ringup.core.failures import OurFault
from ringup.numbers.models import OwnedNumber


def digits_of(number: OwnedNumber) -> str:
    """The number's E.164, for a step that cannot work without it: the steps before it learn it."""
    if not number.e164:
        raise OurFault(f"nobody has told yet which number {number.uid} is ({number.words})")
    return number.e164


def identity_of(number: OwnedNumber) -> str:
    """What stands for the number in the digest of a step: the same before and after its digits are
    known."""
    return str(number.uid) if number.is_by_place else number.e164
