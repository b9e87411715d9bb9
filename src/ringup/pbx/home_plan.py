"""How numbers are dialled in a country outside North America: what a PBX there calls its own.

From the tables of libphonenumber, which knows for each country how numbers begin inside it, which of
them cost extra, and what is dialled in an emergency. No Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from phonenumbers import PhoneMetadata, PhoneNumberDesc

# Countries that write the leading zero of a number also behind the country code.
_KEEPS_ZERO = ("IT", "SM", "VA")


@dataclass(frozen=True, slots=True)
class HomePlan:
    """``number`` is a regular expression for the digits behind ``calling_code`` of all that may be
    called in the country, ``costly`` for what costs extra there and ``emergency`` for the short numbers
    of police and ambulance. Inside the country a number is dialled with ``trunk_prefix`` before it."""

    country: str
    calling_code: str
    trunk_prefix: str
    number: str
    costly: str
    emergency: str


@cache
def home_plan(country: str) -> HomePlan | None:
    """The plan of an ISO country; None for North America, which has sets of its own, and for what
    nobody knows."""
    known = PhoneMetadata.metadata_for_region(country) if country else None
    if known is None or known.country_code == 1:
        return None
    short = PhoneMetadata.short_metadata_for_region(country)
    costly = _any_of(known.premium_rate, known.shared_cost)
    # Seven digits and less are the numbers of one place, which a PBX has none of.
    lengths = sorted(
        {length for length in _lengths(known.fixed_line, known.mobile) if length >= 7} or {7, 14}
    )
    first = r"\d" if country in _KEEPS_ZERO else "[1-9]"
    number = rf"{first}\d{{{lengths[0] - 1},{lengths[-1] - 1}}}"
    return HomePlan(
        country=country,
        calling_code=str(known.country_code),
        trunk_prefix=known.national_prefix or "",
        number=rf"(?!(?:{costly})$){number}" if costly else number,
        costly=costly,
        emergency=_any_of(short.emergency if short else None),
    )


def _any_of(*kinds: PhoneNumberDesc | None) -> str:
    patterns = (kind.national_number_pattern for kind in kinds if kind is not None)
    return "|".join(pattern for pattern in patterns if pattern)


def _lengths(*kinds: PhoneNumberDesc | None) -> set[int]:
    return {
        length
        for kind in kinds
        if kind is not None
        for length in kind.possible_length
        if length > 0
    }
