"""Which extensions a PBX may have."""

from __future__ import annotations

import pytest

from ringup.core.sentences import Refusal
from ringup.services.seating import Person, Seating, check_first

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("typed", "seats"),
    [("200", 10), ("1001", 10), ("100", 12), ("10000", 500), ("99990", 10), ("912", 21)],
)
def test_a_range_that_fits_is_taken(typed: str, seats: int) -> None:
    assert check_first(typed, seats, field="first_extension") == int(typed)


@pytest.mark.parametrize(
    ("typed", "seats", "words"),
    [
        ("", 1, "Type 3 to 5 digits"),
        ("12", 1, "Type 3 to 5 digits"),
        ("123456", 1, "Type 3 to 5 digits"),
        ("0100", 1, "do not begin with 0"),
        ("*97", 1, "Codes with \\* or # are the PBX's own"),
        ("٢٠٠", 1, "Type 3 to 5 digits"),
        ("995", 10, "would end at 1004, which has more digits. Begin at 990 or lower."),
        ("200", 901, "more digits. Use more digits."),
        ("911", 1, "would include 911, which people dial for help"),
        ("905", 10, "would include 911"),
        ("930", 10, "would include 933"),
        ("980", 10, "would include 988"),
        ("110", 5, "would include 112"),
        ("5890", 11, "parks calls at 5900 to 5999"),
        ("5999", 1, "parks calls"),
    ],
)
def test_a_range_that_would_hurt_is_refused(typed: str, seats: int, words: str) -> None:
    with pytest.raises(Refusal, match=words) as refusal:
        check_first(typed, seats, field="first_extension")
    assert refusal.value.field == "first_extension"


def test_people_are_seated_in_a_row_and_the_rest_is_called_as_its_extension() -> None:
    seating = Seating(first=200, people=(Person("Anna", "anna@x.example"), Person()), ring=2)
    rows = seating.extensions(3)
    assert [(row.extension, row.name, row.email) for row in rows] == [
        ("200", "Anna", "anna@x.example"), ("201", "Extension 201", ""), ("202", "Extension 202", ""),
    ]  # fmt: skip
    assert [row.is_named for row in rows] == [True, False, False]
    assert (seating.rings(3), seating.rings(2)) == ("202", "200")
    assert len(seating.extensions(1)) == 1
