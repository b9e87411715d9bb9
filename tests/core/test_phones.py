from __future__ import annotations

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from ringup.core.phones import NotANumber, country_code, groups, national, shown, to_e164

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("typed", "country", "e164"),
    [
        ("+1 416 555 0142", "", "+14165550142"),
        ("(416) 555-0142", "CA", "+14165550142"),
        ("021 001 7464", "ZA", "+27210017464"),
        ("0044 20 7946 0000", "DE", "+442079460000"),
    ],
)
def test_numbers_become_e164(typed: str, country: str, e164: str) -> None:
    assert to_e164(typed, country=country) == e164


@pytest.mark.parametrize("typed", ["", "hello", "12", "4165550142", "+1 416 555 01420000"])
def test_nonsense_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(NotANumber, match=r"\.$"):
        to_e164(typed)


def test_numbers_are_grouped_for_people_and_stay_text() -> None:
    assert shown("+14165550142") == "+1 416 555 0142"
    assert national("+14165550142") == "4165550142"
    assert country_code("+27210017464") == "27"
    assert country_code("+999999999") == "", "no such country"


def test_many_numbers_are_grouped_as_one_is() -> None:
    kinds = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE)
    seen = 0
    for country in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in kinds:
            example = phonenumbers.example_number_for_type(country, kind)
            if example is None:
                continue
            digits = str(example.national_number)
            # Its neighbours share its grouping with it, and with what is remembered of it.
            for e164 in (
                f"+{example.country_code}{digits}",
                f"+{example.country_code}{digits[:-2]}00",
            ):
                words = shown(e164).split()
                if "".join(words) == e164:
                    widths = tuple(len(word) for word in words[1:])
                    assert groups(words[0][1:], "".join(words[1:])) == widths, e164
                    seen += 1
    assert seen > 500
    assert groups("1", "4165550142") == (3, 3, 4)
    assert groups("999", "12345") == (5,), "no such country"
