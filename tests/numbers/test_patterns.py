"""What people type, and what it means."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringup.numbers import patterns
from ringup.numbers.patterns import Pattern
from tests.numbers.questions import STABLE

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("typed", "parts", "where"),
    [
        ("RING", ["7464"], ""),
        ("555", ["555"], ""),
        ("(416) 555-01", ["41655501"], ""),
        ("*7464", ["7464"], "$"),
        ("416*", ["416"], "^"),
        ("*555*", ["555"], ""),
        ("416*77?7", ["416", "77?7"], "^$"),
        ("4*1*6", ["4", "1", "6"], "^$"),
        ("77?7", ["77?7"], ""),
        ("?5", ["?5"], ""),
        ("", [], ""),
        ("***", [], ""),
        ("?*?", [], ""),
        ("' OR 1=1 --;<b>%00", ["6711200"], ""),
        ("café", ["2233"], ""),
        ("４１６", ["416"], ""),
        ("٤١٦", ["416"], ""),
        ("\u200f416\u200e", ["416"], ""),
        ("\u202e416\u202c", ["416"], ""),
        # No number has more than fifteen digits: what stands behind them is not read.
        ("*12345678901234567", ["123456789012345"], ""),
        ("1*2" * 9, ["1", *["21"] * 7], "^"),
    ],
)
def test_what_is_typed_becomes_runs_of_digits(typed: str, parts: list[str], where: str) -> None:
    pattern = patterns.read(typed)
    anchors = ("^" if pattern.starts else "") + ("$" if pattern.ends else "")
    assert ([*pattern.parts], anchors) == (parts, where)
    assert pattern.calling_code == ""


@pytest.mark.parametrize(
    ("typed", "code", "digits"),
    [
        ("+1 416-555-0142", "1", "4165550142"),
        ("1 416 555 0142", "1", "4165550142"),
        ("1-800-FLOWERS", "1", "8003569377"),
        ("+1416", "1", "416"),
        ("\u200f+1 212", "1", "212"),
        ("（+１） 416", "1", "416"),
        ("tel:+1-416-555-0142;ext=7", "1", "4165550142"),
        ("+49 (0)30 12345", "49", "3012345"),
        ("0049 30 1234567", "49", "301234567"),
        ("011 44 20 7946 0958", "44", "2079460958"),
        ("442079460958", "44", "2079460958"),
        ("+39 06 698", "39", "06698"),
    ],
)
def test_a_whole_number_is_taken_apart(typed: str, code: str, digits: str) -> None:
    pattern = patterns.read(typed)
    assert pattern == Pattern((digits,), starts=True, calling_code=code, letters=pattern.letters)


@pytest.mark.parametrize(("typed", "code"), [("+1", "1"), ("+4", "4"), ("+35", "35"), ("+", "")])
def test_a_calling_code_may_stand_alone_or_be_begun(typed: str, code: str) -> None:
    assert patterns.read(typed) == Pattern(calling_code=code)
    assert patterns.read(typed).is_empty == (code == "")


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("(416) 555-0142 ext 5", "4165550142"),
        ("(416) 555-0142 ext. 5", "4165550142"),
        ("416-555-0142x22", "4165550142"),
        ("555-0142 x5", "5550142"),
        ("416 555 0142 Toronto", "4165550142"),
        ("800 555 2FLY", "8005552359"),
        ("4X4", "494"),
        ("020 7946 0958", "2079460958"),
        ("030 123456", "30123456"),
        ("007", "007"),
        ("0800", "0800"),
    ],
)
def test_what_is_no_part_of_a_number_is_left_out(typed: str, digits: str) -> None:
    assert patterns.read(typed).parts == (digits,)


@pytest.mark.parametrize(
    ("typed", "fits", "not_fits"),
    [
        ("416*77?7", "4165557787", "4165557778"),
        ("*00", "2125550100", "2125550102"),
        ("77?7", "2127797555", "2127755555"),
        ("+1212", "2125550100", "6465552120"),
        ("RING", "2127464555", "2127465555"),
        ("*1*2*", "5551552555", "5552551555"),
        ("?416", "2416555000", "4165550000"),
    ],
)
def test_a_pattern_knows_what_fits(typed: str, fits: str, not_fits: str) -> None:
    pattern = patterns.read(typed)
    assert pattern.fits(fits, calling_code="1")
    assert not pattern.fits(not_fits, calling_code="1")


def test_a_calling_code_belongs_to_the_question() -> None:
    assert patterns.read("+1416").fits("4165550142", calling_code="1")
    assert not patterns.read("+1416").fits("4165550142", calling_code="7")
    assert patterns.read("+4").fits("301234567", calling_code="49")


@pytest.mark.parametrize("typed", ["416", " 4-1-6 ", "(416)", "٤١٦"])
def test_three_digits_alone_may_be_an_area(typed: str) -> None:
    pattern = patterns.read(typed)
    assert pattern.is_area
    assert pattern.at_the_start == patterns.read("416*")


@pytest.mark.parametrize(
    "typed", ["41", "4165", "416*", "*416", "+1416", "41?", "ANT", "4*1*6", ""]
)
def test_anything_else_is_no_area(typed: str) -> None:
    assert not patterns.read(typed).is_area


def test_letters_are_shown_over_the_digits_they_dial() -> None:
    pattern = patterns.read("ring1")
    assert pattern.letters == (("R", "7"), ("I", "4"), ("N", "6"), ("G", "4"), ("1", "1"))
    assert pattern.dialled == "74641"
    assert patterns.read("555").letters == ()


@pytest.mark.parametrize(
    ("typed", "national", "marked"),
    [
        ("555", "4165550142", ["555"]),
        ("416*4?", "4165550142", ["416", "42"]),
        ("*5*0*", "4165550142", ["5", "0"]),
        ("999", "4165550142", []),
        ("", "4165550142", []),
    ],
)
def test_the_typed_digits_are_found_again(typed: str, national: str, marked: list[str]) -> None:
    spans = patterns.read(typed).spans(national)
    assert [national[begin:end] for begin, end in spans] == marked


ODD = st.sampled_from("0123456789+*?()-. \x00\u200f\u202e\ud800%_'\"<٤४🕿é﷽ß")
texts = st.text() | st.text(ODD, max_size=60) | st.text(ODD, min_size=1).map(lambda text: text * 99)


@settings(max_examples=150, **STABLE)
@given(text=texts)
def test_every_text_is_a_question(text: str) -> None:
    pattern = patterns.read(text)
    assert sum(map(len, pattern.parts)) <= patterns.MOST_DIGITS
    assert all(set(part) <= set("0123456789?") for part in pattern.parts)
    assert len(pattern.letters) <= patterns.LONGEST
    assert not (pattern.parts and not pattern.digits)
    if pattern.fits("4165550142", calling_code="1"):
        spans = pattern.spans("4165550142")
        assert len(spans) == len(pattern.parts)
        assert spans == sorted(spans)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("1" * 10_000, 15),
        ("1*" * 5_000, 15),
        ("A" * 10_000, 15),
        ("\u0301" * 10_000, 0),
        ("\ufdfa" * 10_000, 0),
    ],
)
def test_a_long_text_is_cut(text: str, digits: int) -> None:
    pattern = patterns.read(text)
    assert pattern.count == digits
    assert pattern.fits("8" * 15) == (digits == 0)
