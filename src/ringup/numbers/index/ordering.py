"""One page of rows, in order, from a keyset and not from an offset.

A row's key is one integer: what is sorted by above, the row number below. Rows are numbered by place,
digits and account, so ties fall by place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ringup.numbers.index.beauty import MOST
from ringup.numbers.index.columns import Columns
from ringup.numbers.index.facets import Filtered, Mask
from ringup.numbers.index.groups import U32
from ringup.numbers.index.hits import Hits
from ringup.numbers.index.nibbles import U64, chunks
from ringup.numbers.index.query import Cursor, Sort

Prices = npt.NDArray[np.int64]

_ROW_BITS = 32
_BEAUTY_BITS = 8
_RANK_SHIFT = _ROW_BITS + _BEAUTY_BITS
_LOW = (1 << _RANK_SHIFT) - 1
# So many rows are sorted; more are walked in an order that was made before, until a page is full.
_FEW = 50_000
# The first rows of a walk are the likeliest.
_FIRST_CHUNK = 1024


class Ranks(NamedTuple):
    """The distinct prices (monthly, set-up) in order, and which each group has."""

    prices: list[tuple[int, int]]
    of_group: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, monthly: Prices, setup: Prices) -> Ranks:
        order = np.lexsort((setup, monthly))
        month, once = monthly[order], setup[order]
        is_new = np.ones(len(order), bool)
        is_new[1:] = (month[1:] != month[:-1]) | (once[1:] != once[:-1])
        of_group = np.empty(len(order), np.uint32)
        of_group[order] = np.cumsum(is_new) - 1
        pairs = zip(month[is_new].tolist(), once[is_new].tolist(), strict=True)
        return cls(list(pairs), of_group)


@dataclass(frozen=True, slots=True)
class Ordering:
    """Of one query and one client's prices."""

    columns: Columns
    sort: Sort
    ranks: Ranks

    def page(
        self, hits: Hits, filtered: Filtered, *, span: range, after: Cursor | None, size: int
    ) -> U32:
        """The first ``size`` rows behind ``after``: of the hits, in groups that pass the filters.
        All of these lie in the ``span``."""
        bound = -1 if after is None else self._bound(after)
        if filtered.total <= _FEW or (hits.rows is not None and len(hits.rows) <= _FEW):
            return self._best(self._listed(hits, filtered.groups, span), bound, size)
        mask = np.zeros(len(self.columns.groups), bool)
        mask[filtered.groups] = True
        walked = hits if hits.rows is None else Hits(self.columns, marks=hits.as_marks())
        if self.sort is Sort.PLACE:
            return self._walk_rows(walked, mask, span, bound, size)
        if self.sort is Sort.BEST:
            return self._walk(walked, mask, bound, size)
        return self._walk_prices(walked, filtered, bound, size)

    def cursor(self, row: int) -> Cursor:
        group = int(self.columns.group[row])
        groups = self.columns.groups
        monthly, setup = self.ranks.prices[self.ranks.of_group[group]]
        return Cursor(
            monthly,
            setup,
            int(self.columns.beauty[row]),
            int(self.columns.e164(row)[1:]),
            int(groups.account[group]),
            groups.places[groups.place[group]],
        )

    # -- keys ---------------------------------------------------------------------------------

    def _keys(self, rows: U32) -> U64:
        keys = rows.astype(np.uint64)
        if self.sort is not Sort.PLACE:
            keys += (MOST - self.columns.beauty[rows]).astype(np.uint64) << np.uint64(_ROW_BITS)
        if self.sort is Sort.PRICE:
            ranks = self.ranks.of_group[self.columns.group[rows]].astype(np.uint64)
            keys += ranks << np.uint64(_RANK_SHIFT)
        return keys

    def _bound(self, after: Cursor) -> int:
        """The key behind which the page begins: the cursor's own, or where it would stand."""
        key = self._row_behind(after) - 1
        if self.sort is not Sort.PLACE:
            key += (MOST - min(after.beauty, MOST)) << _ROW_BITS
        if self.sort is Sort.PRICE:
            price, prices = (after.monthly, after.setup), self.ranks.prices
            rank = bisect_left(prices, price)
            if rank == len(prices) or prices[rank] != price:
                # Nothing costs this any more: go on with the first that costs more.
                return (rank << _RANK_SHIFT) - 1
            key += rank << _RANK_SHIFT
        return key

    def _row_behind(self, after: Cursor) -> int:
        """The first row behind the cursor's place, digits and account."""
        places, starts = self.columns.places, self.columns.place_start
        place = bisect_left(places, after.place)
        if place == len(places) or places[place] != after.place:
            return int(starts[place])
        low, high = int(starts[place]), int(starts[place + 1])
        digits, wanted = self.columns.digits, int(str(after.e164), 16)
        row = bisect_left(digits.data, wanted, low, high)
        accounts = self.columns.groups.account
        while row < high and digits[row] == wanted:
            if accounts[self.columns.group[row]] > after.account:
                break
            row += 1
        return row

    # -- choosing -----------------------------------------------------------------------------

    def _listed(self, hits: Hits, groups: npt.NDArray[np.intp], span: range) -> U32:
        """The hits in these groups."""
        if hits.rows is None:
            return hits.of(self.columns.rows_of(groups))
        low, high = np.searchsorted(hits.rows, [span.start, span.stop])
        rows = hits.rows[low:high]
        mask = np.zeros(len(self.columns.groups), bool)
        mask[groups] = True
        return rows[mask[self.columns.group[rows]]]

    def _best(self, rows: U32, bound: int, size: int) -> U32:
        keys = self._keys(rows)
        if bound >= 0:
            keys = keys[keys > np.uint64(bound)]
        if len(keys) > size:
            keys = np.partition(keys, size)[:size]
        return (np.sort(keys) & np.uint64((1 << _ROW_BITS) - 1)).astype(np.uint32)

    def _walk_rows(self, hits: Hits, mask: Mask, span: range, bound: int, size: int) -> U32:
        start = max(span.start, bound + 1)
        rows = (
            np.arange(start + part.start, start + part.stop, dtype=np.uint32)
            for part in chunks(span.stop - start, first=_FIRST_CHUNK)
        )
        return self._first(rows, hits, mask, size)

    def _walk(self, hits: Hits, mask: Mask, bound: int, size: int) -> U32:
        """Along the order by beauty."""
        order = self.columns.by_beauty[self._start(bound) :]
        rows = (order[part] for part in chunks(len(order), first=_FIRST_CHUNK))
        return self._first(rows, hits, mask, size)

    def _first(self, rows: Iterator[U32], hits: Hits, mask: Mask, size: int) -> U32:
        found, missing = [np.empty(0, np.uint32)], size
        for some in rows:
            fitting = hits.of(some)
            fitting = fitting[mask[self.columns.group[fitting]]][:missing]
            found.append(fitting)
            missing -= len(fitting)
            if not missing:
                break
        return np.concatenate(found)

    def _start(self, bound: int) -> int:
        """Where in the order by beauty the rows behind the bound begin."""
        beauty = self.columns.beauty.data

        def key(row: int) -> int:
            return ((MOST - beauty[row]) << _ROW_BITS) + row

        return bisect_right(self.columns.by_beauty.data, bound, key=key) if bound >= 0 else 0

    def _walk_prices(self, hits: Hits, filtered: Filtered, bound: int, size: int) -> U32:
        """Along the prices, and at each along beauty."""
        found, missing = [np.empty(0, np.uint32)], size
        ranks = self.ranks.of_group[filtered.groups]
        numbers = np.bincount(ranks, filtered.passing).astype(np.int64)
        for some in self._steps(numbers, max(bound, 0) >> _RANK_SHIFT, size):
            groups = filtered.groups[(ranks >= some.start) & (ranks < some.stop)]
            if numbers[some].sum() <= _FEW:
                rows = self._best(hits.of(self.columns.rows_of(groups)), bound, missing)
            else:
                mask = np.zeros(len(self.columns.groups), bool)
                mask[groups] = True
                is_begun = bound >> _RANK_SHIFT == some.start
                rows = self._walk(hits, mask, bound & _LOW if is_begun else -1, missing)
            found.append(rows)
            missing -= len(rows)
            if not missing:
                break
        return np.concatenate(found)

    def _steps(self, numbers: npt.NDArray[np.int64], first: int, size: int) -> Iterator[slice]:
        """Prices from ``first`` on: one that many numbers have alone, others until they fill a
        page."""
        begin, together = first, 0
        for rank in range(first, len(numbers)):
            if numbers[rank] > _FEW:
                if together:
                    yield slice(begin, rank)
                yield slice(rank, rank + 1)
                begin, together = rank + 1, 0
                continue
            if together + numbers[rank] > _FEW:
                yield slice(begin, rank)
                begin, together = rank, 0
            together += int(numbers[rank])
            if together > size:
                yield slice(begin, rank + 1)
                begin, together = rank + 1, 0
        if together:
            yield slice(begin, len(numbers))
