"""Numbers as their digits, four bits each: ``+14165550142`` is ``0x14165550142``. Pure.

Numbers sort as before, the last q digits are the low 4q bits, and every place of a number is
compared at once, in a handful of operations. In a mask of places, bit 4k stands for the digit that
has k digits behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ringup.numbers.patterns import Pattern

U8 = npt.NDArray[np.uint8]
U64 = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

BITS = 4
# So many numbers at a time stay in the processor's cache.
CHUNK = 16_384
_MOST = 16  # digits in 64 bits
_PLACES = np.uint64(0x1111_1111_1111_1111)
_FOUR_DIGITS = np.array([int(str(number), 16) for number in range(10_000)], np.uint64)
# By the length of a national number: its places, and its first one.
_ALL = np.array([int("1" * n or "0", 16) for n in range(_MOST + 1)], np.uint64)
_FIRST = np.array([0, *(1 << BITS * n for n in range(_MOST))], np.uint64)


def packed(numbers: U64) -> U64:
    """From integers of at most 16 decimal digits."""
    found = np.empty(len(numbers), np.uint64)
    for part in chunks(len(numbers)):
        left, digits = numbers[part], np.zeros(part.stop - part.start, np.uint64)
        for shift in range(0, 64, 16):
            rest = left // np.uint64(10_000)
            digits |= _FOUR_DIGITS[left - rest * np.uint64(10_000)] << np.uint64(shift)
            left = rest
        found[part] = digits
    return found


def chunks(size: int, *, first: int | None = None) -> Iterator[slice]:
    """Slices that cover ``size`` rows; where ``first`` is small, each is larger than the last."""
    start, step = 0, CHUNK if first is None else first
    while start < size:
        stop = min(size, start + step)
        yield slice(start, stop)
        start, step = stop, min(step * 4, CHUNK)


def fits(digits: U64, lengths: U8, pattern: Pattern) -> Mask:
    """Which numbers fit the pattern with their last ``lengths`` digits."""
    found = np.empty(len(digits), bool)
    scan = _Scan(pattern, [np.empty(min(CHUNK, len(digits)), np.uint64) for _ in range(3)])
    for part in chunks(len(digits)):
        length: Any = lengths[part]
        if (length == length[0]).all():
            length = length[0]
        np.not_equal(scan.places(digits[part], length), 0, out=found[part])
    return found


@dataclass(frozen=True, slots=True)
class _Scan:
    """One pattern over many numbers. Results go into ``buffers`` that are used again and again: most
    of the time would be lost with new ones."""

    pattern: Pattern
    buffers: list[U64]

    def places(self, digits: U64, length: Any) -> U64:
        """Not zero where the pattern fits. Part after part from the right, each as far to the right
        as it fits before the one behind: if the whole fits at all, it fits so."""
        found, behind, spare = (buffer[: len(digits)] for buffer in self.buffers)
        pattern, last = self.pattern, len(self.pattern.parts) - 1
        for number in range(last, -1, -1):
            part = pattern.parts[number]
            found, behind = behind, found
            self._fit(part, digits, found, spare)
            # The part's last character has at least so many before it in the number.
            found &= _ALL[length] >> _shift(len(part) - 1)
            if number == last and pattern.ends:
                found &= np.uint64(1)
            if number == 0 and pattern.starts:
                found &= _FIRST[length] >> _shift(len(part) - 1)
            if number < last:
                # All places to the left of the rightmost one that is set.
                np.negative(behind, out=spare)
                behind ^= spare
                if (size := len(pattern.parts[number + 1])) > 1:
                    behind <<= _shift(size - 1)
                found &= behind
        return found

    def _fit(self, part: str, digits: U64, into: U64, spare: U64) -> None:
        """Set bits where the part's last character stands when the part fits; other bits besides."""
        known = [(behind, int(c)) for behind, c in enumerate(reversed(part)) if c != "?"]
        if not known:
            into[:] = 0
        for number, (behind, digit) in enumerate(known):
            # Four bits are zero where the digit stands. Their disjunction goes into the lowest.
            other = spare if number else into
            np.bitwise_xor(digits, _PLACES * np.uint64(digit), out=other)
            if behind:
                other >>= _shift(behind)
            if number:
                into |= other
        np.right_shift(into, np.uint64(1), out=spare)
        into |= spare
        np.right_shift(into, np.uint64(2), out=spare)
        into |= spare
        np.invert(into, out=into)


def _shift(places: int) -> np.uint64:
    return np.uint64(BITS * places)
