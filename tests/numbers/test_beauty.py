"""How easily a number is remembered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringup.numbers.index import nibbles
from ringup.numbers.index.beauty import MOST, beauty
from tests.numbers.market import plain_beauty
from tests.numbers.questions import STABLE

pytestmark = pytest.mark.once


def scores(*nationals: str, code: str = "") -> list[int]:
    digits = nibbles.packed(np.array([int(code + national) for national in nationals], np.uint64))
    lengths = np.array([len(national) for national in nationals], np.uint8)
    return [int(score) for score in beauty(digits, lengths)]


def test_repeats_beat_sequences_and_both_beat_what_nobody_remembers() -> None:
    ranked = ["5550000", "5551234", "5557392", "5183926"]
    assert scores(*ranked) == sorted(scores(*ranked), reverse=True)
    assert len(set(scores(*ranked))) == len(ranked)


def test_the_end_of_a_number_counts_most() -> None:
    at_end, in_front = scores("4165550000", "4160000555")
    assert at_end > in_front
    assert scores("4171234") > scores("1234417")


def test_the_calling_code_is_no_part_of_the_number() -> None:
    assert scores("4165550142", code="1") == scores("4165550142")
    assert scores("1111111", code="11") == scores("1111111")


def test_nothing_is_beyond_the_most() -> None:
    assert scores("1" * 15, "0" * 10, "1", "12") == [MOST, MOST, 0, 0]


@settings(max_examples=200, **STABLE)
@given(nationals=st.lists(st.text("0123456789", min_size=1, max_size=12), min_size=1, max_size=30))
def test_every_number_is_scored_as_one_would_by_hand(nationals: list[str]) -> None:
    assert scores(*nationals, code="47") == [plain_beauty(national) for national in nationals]
