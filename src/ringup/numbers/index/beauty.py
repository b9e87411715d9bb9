"""How easily a number is remembered: repeated digits and sequences, above all at its end. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ringup.numbers.index.nibbles import BITS, U8, U64, chunks

MOST = 255
_EACH = 4
_AT_THE_END = 8

_Scores = npt.NDArray[np.int16]


def beauty(digits: U64, lengths: U8) -> U8:
    """A score of 0 to 255 for the last ``lengths`` digits of each number, packed as nibbles.

    A run of r equal digits counts 4(r-1)², a rising or falling sequence of s digits 4(s-2)²; a run
    at the end counts 8(r-1) more, a sequence there 8(s-2). So 5550000 beats 5551234, which beats
    5557392.
    """
    score = np.empty(len(digits), np.uint8)
    for part in chunks(len(digits)):
        score[part] = np.minimum(_scores(digits[part], lengths[part]), MOST)
    return score


def _scores(digits: U64, lengths: U8) -> _Scores:
    """From the last digit to the first. ``run`` and ``sequence`` are what ends at this place."""
    score = np.zeros(len(digits), np.int16)
    run, sequence = np.ones(len(digits), np.int16), np.ones(len(digits), np.int16)
    at_end: Any = True
    step: Any = None
    after = _digit(digits, 0)
    for place in range(1, int(lengths.max(initial=0))):
        now = _digit(digits, place)
        is_there = lengths > place
        change = after - now
        goes_on = is_there & (change == step) if step is not None else is_there
        # At the end is what began with the last digit and has not changed its step since.
        at_end = at_end & goes_on
        bonus = _AT_THE_END * at_end
        same, moves = (change == 0) & is_there, (np.abs(change) == 1) & is_there
        score += same * (_EACH * (2 * run - 1) + bonus)
        sequence = np.where(moves & goes_on, sequence + 1, 2)
        score += (moves & (sequence >= 3)) * (_EACH * (2 * sequence - 5) + bonus)
        run = np.where(same, run + 1, 1)
        step, after = change, now
    return score


def _digit(digits: U64, place: int) -> npt.NDArray[np.int8]:
    return ((digits >> np.uint64(BITS * place)) & np.uint64(15)).astype(np.int8)
