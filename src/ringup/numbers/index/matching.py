"""From a pattern to rows. Numbers are short, so a run of digits is a stretch of at most a dozen
orders, found by bisection; what a run cannot say (``?``, several parts) is checked on its rows. Where
that would be a good part of all rows, all are looked at one after the other instead."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ringup.numbers.index.columns import Columns
from ringup.numbers.index.groups import U32
from ringup.numbers.index.hits import Hits
from ringup.numbers.index.nibbles import BITS, U64, fits, packed
from ringup.numbers.packing import LONGEST
from ringup.numbers.patterns import Pattern

# From one row in so many on, looking at all rows is cheaper than sorting some.
_SCANNED = 5

Places = npt.NDArray[np.int64]


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

    def __len__(self) -> int:
        return self.high - self.low


@dataclass(slots=True)
class Matcher:
    columns: Columns
    _digits: memoryview = field(init=False)
    _orders: dict[int, memoryview] = field(init=False)
    _lengths: list[int] = field(init=False)

    def __post_init__(self) -> None:
        # A memoryview gives plain integers, which bisection reads much faster than numpy's.
        self._digits = self.columns.digits.data
        self._orders = {q: order.data for q, order in self.columns.orders.items()}
        self._lengths = [int(length) for length in np.unique(self.columns.length)]

    def hits(self, pattern: Pattern) -> Hits:
        """The rows whose national digits fit. Calling codes are looked at elsewhere."""
        if not pattern.parts:
            return Hits(self.columns)
        choices = [(run, self._stretches(run)) for run in _runs(pattern)]
        run, stretches = min(choices, key=lambda choice: sum(map(len, choice[1])))
        if sum(map(len, stretches)) * _SCANNED > self.columns.size:
            marks = fits(self.columns.digits, self.columns.length, pattern)
            return Hits.marked(self.columns, marks)
        rows = self._union(stretches)
        if pattern.parts != (run.digits,):
            rows = rows[fits(self.columns.digits[rows], self.columns.length[rows], pattern)]
        return Hits(self.columns, rows=rows)

    def _stretches(self, run: _Run) -> list[_Stretch]:
        size = len(run.digits)
        if run.to_end is not None:
            choices: list[tuple[int, int | None]] = [(run.to_end + size, None)]
        elif run.from_start is not None:
            choices = [(length - run.from_start, length) for length in self._lengths]
        else:
            choices = [(q, None) for q in self._orders]
        return [
            _Stretch(q, *self._bounds(q, run.digits), length)
            for q, length in choices
            if q >= size and q in self._orders
        ]

    def _bounds(self, q: int, run: str) -> tuple[int, int]:
        """Where in the order by the last q digits those stand that begin with the run."""
        order, digits = self._orders[q], self._digits
        last = (1 << BITS * q) - 1
        unit = 1 << BITS * (q - len(run))
        begin = int(run, 16) * unit

        def key(row: int) -> int:
            return int(digits[row]) & last

        low = bisect_left(order, begin, key=key)
        return low, bisect_left(order, begin + unit, lo=low, key=key)

    def _union(self, stretches: list[_Stretch]) -> U32:
        found = [np.empty(0, np.uint32)]
        for stretch in stretches:
            rows = self.columns.orders[stretch.q][stretch.low : stretch.high]
            if stretch.length is not None and len(self._lengths) > 1:
                rows = rows[self.columns.length[rows] == stretch.length]
            found.append(rows)
        rows = np.sort(np.concatenate(found))
        is_first = np.ones(len(rows), bool)
        np.not_equal(rows[1:], rows[:-1], out=is_first[1:])
        return rows[is_first]

    # -- whole numbers --------------------------------------------------------------------------

    def rows_of(self, e164s: Iterable[str]) -> U32:
        """The rows of these numbers, ascending: several where several accounts sell one. Numbers
        that are not in the index are left out."""
        texts = {e164[1:] for e164 in e164s}
        known = [int(text) for text in texts if text.isdecimal() and len(text) <= LONGEST]
        if not known:
            return np.empty(0, np.uint32)
        numbers = packed(np.array(known, np.uint64))
        found = [np.empty(0, np.uint32)]
        for q in set(self._lengths) & set(self._orders):
            low, high = self._bisected(q, numbers, "left"), self._bisected(q, numbers, "right")
            sizes = high - low
            offsets = np.repeat(low - (np.cumsum(sizes) - sizes), sizes)
            rows = self.columns.orders[q][offsets + np.arange(len(offsets))]
            found.append(rows[self.columns.digits[rows] == np.repeat(numbers, sizes)])
        return np.unique(np.concatenate(found))

    def _bisected(self, q: int, numbers: U64, side: str) -> Places:
        """Where the numbers belong in the order by the last q digits: all at once."""
        order, last = self.columns.orders[q], np.uint64((1 << BITS * q) - 1)
        low = np.zeros(len(numbers), np.int64)
        high = np.full(len(numbers), len(order), np.int64)
        wanted = numbers & last
        for _ in range(len(order).bit_length()):
            middle = (low + high) >> 1
            # Where low has met high, nothing moves any more.
            there = self.columns.digits[order[np.minimum(middle, len(order) - 1)]] & last
            is_behind = (there < wanted) if side == "left" else (there <= wanted)
            is_open = low < high
            low = np.where(is_behind & is_open, middle + 1, low)
            high = np.where(~is_behind & is_open, middle, high)
        return low


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
