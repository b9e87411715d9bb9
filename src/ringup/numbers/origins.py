"""Where a telephone number comes from, as libphonenumber's own data tells: country, region, place and
kind. No Django, and nobody outside is asked.

Its data names the place of a number's range, not of its owner, and where a number was ported to it
does not know. For +1 it gives ``New York, NY`` or, for overlay codes, the state alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberType,
    ValidationResult,
    geocoder,
)

from ringup.carriers.port import NumberType
from ringup.core.phones import calling_code

US = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia",
    "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois",
    "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York",
    "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
    "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia",
    "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip
CA = {
    "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
    "NL": "Newfoundland and Labrador", "NS": "Nova Scotia", "NT": "Northwest Territories",
    "NU": "Nunavut", "ON": "Ontario", "PE": "Prince Edward Island", "QC": "Quebec",
    "SK": "Saskatchewan", "YT": "Yukon",
}  # fmt: skip
REGIONS = {"US": US, "CA": CA}
# What libphonenumber and people call some of them.
_ALSO = {
    "washington state": ("US", "WA"),
    "washington d.c.": ("US", "DC"),
    "washington dc": ("US", "DC"),
    "québec": ("CA", "QC"),
    "newfoundland": ("CA", "NL"),
}
_BY_NAME = {
    name.casefold(): (country, code)
    for country, regions in REGIONS.items()
    for code, name in regions.items()
} | _ALSO
_CITY_AND_STATE = re.compile(r"(?P<city>.+), (?P<state>[A-Z]{2})")
_TYPES = {
    PhoneNumberType.TOLL_FREE: NumberType.TOLL_FREE,
    PhoneNumberType.MOBILE: NumberType.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberType.GEOGRAPHIC,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberType.GEOGRAPHIC,
}
# ``61``, ``1``, ``+1 416 555 0142``, ``(020) 7183-8750``, ``020/7183.8750``; no letters, no extension.
_TYPED = re.compile(r"\+?[\d()\s./\u2010-\u2015-]+")
_ROUNDED = re.compile(r"[0-9]+[.,][0-9]+E\+?[0-9]+", re.IGNORECASE)


class NotInService(ValueError):
    """This text is no number that can exist. The message is a sentence that says what is wrong."""


@dataclass(frozen=True, slots=True)
class Origin:
    """``country`` is ISO, empty where the number belongs to no country (+800). ``region`` is a code
    of ``REGIONS``, ``place`` a city; both empty where the data does not tell."""

    country: str
    region: str
    region_name: str
    place: str
    number_type: NumberType


def valid_e164(text: str, *, country: str = "") -> str:
    """``+14165550142`` from what stands in a file. Without ``+`` it is a number of ``country``.
    Stricter than ``core.phones.to_e164``: the number must be in a range that is in service."""
    typed = text.strip()
    if _ROUNDED.fullmatch(typed):
        raise NotInService(
            "A spreadsheet has rounded this number. Make the column text there, and save it again."
        )
    if not _TYPED.fullmatch(typed):
        raise NotInService("Write the number with digits alone, for example +14165550142.")
    number = _parsed(typed, country)
    # Seven digits can be dialled within some area codes, but are no whole number.
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise NotInService("This number has too few or too many digits.")
    if not phonenumbers.is_valid_number(number):
        raise NotInService("No such number can exist: its range is not in service.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parsed(typed: str, country: str) -> PhoneNumber:
    try:
        return phonenumbers.parse(typed, country or None)
    except NumberParseException as error:
        if not typed.startswith("+") and not country:
            raise NotInService(
                "Write the number with + and its country code, or fill in the column country."
            ) from error
        raise NotInService("This is no telephone number: check its country code.") from error


def is_of(e164: str, country: str) -> bool:
    """Whether the number can be one of ``country``. What is not bound to a place, for example +1 800,
    may be of any country that shares its calling code."""
    number = phonenumbers.parse(e164)
    if str(number.country_code) != calling_code(country):
        return False
    if phonenumbers.number_type(number) == PhoneNumberType.TOLL_FREE:
        return True
    return phonenumbers.is_valid_number_for_region(number, country)


@lru_cache(maxsize=4096)
def origin_of(e164: str) -> Origin:
    """What the data tells about a valid number."""
    number = phonenumbers.parse(e164)
    country = phonenumbers.region_code_for_number(number) or ""
    number_type = _TYPES.get(phonenumbers.number_type(number), NumberType.NATIONAL)
    region = place = ""
    if number_type in (NumberType.GEOGRAPHIC, NumberType.MOBILE):
        region, place = _place(country, geocoder.description_for_valid_number(number, "en"))
    name = REGIONS.get(country, {}).get(region, "")
    return Origin("" if country == "001" else country, region, name, place, number_type)


def _place(country: str, words: str) -> tuple[str, str]:
    """Region and city of a description, in a country whose regions we know; else a city alone, and
    nothing where it only names the country again."""
    known = REGIONS.get(country)
    if known is None:
        is_city = bool(words) and words != geocoder.country_name_for_number(_example(country), "en")
        return "", words if is_city else ""
    found = _CITY_AND_STATE.fullmatch(words)
    if found is not None and found["state"] in known:
        return found["state"], found["city"]
    return region_of(country, words)[0], ""


@lru_cache(maxsize=512)
def _example(country: str) -> PhoneNumber:
    """Some number of the country."""
    return phonenumbers.example_number(country) or PhoneNumber()


def region_of(country: str, text: str) -> tuple[str, str]:
    """Code and name of a region, from its code (``NY``, ``US-NY``) or its name; two empty texts for
    what is none. Only for the countries of ``REGIONS``."""
    known = REGIONS.get(country, {})
    code = text.strip().upper().removeprefix(f"{country}-")
    if code in known:
        return code, known[code]
    found = _BY_NAME.get(text.strip().casefold())
    if found is None or found[0] != country:
        return "", ""
    return found[1], known[found[1]]
