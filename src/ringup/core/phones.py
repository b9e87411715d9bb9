"""Telephone numbers: always text, always E.164 inside, grouped the national way on screen. No Django."""

from __future__ import annotations

from functools import cache, lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, geocoder

# No country's grouping depends on more than the first seven national digits.
_TELLING = 7
_CODES = frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


class NotANumber(ValueError):
    """This text is no telephone number. The message says what to type."""


def to_e164(text: str, *, country: str = "") -> str:
    """``+14165550142`` from what a person typed. Without ``+`` the ``country`` (ISO) is assumed."""
    try:
        number = phonenumbers.parse(text, country or None)
    except NumberParseException as error:
        raise NotANumber(
            "Type the number with its country code, for example +1 416 555 0142."
        ) from error
    if not phonenumbers.is_possible_number(number):
        raise NotANumber("This number has too few or too many digits. Check it and type it again.")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@lru_cache(maxsize=10_000)
def shown(e164: str) -> str:
    """Grouped for people: ``+1 416-555-0142`` becomes ``+1 416 555 0142``."""
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return e164
    text = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    return text.replace("-", " ")


def groups(calling_code: str, national: str) -> tuple[int, ...]:
    """How many of the national digits ``shown`` puts together: ``(3, 3, 4)``. Cheap for many."""
    return _groups(calling_code, national[:_TELLING], len(national))


@lru_cache(maxsize=20_000)
def _groups(calling_code: str, start: str, length: int) -> tuple[int, ...]:
    national = start.ljust(length, "0")
    found = tuple(len(group) for group in shown(f"+{calling_code}{national}").split()[1:])
    return found if sum(found) == length else (length,)


def national(e164: str) -> str:
    """The digits without country code: ``4165550142``."""
    return phonenumbers.national_significant_number(phonenumbers.parse(e164))


def country_code(e164: str) -> str:
    """The country code's digits: ``1``; empty where the number begins with none."""
    starts = (e164[1 : 1 + size] for size in (1, 2, 3))
    return next((start for start in starts if start in _CODES), "")


def country_of(e164: str) -> str:
    """``CA`` for a Canadian number; empty for what is of no one country, like a freephone number."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    except NumberParseException:
        return ""
    return region if region and region.isalpha() else ""


def calling_code(country: str) -> str:
    """``1`` for ``CA``; empty for what is no country."""
    code = phonenumbers.country_code_for_region(country)
    return str(code) if code else ""


@lru_cache(maxsize=512)
def country_name(country: str) -> str:
    """``South Africa`` for ``ZA``; the code where nobody knows a name."""
    example = phonenumbers.example_number(country)
    return (geocoder.country_name_for_number(example, "en") if example else "") or country


def in_country(country: str) -> str:
    """The same behind "in": ``the United States``."""
    name = country_name(country)
    return f"the {name}" if name.startswith(_WITH_ARTICLE) else name


_WITH_ARTICLE = (
    "United ", "Netherlands", "Philippines", "Dominican Republic", "Bahamas", "Czech Republic",
    "Cayman Islands", "Faroe Islands", "Maldives", "Seychelles", "Comoros", "Gambia",
)  # fmt: skip


@cache
def countries() -> tuple[tuple[str, str], ...]:
    """``("CA", "Canada")`` and all others that have numbers of their own, by name."""
    named = ((code, country_name(code)) for code in phonenumbers.SUPPORTED_REGIONS)
    return tuple(sorted(named, key=lambda country: country[1]))
