"""Digits four bits each: the same order, and patterns looked for in all places at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringup.numbers import patterns
from ringup.numbers.index import nibbles
from tests.numbers.questions import STABLE, texts

pytestmark = pytest.mark.once

nationals = st.lists(st.text("0123456789", min_size=1, max_size=12), min_size=1, max_size=40)
# Of two digits, so that parts lie close together, or would overlap.
close = st.lists(st.text("112?", min_size=1, max_size=3), min_size=2, max_size=3).map("*".join)
anchored = close | close.map("*{}".format) | close.map("{}*".format) | close.map("*{}*".format)
of_two = st.lists(st.text("12", min_size=2, max_size=7), min_size=10, max_size=40)


@settings(max_examples=100, **STABLE)
@given(numbers=st.lists(st.integers(0, 10**15 - 1)))
def test_a_number_reads_as_hexadecimal(numbers: list[int]) -> None:
    packed = nibbles.packed(np.array(numbers, np.uint64))
    assert [f"{digits:x}" for digits in packed] == [str(number) for number in numbers]
    assert (np.argsort(packed) == np.argsort(np.array(numbers, np.uint64))).all()


@settings(max_examples=200, **STABLE)
@given(text=texts, numbers=nationals, code=st.sampled_from(["", "1", "354"]))
def test_what_fits_is_what_the_plain_pattern_says(text: str, numbers: list[str], code: str) -> None:
    compare(text, numbers, code)


@settings(max_examples=200, **STABLE)
@given(text=anchored, numbers=of_two)
def test_parts_do_not_overlap(text: str, numbers: list[str]) -> None:
    compare(text, numbers, "1")


def compare(text: str, numbers: list[str], code: str) -> None:
    pattern = patterns.read(text)
    if not pattern.parts:
        return
    digits = nibbles.packed(np.array([int(f"{code}{number}") for number in numbers], np.uint64))
    lengths = np.array([len(number) for number in numbers], np.uint8)
    wanted = [bool(pattern.regex.search(number)) for number in numbers]
    assert nibbles.fits(digits, lengths, pattern).tolist() == wanted


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 100])
def test_chunks_cover_all_rows_once(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nibbles, "CHUNK", 10)
    for first in (None, 1, 3):
        rows = [row for part in nibbles.chunks(size, first=first) for row in range(size)[part]]
        assert rows == list(range(size))
