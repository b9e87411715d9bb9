from __future__ import annotations

import pytest

from ringup.core.phones import NotANumber, country_code, national, shown, to_e164

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
