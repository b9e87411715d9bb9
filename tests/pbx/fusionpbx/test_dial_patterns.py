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
    sets_of,
)
from ringup.pbx.home_plan import home_plan
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


# -- at home elsewhere ----------------------------------------------------------------------------

HOME = DialPattern.HOME
# country, dialled, the only set that would send it, the digits that the set captures
SENT_ELSEWHERE = [
    ("ZA", "0215550123", HOME, "215550123"),
    # The code of Johannesburg looks like the way abroad from North America.
    ("ZA", "0115550123", HOME, "115550123"),
    ("ZA", "0821234567", HOME, "821234567"),
    ("ZA", "+27215550123", HOME, "215550123"),
    ("ZA", "27215550123", HOME, "215550123"),
    ("ZA", "0027215550123", HOME, "215550123"),
    ("ZA", "+13125550123", NANP, "3125550123"),
    ("ZA", "0018005550123", TOLL_FREE, "8005550123"),
    ("ZA", "0018095550123", ISLANDS, "8095550123"),
    ("ZA", "00442079460000", INTERNATIONAL, "442079460000"),
    ("DE", "03012345678", HOME, "3012345678"),
    ("DE", "+4915112345678", HOME, "15112345678"),
    ("GB", "02079460000", HOME, "2079460000"),
    ("FR", "0123456789", HOME, "123456789"),
    ("IT", "0612345678", HOME, "0612345678"),
    ("IT", "+390612345678", HOME, "0612345678"),
    ("ES", "912345678", HOME, "912345678"),
    ("NL", "0201234567", HOME, "201234567"),
]
# Costs extra, is an emergency number, an extension, or no number.
NEVER_ELSEWHERE = [
    ("ZA", "0862123456"), ("ZA", "+27900123456"), ("ZA", "0860123456"), ("ZA", "112"), ("ZA", "10111"),
    ("ZA", "1001"), ("ZA", "911"), ("ZA", "0"), ("ZA", "02155501234567"),
    ("ZA", "3125550123"), ("ZA", "008816123456789"), ("DE", "09001234567"), ("DE", "0180123456"),
    ("GB", "09012345678"), ("GB", "999"), ("FR", "0899123456"), ("ES", "112"), ("IT", "892123"),
]  # fmt: skip
ELSEWHERE = ["ZA", "DE", "GB", "FR", "NL", "IT", "ES", "AU", "JP", "BR", "HK", "IS", "MX", "IN"]


@pytest.mark.parametrize(("country", "dialled", "pattern", "digits"), SENT_ELSEWHERE)
def test_at_home_elsewhere_a_number_belongs_to_one_set(
    country: str, dialled: str, pattern: DialPattern, digits: str
) -> None:
    allowed = sets_of(home_plan(country)).allowed
    assert matching(allowed, dialled) == {pattern}
    match = re.search(allowed[pattern], dialled, re.ASCII)
    assert match is not None
    assert match.groups() == (digits,)
    assert pattern in matching(sets_of(home_plan(country)).refused, dialled)


@pytest.mark.parametrize(("country", "dialled"), NEVER_ELSEWHERE)
def test_what_costs_extra_elsewhere_belongs_to_none(country: str, dialled: str) -> None:
    assert matching(sets_of(home_plan(country)).allowed, dialled) == set()


@pytest.mark.parametrize(("country", "number"), [("ZA", "112"), ("ZA", "10111"), ("GB", "999")])
def test_emergency_numbers_are_known_everywhere(country: str, number: str) -> None:
    assert re.search(sets_of(home_plan(country)).emergency, number)
    assert re.search(sets_of(home_plan(country)).emergency, "911")


@pytest.mark.parametrize("country", ELSEWHERE)
def test_ordinary_numbers_of_a_country_are_its_own_and_its_premium_is_closed(country: str) -> None:
    """By the example numbers of libphonenumber."""
    sets, kinds = sets_of(home_plan(country)), phonenumbers.PhoneNumberType
    for kind in (kinds.FIXED_LINE, kinds.MOBILE):
        number = phonenumbers.example_number_for_type(country, kind)
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert matching(sets.allowed, e164) == {HOME}, e164
        assert not re.search(sets.always_refused or "x", e164)
    costly = phonenumbers.example_number_for_type(country, kinds.PREMIUM_RATE)
    if costly is not None:
        e164 = phonenumbers.format_number(costly, phonenumbers.PhoneNumberFormat.E164)
        assert matching(sets.allowed, e164) == set(), e164
        assert re.search(sets.always_refused, e164), e164


@pytest.mark.parametrize("country", ["US", "CA", "JM", "", "??"])
def test_north_america_and_nowhere_have_no_plan_of_their_own(country: str) -> None:
    assert home_plan(country) is None


@pytest.mark.parametrize("country", ELSEWHERE)
def test_no_expression_elsewhere_needs_escaping(country: str) -> None:
    sets = sets_of(home_plan(country))
    whole = [*sets.allowed.values(), *sets.refused.values(), sets.emergency, sets.always_refused]
    assert not [one for one in whole if re.search("[/<>&'\"]", one)]
