"""From a pattern to rows. Numbers are short, so a run of digits is a stretch of at most a dozen
orders, found by bisection; what a run cannot say (``?``, several parts) is checked on its rows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ringup.numbers.index.columns import U8, U32, U64, Columns
from ringup.numbers.patterns import Pattern

_CHUNK = 65_536
# Rows beyond which marking them is cheaper than sorting.
_MANY = 2_000_000


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits of a part. ``from_start`` and ``to_end`` count the digits before and behind them, where
    the pattern fixes that."""

    digits: str
    from_start: int | None
    to_end: int | None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Rows ``low`` to ``high`` of the order by the last ``q`` digits, of which those with national
    numbers of ``length`` digits count; None: all."""

    q: int
    low: int
    high: int
    length: int | None = None


@dataclass(slots=True)
class Matcher:
    columns: Columns
    _views: dict[int, memoryview] = field(default_factory=dict)
    _e164: memoryview = field(init=False)
    _lengths: list[int] = field(init=False)

    def __post_init__(self) -> None:
        # A memoryview gives plain integers, which bisection reads much faster than numpy's.
        self._e164 = self.columns.e164.data
        self._lengths = [int(length) for length in np.unique(self.columns.length)]
        self._views = {q: order.data for q, order in self.columns.orders.items()}

    def rows(self, pattern: Pattern) -> U32:
        """The rows whose national digits fit, ascending. The pattern must have digits."""
        choices = [(run, self._stretches(run)) for run in _runs(pattern)]
        run, stretches = min(choices, key=lambda one: sum(s.high - s.low for s in one[1]))
        rows = self._union(stretches)
        says_all = len(pattern.parts) == 1 and run.digits == pattern.parts[0]
        return rows if says_all else rows[self._checked(rows, pattern)]

    def row_of(self, e164: int) -> list[int]:
        """The rows of one number: more than one where several accounts sell it."""
        found: list[int] = []
        for q in self._lengths:
            low, high = self._bounds(q, str(e164)[-q:].rjust(q, "0"))
            found += [row for row in self._views[q][low:high] if self._e164[row] == e164]
        return sorted(set(found))

    def _stretches(self, run: _Run) -> list[_Stretch]:
        size = len(run.digits)
        if run.to_end is not None:
            choices: list[tuple[int, int | None]] = [(run.to_end + size, None)]
        elif run.from_start is not None:
            start = run.from_start
            choices = [(length - start, length) for length in self._lengths]
        else:
            choices = [(q, None) for q in self._views]
        return [
            _Stretch(q, *self._bounds(q, run.digits), length)
            for q, length in choices
            if q >= size and q in self._views
        ]

    def _bounds(self, q: int, digits: str) -> tuple[int, int]:
        """Where in the order by the last q digits those stand that begin with ``digits``."""
        modulus: int = 10**q
        unit = 10 ** (q - len(digits))
        order, e164, value = self._views[q], self._e164, int(digits) * unit

        def key(row: int) -> int:
            return int(e164[row]) % modulus

        low = bisect_left(order, value, key=key)
        return low, bisect_left(order, value + unit, lo=low, key=key)

    def _union(self, stretches: list[_Stretch]) -> U32:
        found = []
        for stretch in stretches:
            rows = self.columns.orders[stretch.q][stretch.low : stretch.high]
            if stretch.length is not None and len(self._lengths) > 1:
                rows = rows[self.columns.length[rows] == stretch.length]
            found.append(rows)
        if sum(map(len, found)) > _MANY:
            return self._marked(found)
        rows = np.sort(np.concatenate(found)) if found else np.empty(0, np.uint32)
        if len(found) < 2 or not len(rows):
            return rows
        first = np.ones(len(rows), bool)
        np.not_equal(rows[1:], rows[:-1], out=first[1:])
        return rows[first]

    def _marked(self, found: list[U32]) -> U32:
        """The same, where marking rows is cheaper than sorting them."""
        mark = np.zeros(self.columns.size, bool)
        for rows in found:
            mark[rows] = True
        return np.flatnonzero(mark).astype(np.uint32)

    def _checked(self, rows: U32, pattern: Pattern) -> npt.NDArray[np.bool_]:
        """Which of the rows fit: the digits of a few thousand at a time stay in the cache."""
        fits = np.zeros(len(rows), bool)
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            lengths = self.columns.length[chunk]
            for length in np.unique(lengths):
                here = np.flatnonzero(lengths == length)
                digits = _digits(self.columns.e164[chunk[here]], int(length))
                fits[start + here] = _fit(digits, pattern)
        return fits


def _digits(e164: U64, length: int) -> U8:
    """The national digits, one row of the result for each place from the left."""
    digits = np.empty((length, len(e164)), np.uint8)
    left = e164
    for place in range(length - 1, -1, -1):
        rest = left // np.uint64(10)
        digits[place] = left - rest * np.uint64(10)
        left = rest
    return digits


def _runs(pattern: Pattern) -> Iterator[_Run]:
    last = len(pattern.parts) - 1
    for place, part in enumerate(pattern.parts):
        is_first, is_last = pattern.starts and place == 0, pattern.ends and place == last
        for run in re.finditer(r"[0-9]+", part):
            yield _Run(
                run[0],
                from_start=run.start() if is_first else None,
                to_end=len(part) - run.end() if is_last else None,
            )


def _fit(digits: U8, pattern: Pattern) -> npt.NDArray[np.bool_]:
    """Part after part, each as far to the left as it fits behind the one before: if the whole fits
    at all, it fits so."""
    length, count = digits.shape
    fits = np.ones(count, bool)
    behind = np.zeros(count, np.int8)
    for place, part in enumerate(pattern.parts):
        fixed = [(offset, int(char)) for offset, char in enumerate(part) if char != "?"]
        found = np.full(count, -1, np.int8)
        for start in _starts(pattern, place, length):
            here = behind <= start
            for offset, digit in fixed:
                here &= digits[start + offset] == digit
            found[here] = start
        fits &= found >= 0
        behind = found + np.int8(len(part))
    return fits


def _starts(pattern: Pattern, place: int, length: int) -> range:
    """Where a part may begin, from right to left: the last that is written is the leftmost."""
    first, last = 0, length - len(pattern.parts[place])
    if pattern.ends and place == len(pattern.parts) - 1:
        first = max(last, 0)
    if pattern.starts and place == 0:
        last = min(last, 0)
    return range(last, first - 1, -1)
