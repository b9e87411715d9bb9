"""How easily a number is remembered: repeated digits and sequences, above all at its end. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MOST = 255
_EACH = 4
_AT_THE_END = 8


def beauty(digits: npt.NDArray[np.uint64], lengths: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A score of 0 to 255 for the last ``lengths`` digits of each number.

    A run of r equal digits counts 4(r-1)², a rising or falling sequence of s digits 4(s-2)²; a run
    at the end counts 8(r-1) more, a sequence there 8(s-2). So 5550000 beats 5551234, which beats
    5557392.
    """
    score = np.zeros(len(digits), np.int32)
    run, sequence = np.ones(len(digits), np.int32), np.ones(len(digits), np.int32)
    at_end, step = np.ones(len(digits), bool), np.zeros(len(digits), np.int8)
    left = digits // np.uint64(10)
    after = (digits - left * np.uint64(10)).astype(np.int8)
    for place in range(1, int(lengths.max(initial=0))):
        rest = left // np.uint64(10)
        now = (left - rest * np.uint64(10)).astype(np.int8)
        left = rest
        is_there = lengths > place
        change = after - now
        # At the end is what began with the last digit and has not changed its step since.
        at_end &= is_there & ((change == step) if place > 1 else (np.abs(change) <= 1))
        same = (change == 0) & is_there
        goes_on = (np.abs(change) == 1) & is_there
        keeps = goes_on & (change == step)
        score += np.where(same, _EACH * (2 * run - 1) + _AT_THE_END * at_end, 0)
        sequence = np.where(keeps, sequence + 1, np.where(goes_on, 2, 1))
        long = sequence >= 3
        score += np.where(long, _EACH * (2 * (sequence - 2) - 1) + _AT_THE_END * at_end, 0)
        run = np.where(same, run + 1, 1)
        step = change
        after = now
    return np.minimum(score, MOST).astype(np.uint8)
