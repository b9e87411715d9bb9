"""A question to the index and its page: matching rows, facets with counts, one page in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ringup.numbers.index.columns import U32, ByQuantity, Columns, Group, Place
from ringup.numbers.index.compiling import country_name
from ringup.numbers.index.facets import Attributes, Counts, Facets, Mask, merged
from ringup.numbers.index.matching import Matcher
from ringup.numbers.index.ordering import Ordering
from ringup.numbers.index.query import Cursor, Query
from ringup.numbers.patterns import Pattern

# Up to here a result is counted exactly.
EXACT = 1_000


@dataclass(frozen=True)
class Shelf:
    """Which groups are on sale to whom, at which price: one number per group of the index, in
    millionths, -1 where the group is not for sale. The other two likewise for the places that sell
    by quantity. Made by whoever knows the price rules."""

    monthly: npt.NDArray[np.int64]
    setup: npt.NDArray[np.int64]
    quantity_monthly: npt.NDArray[np.int64]
    quantity_setup: npt.NDArray[np.int64]

    @cached_property
    def is_sold(self) -> Mask:
        return self.monthly >= 0


class Row(NamedTuple):
    """One number on the page; a ``block`` of so many begins with it. ``number`` is its
    group's place in the index's list."""

    e164: str
    number: int
    group: Group
    beauty: int
    block: int


@dataclass(frozen=True, slots=True)
class Page:
    """``total`` counts numbers (blocks, when in a row), to ``EXACT`` exactly; more is ``EXACT`` + 1.
    ``after`` leads to the next page, None on the last. ``by_quantity`` are places that fit too."""

    rows: list[Row]
    total: int
    facets: Facets
    by_quantity: list[tuple[int, ByQuantity]]
    after: Cursor | None

    @property
    def is_exact(self) -> bool:
        return self.total <= EXACT


class Index:
    """Searches one set of columns. Shared between threads: nothing in it changes."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._matcher = Matcher(columns)
        self._attributes = Attributes.of(
            [(row.kind, country_name(row.kind.country), row.calling_code) for row in columns.groups]
        )
        self._quantity = Attributes.of(
            [
                (row.offer.kind, country_name(row.offer.kind.country), row.calling_code)
                for row in columns.by_quantity
            ]
        )
        self._sizes = np.bincount(columns.group, minlength=len(columns.groups))

    def rows_of(self, e164s: Iterable[str]) -> U32:
        """The rows of these numbers; those that are not in the index are left out."""
        found = [row for e164 in e164s for row in self._matcher.row_of(int(e164[1:]))]
        return np.unique(np.array(found, np.uint32))

    def search(self, query: Query, shelf: Shelf, without: U32 | None = None) -> Page:
        """The page. ``without`` are rows (ascending) that are not for this buyer: held or sold."""
        gone = without if without is not None else np.empty(0, np.uint32)
        pattern = query.pattern
        sold = shelf.is_sold & self._attributes.has_code(pattern.calling_code)
        hits = self._hits(query, sold, gone)
        counts = np.where(sold, self._counts(hits, gone), 0)
        mask = sold & self._attributes.mask(query)
        fitting = self._by_quantity(query, shelf, pattern)
        total = int(counts[mask].sum())
        ordering = Ordering(self.columns, query.sort, shelf.monthly, shelf.setup)
        rows = ordering.page(
            hits,
            mask,
            counts,
            span=self._span(query),
            gone=gone,
            after=query.after,
            size=query.size + 1,
        )
        more = len(rows) > query.size
        rows = rows[: query.size]
        return Page(
            rows=[self._row(int(row), query.in_a_row) for row in rows],
            total=min(total, EXACT + 1),
            facets=merged(
                self._attributes.facets(query, counts),
                self._quantity.facets(query, fitting.astype(np.int64)),
            ),
            by_quantity=self._shown_quantity(query, fitting),
            after=ordering.cursor(int(rows[-1])) if more else None,
        )

    # -- which rows ---------------------------------------------------------------------------

    def _hits(self, query: Query, sold: Mask, gone: U32) -> U32 | None:
        """Rows that fit the pattern, wherever they are; None: every row that is not gone."""
        hits = self._matcher.rows(query.pattern) if query.pattern.parts else None
        if query.in_a_row > 1:
            return self._blocks(hits, query.in_a_row, sold, gone)
        if hits is None or not len(gone) or not len(hits):
            return hits
        place = np.searchsorted(hits, gone)
        place = place[place < len(hits)]
        there = np.isin(hits[place], gone, assume_unique=True)
        return np.delete(hits, place[there])

    def _blocks(self, hits: U32 | None, count: int, sold: Mask, gone: U32) -> U32:
        """The first rows of blocks that do not overlap. The first number of a block fits the
        pattern; all of them are for sale."""
        ahead = self.columns.ahead
        if hits is None:
            starts = np.flatnonzero(ahead >= count - 1).astype(np.uint32)
        else:
            starts = hits[ahead[hits] >= count - 1]
        starts = starts[sold[self.columns.group[starts]]]
        if len(gone):
            # A gone row spoils the blocks that begin up to count - 1 rows before it.
            spoilt = np.unique(np.subtract.outer(gone.astype(np.int64), np.arange(count)))
            starts = starts[~np.isin(starts, spoilt)]
        if not len(starts):
            return starts
        breaks = np.flatnonzero(np.diff(starts) != 1) + 1
        first = np.zeros(len(starts), np.int64)
        first[breaks] = breaks
        within = np.arange(len(starts)) - np.maximum.accumulate(first)
        chosen: U32 = starts[within % count == 0]
        return chosen

    def _counts(self, hits: U32 | None, gone: U32) -> Counts:
        """How many hits each group has."""
        size = len(self.columns.groups)
        if hits is not None:
            return np.bincount(self.columns.group[hits], minlength=size)
        return self._sizes - np.bincount(self.columns.group[gone], minlength=size)

    def _span(self, query: Query) -> tuple[int, int]:
        """The rows from the first to the last of the place that is asked for."""
        if not query.country:
            return 0, self.columns.size
        spanned = self._spans.get((query.country, query.region), (0, 0))
        if not query.rate_centre:
            return spanned
        return self._spans.get((query.country, query.region, query.rate_centre), spanned)

    @cached_property
    def _spans(self) -> dict[tuple[str, ...], tuple[int, int]]:
        spans: dict[tuple[str, ...], tuple[int, int]] = {}
        starts = self.columns.place_start
        for number, place in enumerate(self.columns.places):
            low, high = int(starts[number]), int(starts[number + 1])
            for key in _keys(place):
                known = spans.get(key, (low, high))
                spans[key] = (min(known[0], low), max(known[1], high))
        return spans

    # -- places by quantity -------------------------------------------------------------------

    def _by_quantity(self, query: Query, shelf: Shelf, pattern: Pattern) -> Mask:
        """Which of them can be what is asked for: where digits were typed, those whose numbers
        begin like that."""
        mask = (shelf.quantity_monthly >= 0) & self._quantity.has_code(pattern.calling_code)
        if query.in_a_row > 1:
            mask = np.zeros(len(mask), bool)
        if pattern.parts:
            wanted = pattern.parts[0] if pattern.starts and len(pattern.parts) == 1 else ""
            prefixes = [row.offer.prefix for row in self.columns.by_quantity]
            mask &= np.array([bool(wanted) and p.startswith(wanted) for p in prefixes], bool)
        return mask

    def _shown_quantity(self, query: Query, fitting: Mask) -> list[tuple[int, ByQuantity]]:
        if query.after is not None:
            return []
        shown = np.flatnonzero(fitting & self._quantity.mask(query))[: query.size]
        return [(int(number), self.columns.by_quantity[number]) for number in shown]

    def _row(self, row: int, block: int) -> Row:
        number = int(self.columns.group[row])
        return Row(
            f"+{self.columns.e164[row]}",
            number,
            self.columns.groups[number],
            int(self.columns.beauty[row]),
            block,
        )


def _keys(place: Place) -> list[tuple[str, ...]]:
    """The filters under which a place is found."""
    return [
        (place.country, ""),
        (place.country, place.region),
        (place.country, place.region, place.rate_centre),
        (place.country, "", place.rate_centre),
    ]
