"""One page of rows, in order, from a keyset and not from an offset.

A row's key is one integer: what is sorted by above, the row number below. Rows are numbered by place
and digits, so ties fall by place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ringup.numbers.index.beauty import MOST
from ringup.numbers.index.columns import U32, Columns
from ringup.numbers.index.facets import Counts, Mask
from ringup.numbers.index.query import Cursor, Sort

Prices = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

_ROW_BITS = 32
_CHUNK = 65_536
# So many rows are looked at one by one rather than walked in an order that was made before.
_FEW = 200_000


@dataclass(slots=True)
class Ordering:
    """Of one query. ``monthly`` and ``setup`` are the client's prices per group."""

    columns: Columns
    sort: Sort
    monthly: Prices
    setup: Prices
    _rank: npt.NDArray[np.uint64] = field(init=False)
    _prices: list[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        self._prices, self._rank = [], np.zeros(len(self.monthly), np.uint64)
        if self.sort is Sort.PRICE:
            pairs = list(zip(self.monthly.tolist(), self.setup.tolist(), strict=True))
            self._prices = sorted(set(pairs))
            ranks = {pair: rank for rank, pair in enumerate(self._prices)}
            self._rank = np.array([ranks[pair] for pair in pairs], np.uint64)

    def page(
        self,
        hits: U32 | None,
        mask: Mask,
        counts: Counts,
        *,
        span: tuple[int, int],
        gone: U32,
        after: Cursor | None,
        size: int,
    ) -> U32:
        """The first ``size`` rows behind ``after``: of ``hits`` (None: all but ``gone``), within the
        ``span`` of rows, of the groups in ``mask``. ``counts`` are the hits of each group."""
        low, high = span
        bound = self._bound(after) if after is not None else None
        if hits is not None:
            first, last = np.searchsorted(hits, [low, high])
            return self._best(self._of(hits[first:last], mask), bound, size)
        if high - low <= _FEW or self.sort is Sort.PLACE:
            return self._walk_places(mask, low, high, gone, bound, size)
        return self._walk_beauty(mask, counts, gone, bound, size)

    def cursor(self, row: int) -> Cursor:
        group = int(self.columns.group[row])
        place = int(np.searchsorted(self.columns.place_start, row, side="right")) - 1
        return Cursor(
            int(self.monthly[group]),
            int(self.setup[group]),
            int(self.columns.beauty[row]),
            self.columns.places[place],
            int(self.columns.e164[row]),
        )

    # -- keys ---------------------------------------------------------------------------------

    def _keys(self, rows: U32) -> Keys:
        key = np.zeros(len(rows), np.uint64)
        if self.sort is not Sort.PLACE:
            key += (MOST - self.columns.beauty[rows]).astype(np.uint64)
        if self.sort is Sort.PRICE:
            key += self._rank[self.columns.group[rows]] << np.uint64(8)
        return (key << np.uint64(_ROW_BITS)) + rows

    def _bound(self, after: Cursor) -> int:
        """The key behind which the page begins: the cursor's own, or where it would stand."""
        key = 0
        if self.sort is not Sort.PLACE:
            key = MOST - after.beauty
        if self.sort is Sort.PRICE:
            price = (after.monthly, after.setup)
            rank = bisect_left(self._prices, price)
            if rank == len(self._prices) or self._prices[rank] != price:
                # Nothing costs this any more: go on with the first that costs more.
                return (rank << 8 << _ROW_BITS) - 1
            key += rank << 8
        return (key << _ROW_BITS) + self._row_at(after) - 1

    def _row_at(self, after: Cursor) -> int:
        """The first row behind the cursor's place and digits."""
        places, starts = self.columns.places, self.columns.place_start
        place = bisect_left(places, after.place)
        if place == len(places) or places[place] != after.place:
            return int(starts[place])
        low, high = int(starts[place]), int(starts[place + 1])
        return bisect_right(self.columns.e164.data, after.e164, low, high)

    # -- choosing -----------------------------------------------------------------------------

    def _of(self, rows: U32, mask: Mask) -> U32:
        return rows if mask.all() else rows[mask[self.columns.group[rows]]]

    def _best(self, rows: U32, bound: int | None, size: int) -> U32:
        keys = self._keys(rows)
        if bound is not None:
            keys = keys[keys.astype(np.int64) > bound]
        if len(keys) > size:
            keys = np.partition(keys, size)[:size]
        return (np.sort(keys) & np.uint64(2**_ROW_BITS - 1)).astype(np.uint32)

    def _walk_places(
        self, mask: Mask, low: int, high: int, gone: U32, bound: int | None, size: int
    ) -> U32:
        if self.sort is not Sort.PLACE:
            rows = self._of(np.arange(low, high, dtype=np.uint32), mask)
            return self._best(_without(rows, gone), bound, size)
        if bound is not None:
            low = max(low, bound + 1)
        found: list[U32] = []
        for start in range(low, high, _CHUNK):
            rows = np.arange(start, min(high, start + _CHUNK), dtype=np.uint32)
            found.append(_without(self._of(rows, mask), gone)[:size])
            if sum(map(len, found)) >= size:
                break
        return np.concatenate(found)[:size] if found else np.empty(0, np.uint32)

    def _walk_beauty(
        self, mask: Mask, counts: Counts, gone: U32, bound: int | None, size: int
    ) -> U32:
        """Along the order by beauty, or by price along the prices and there along beauty."""
        if self.sort is not Sort.PRICE:
            return self._walk(mask, gone, bound, size)
        found: list[U32] = []
        missing = size
        first = 0 if bound is None else max(bound, 0) >> _ROW_BITS >> 8
        for ranks in self._steps(mask, counts, first, size):
            part = mask & np.isin(self._rank, ranks)
            few = int(counts[part].sum()) <= _FEW or len(ranks) > 1
            if bound is not None and ranks[0] > bound >> _ROW_BITS >> 8:
                bound = None
            rows = (
                self._scan(part, gone, bound, missing)
                if few
                else (self._walk(part, gone, bound, missing))
            )
            found.append(rows)
            missing -= len(rows)
            if missing <= 0:
                break
        return np.concatenate(found) if found else np.empty(0, np.uint32)

    def _steps(self, mask: Mask, counts: Counts, first: int, size: int) -> list[list[int]]:
        """The prices from ``first`` on, cheap ones together until they fill a page."""
        hits = np.bincount(
            self._rank[mask].astype(np.int64), counts[mask], minlength=len(self._prices)
        )
        steps: list[list[int]] = []
        step: list[int] = []
        for rank in range(first, len(self._prices)):
            if hits[rank] > _FEW and step:
                steps.append(step)
                step = []
            if hits[rank]:
                step.append(rank)
            if step and sum(hits[one] for one in step) > size:
                steps.append(step)
                step = []
        return [*steps, step] if step else steps

    def _scan(self, mask: Mask, gone: U32, bound: int | None, size: int) -> U32:
        rows = np.flatnonzero(mask[self.columns.group]).astype(np.uint32)
        return self._best(_without(rows, gone), bound, size)

    def _walk(self, mask: Mask, gone: U32, bound: int | None, size: int) -> U32:
        order = self.columns.by_beauty
        start = self._start(bound)
        found: list[U32] = []
        for low in range(start, len(order), _CHUNK):
            rows = self._of(order[low : low + _CHUNK], mask)
            found.append(_without(rows, gone)[:size])
            if sum(map(len, found)) >= size:
                break
        return np.concatenate(found)[:size] if found else np.empty(0, np.uint32)

    def _start(self, bound: int | None) -> int:
        """Where in the order by beauty the rows behind the bound begin."""
        if bound is None:
            return 0
        within = bound & (2 ** (_ROW_BITS + 8) - 1) if bound >= 0 else -1
        beauty = self.columns.beauty.data

        def key(row: int) -> int:
            return ((MOST - beauty[row]) << _ROW_BITS) + row

        return bisect_right(self.columns.by_beauty.data, within, key=key)


def _without(rows: U32, gone: U32) -> U32:
    return rows[~np.isin(rows, gone)] if len(gone) else rows
