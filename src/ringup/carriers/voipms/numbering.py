"""Telephone numbers as VoIP.ms writes them: ten digits in North America, no plus anywhere."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException

TOLL_FREE_AREAS = ("800", "833", "844", "855", "866", "877", "888")
NORTH_AMERICAN = re.compile(r"\+1([2-9][0-9]{2}[2-9][0-9]{6})")
TEN_DIGITS = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")
KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
PREFIX_ABROAD = "011"


def ten_digits(e164: str) -> str:
    """``2125550100`` for ``+12125550100``; empty for a number outside North America."""
    found = NORTH_AMERICAN.fullmatch(e164)
    return found[1] if found else ""


def did_of(e164: str) -> str:
    """The number as the inventory has it."""
    return ten_digits(e164) or e164.removeprefix("+")


def e164_of(did: str) -> str:
    """The number of an inventory or a list. Ten digits that North America cannot have, such as those
    of Singapore with its country code, are taken for a number abroad."""
    return f"+1{did}" if TEN_DIGITS.fullmatch(did) else f"+{did}"


def dialled(e164: str) -> str:
    """The number as a forwarding dials it; how abroad is dialled is not verified."""
    return ten_digits(e164) or PREFIX_ABROAD + e164.removeprefix("+")


def is_toll_free(digits: str) -> bool:
    """Whether ten digits, or the first of them, belong to a toll-free area code."""
    return digits[:3] in TOLL_FREE_AREAS


def digits_of(wish: str) -> str:
    """Digits and letters of a search as digits of the keypad; everything else is dropped."""
    keyed = wish.upper().translate(KEYPAD)
    return "".join(character for character in keyed if character in "0123456789")


def country_of(e164: str) -> str:
    """``US`` or ``CA`` for a North American number, by its area code; else empty."""
    if not ten_digits(e164):
        return ""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    except NumberParseException:
        return ""
    return region if region in ("US", "CA") else ""
