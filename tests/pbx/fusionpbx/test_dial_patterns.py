"""Which dialled numbers may reach the carrier, number by number."""

from __future__ import annotations

import re

import phonenumbers
import pytest

from ringup.pbx.fusionpbx.dial_patterns import (
    ALLOWED,
    CRISIS_LINE,
    EMERGENCY,
    NO_AREA_CODE,
    REFUSED,
)
from ringup.pbx.port import DialPattern

pytestmark = pytest.mark.once

NANP, TOLL_FREE = DialPattern.NANP, DialPattern.TOLL_FREE
INTERNATIONAL, ISLANDS = DialPattern.INTERNATIONAL, DialPattern.ISLANDS
PREMIUM = DialPattern.PREMIUM
EVERY_EXPRESSION = [*ALLOWED.values(), *REFUSED.values(), EMERGENCY, CRISIS_LINE, NO_AREA_CODE]

# dialled, the only set that would send it, the digits that the set captures
SENT = [
    ("3125550123", NANP, "3125550123"),
    ("13125550123", NANP, "3125550123"),
    ("+13125550123", NANP, "3125550123"),
    ("8085550123", NANP, "8085550123"),
    ("9075550123", NANP, "9075550123"),
    ("6045550123", NANP, "6045550123"),
    ("8005550123", TOLL_FREE, "8005550123"),
    ("+18885550123", TOLL_FREE, "8885550123"),
    ("18009761234", TOLL_FREE, "8009761234"),
    ("18005551212", TOLL_FREE, "8005551212"),
    ("8095550123", ISLANDS, "8095550123"),
    ("+18765550123", ISLANDS, "8765550123"),
    ("17875550123", ISLANDS, "7875550123"),
    ("9005550123", PREMIUM, "9005550123"),
    ("+19005550123", PREMIUM, "9005550123"),
    ("15005550123", PREMIUM, "5005550123"),
    ("7005550123", PREMIUM, "7005550123"),
    ("3129761234", PREMIUM, "3129761234"),
    ("+13129761234", PREMIUM, "3129761234"),
    ("3125551212", PREMIUM, "3125551212"),
    ("18099761234", PREMIUM, "8099761234"),
    ("011442079460000", INTERNATIONAL, "442079460000"),
    ("00442079460000", INTERNATIONAL, "442079460000"),
    ("+442079460000", INTERNATIONAL, "442079460000"),
]
NEVER = [
    "", "1", "+", "911", "933", "988", "411", "5550123", "1001", "*97",
    "1125550123", "3121550123", "31255501234", "312555012", "113125550123", "+113125550123",
    "01113125550123", "0018095550123", "0011809555012", "01118095550123",
    "+011442079460000", "0111", "011", "00", "+0442079460000",
    "0119791234567", "+8816123456789", "00870123456789", "+883510012345678",
    "442079460000", "1011442079460000", "10288", "312-555-0123", "3125550123 ", " 3125550123",
    "3125550123x", "3125550123;ext=1", "+1 3125550123", "٣125550123", "3125550123\n",
]  # fmt: skip
HEARD = [
    ("18095550123", ISLANDS), ("+18091550123", ISLANDS), ("9001234567", PREMIUM),
    ("19000000000", PREMIUM), ("+13129761234", PREMIUM), ("+8816123456789", PREMIUM),
    ("011442079460000", INTERNATIONAL), ("0111", INTERNATIONAL), ("001", INTERNATIONAL),
    ("+442079460000", INTERNATIONAL), ("+8095550123", INTERNATIONAL), ("+1312555", INTERNATIONAL),
]  # fmt: skip


def matching(expressions: dict[DialPattern, str], number: str) -> set[DialPattern]:
    # As PCRE in FreeSWITCH: \d means ASCII digits, and $ also stands before a last line feed,
    # which no dialled number can hold.
    return {
        pattern
        for pattern, expression in expressions.items()
        if re.search(expression.replace("$", r"\Z"), number, re.ASCII)
    }


@pytest.mark.parametrize(("dialled", "pattern", "digits"), SENT)
def test_a_number_belongs_to_one_set(dialled: str, pattern: DialPattern, digits: str) -> None:
    assert matching(ALLOWED, dialled) == {pattern}
    match = re.search(ALLOWED[pattern], dialled, re.ASCII)
    assert match is not None
    assert match.groups() == (digits,)


@pytest.mark.parametrize("dialled", NEVER)
def test_what_is_no_number_belongs_to_none(dialled: str) -> None:
    assert matching(ALLOWED, dialled) == set()


@pytest.mark.parametrize(("dialled", "pattern"), HEARD)
def test_a_closed_set_is_refused_wider_than_it_would_be_open(
    dialled: str, pattern: DialPattern
) -> None:
    assert pattern in matching(REFUSED, dialled)


def test_whatever_a_set_sends_its_refusal_refuses() -> None:
    for dialled, pattern, _ in SENT:
        assert pattern in matching(REFUSED, dialled), dialled


def test_refusals_leave_ordinary_numbers_alone() -> None:
    for dialled, pattern, _ in SENT:
        if pattern in (NANP, TOLL_FREE):
            others = {other for other in REFUSED if other is not pattern}
            assert not matching(REFUSED, dialled) & others, dialled


def test_every_code_outside_the_mainland_is_closed() -> None:
    """Held against the numbering data of libphonenumber: whatever is not the US or Canada."""
    for code in range(200, 1000):
        dialled = f"{code}2340123"
        region = phonenumbers.region_code_for_number(phonenumbers.parse(f"+1{dialled}"))
        if region not in ("US", "CA", None):
            assert matching(ALLOWED, dialled) == {ISLANDS}, (code, region)


def test_every_code_with_a_price_of_its_own_is_closed() -> None:
    kinds = phonenumbers.PhoneNumberType
    for code in range(200, 1000):
        dialled = f"{code}2340123"
        kind = phonenumbers.number_type(phonenumbers.parse(f"+1{dialled}"))
        if kind == kinds.TOLL_FREE:
            assert matching(ALLOWED, dialled) == {TOLL_FREE}, code
        elif kind in (kinds.PREMIUM_RATE, kinds.PERSONAL_NUMBER, kinds.SHARED_COST):
            assert matching(ALLOWED, dialled) == {PREMIUM}, code


def test_ordinary_numbers_of_every_state_and_province_are_open() -> None:
    ordinary = phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
    found = 0
    for code in range(200, 1000):
        number = phonenumbers.parse(f"+1{code}2340123")
        known = phonenumbers.region_code_for_number(number) in ("US", "CA")
        if known and phonenumbers.number_type(number) == ordinary:
            found += 1
            assert matching(ALLOWED, f"{code}2340123") == {NANP}, code
    assert found > 350


def test_expressions_survive_every_place_that_uses_them() -> None:
    for expression in EVERY_EXPRESSION:
        assert not set(expression) & set("<>&\"'/ "), expression
        assert "${" not in expression
        assert "$$" not in expression
        assert expression.startswith("^")
        assert expression.endswith("$")


def test_emergency_numbers_are_exactly_two() -> None:
    for number in ("911", "933"):
        assert re.search(EMERGENCY, number)
    for number in ("9911", "1911", "+1911", "9110", "912", "112"):
        assert not re.search(EMERGENCY, number)
        assert matching(ALLOWED, number) == set()
