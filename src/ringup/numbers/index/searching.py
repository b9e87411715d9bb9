"""A question to the index and its page: matching rows, facets with counts, one page in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ringup.core.phones import calling_code
from ringup.numbers.index.blocks import blocks
from ringup.numbers.index.columns import Columns
from ringup.numbers.index.facets import (
    Attributes,
    Counts,
    Facets,
    Filtered,
    Ids,
    Mask,
    merged,
)
from ringup.numbers.index.gazetteer import Gazetteer
from ringup.numbers.index.groups import U32, ByQuantity, Group, Place
from ringup.numbers.index.hits import Hits
from ringup.numbers.index.matching import Matcher
from ringup.numbers.index.ordering import Ordering, Ranks
from ringup.numbers.index.query import Cursor, Query, Sort
from ringup.numbers.patterns import Pattern

# Up to here a result is counted exactly.
EXACT = 1_000
_NOBODY: U32 = np.empty(0, np.uint32)


@dataclass(frozen=True)
class Shelf:
    """Which groups are on sale to whom, at which price: one number per group of the index, in
    millionths, -1 where the group is not for sale. The other two likewise for the places that sell
    by quantity. Made by whoever knows the price rules, and kept as long as they hold."""

    monthly: npt.NDArray[np.int64]
    setup: npt.NDArray[np.int64]
    quantity_monthly: npt.NDArray[np.int64]
    quantity_setup: npt.NDArray[np.int64]

    @cached_property
    def is_sold(self) -> Mask:
        return self.monthly >= 0

    @cached_property
    def ranks(self) -> Ranks:
        return Ranks.of(self.monthly, self.setup)


class Row(NamedTuple):
    """One number on the page; a ``block`` of so many begins with it. ``number`` is its
    group's place in the index's list."""

    e164: str
    number: int
    group: Group
    beauty: int
    block: int


@dataclass(frozen=True)
class Page:
    """``total`` counts numbers (blocks, when in a row), to ``EXACT`` exactly; more is ``EXACT`` + 1.
    ``after`` leads to the next page, None on the last. ``by_quantity`` are places that fit too."""

    rows: list[Row]
    total: int
    by_quantity: list[tuple[int, ByQuantity]]
    after: Cursor | None
    _filtered: list[Filtered]

    @cached_property
    def facets(self) -> Facets:
        """Counted when somebody asks: who only wants some numbers does not."""
        return reduce(merged, [filtered.facets() for filtered in self._filtered])

    @property
    def is_exact(self) -> bool:
        return self.total <= EXACT


class Index:
    """Searches one set of columns. Shared between threads: nothing in it changes."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._matcher = Matcher(columns)
        self._attributes = Attributes.of_groups(columns.groups)
        self._quantity = Attributes.of_quantities(columns.by_quantity, columns.places)
        self._prefixes = np.array([row.offer.prefix for row in columns.by_quantity], np.str_)
        self._has_some = np.array([row.offer.quantity != 0 for row in columns.by_quantity], bool)
        self._spans = _spans(columns)

    def rows_of(self, e164s: Iterable[str]) -> U32:
        """The rows of these numbers, ascending; those that are not in the index are left out."""
        return self._matcher.rows_of(e164s)

    def search(self, query: Query, shelf: Shelf, without: U32 | None = None) -> Page:
        """The page. ``without`` are rows (ascending) that are not for this buyer: held or sold."""
        gone = _NOBODY if without is None else without
        hits = self._matcher.hits(query.pattern)
        hits = blocks(hits, query.in_a_row, gone) if query.in_a_row > 1 else hits.without(gone)
        filtered = self._filtered(query, shelf, *hits.per_group())
        ordering = Ordering(self.columns, query.sort, shelf.ranks)
        size = max(query.size, 1)
        rows = self._rows(ordering, query, hits, filtered, size=size + 1)
        places = self._places(query, shelf)
        return Page(
            rows=[self._row(row, query.in_a_row) for row in rows[:size].tolist()],
            total=min(filtered.total, EXACT + 1),
            by_quantity=[
                (number, self.columns.by_quantity[number])
                for number in places.groups[:size].tolist()
                if query.after is None
            ],
            after=ordering.cursor(int(rows[size - 1])) if len(rows) > size else None,
            _filtered=[filtered, places] if len(places.among) else [filtered],
        )

    def _filtered(self, query: Query, shelf: Shelf, groups: Ids, counts: Counts) -> Filtered:
        """Those of these groups that are on sale, and which filters they pass."""
        sold = shelf.is_sold[groups]
        if code := query.pattern.calling_code:
            sold &= self._attributes.calling_code.beginning(code, groups)
        return self._attributes.filtered(query, groups[sold], counts[sold])

    def _rows(
        self, ordering: Ordering, query: Query, hits: Hits, filtered: Filtered, *, size: int
    ) -> U32:
        """The page, and the row behind it."""
        after, span = query.after, self._span(query)
        if query.sort is not Sort.BEST or not query.pattern.is_area:
            return ordering.page(hits, filtered, span=span, after=after, size=size)
        # Those in the area, then all others.
        area = hits.of(self._matcher.hits(query.pattern.at_the_start).as_rows())
        is_past = after is not None and not self._is_in_area(after, query.pattern)
        rows = _NOBODY
        if not is_past:
            first = Hits(self.columns, rows=area)
            rows = ordering.page(first, filtered, span=span, after=after, size=size)
        if len(rows) == size:
            return rows
        others, bound = hits.without(area), after if is_past else None
        more = ordering.page(others, filtered, span=span, after=bound, size=size - len(rows))
        return np.concatenate([rows, more])

    def _is_in_area(self, cursor: Cursor, pattern: Pattern) -> bool:
        country = cursor.place.country
        code = self.columns.groups.codes.get(country) or calling_code(country)
        return str(cursor.e164).removeprefix(code).startswith(pattern.digits)

    def _span(self, query: Query) -> range:
        """The rows from the first to the last of the place that is asked for."""
        if not query.country:
            return range(self.columns.size)
        key = (query.country, query.region, query.rate_centre)
        return self._spans.get(key, range(0))

    # -- places -------------------------------------------------------------------------------

    def places_like(self, text: str, limit: int, shelf: Shelf | None = None) -> list[Place]:
        """Places whose rate centre, region or country begins with the text, whatever its accents and
        capitals, with something on sale (on the shelf). What is narrower than the name that fits is
        empty."""
        columns, has_some = self.columns, self._has_some
        sizes = np.diff(columns.group_start)
        if shelf is not None:
            sizes, has_some = sizes * shelf.is_sold, has_some & (shelf.quantity_monthly >= 0)
        of_places = np.bincount(columns.groups.place, sizes, minlength=len(columns.places))
        return self._gazetteer.like(text, [*of_places.tolist(), *has_some.tolist()], limit)

    @cached_property
    def _gazetteer(self) -> Gazetteer:
        return Gazetteer.of([*self.columns.places, *self._quantity.places])

    # -- by quantity --------------------------------------------------------------------------

    def _places(self, query: Query, shelf: Shelf) -> Filtered:
        """The places that fit, and which filters they pass."""
        fitting = np.flatnonzero(self._may_be(query, shelf))
        return self._quantity.filtered(query, fitting, np.ones(len(fitting), np.int64))

    def _may_be(self, query: Query, shelf: Shelf) -> Mask:
        """Which of them can be what is asked for: where digits were typed, those whose numbers
        begin like that."""
        pattern = query.pattern
        mask: Mask = (shelf.quantity_monthly >= 0) & self._has_some
        if query.in_a_row > 1:
            return np.zeros(len(mask), bool)
        if pattern.calling_code:
            mask &= self._quantity.calling_code.beginning(pattern.calling_code, slice(None))
        return mask & _begin(self._prefixes, pattern) if pattern.parts else mask

    def _row(self, row: int, block: int) -> Row:
        number = int(self.columns.group[row])
        return Row(
            self.columns.e164(row),
            number,
            self.columns.groups[number],
            int(self.columns.beauty[row]),
            block,
        )


def _begin(prefixes: npt.NDArray[np.str_], pattern: Pattern) -> Mask:
    """Which of the prefixes begin with what was typed, if that is how a number begins."""
    if len(pattern.parts) > 1 or not (pattern.starts or pattern.is_area):
        return np.zeros(len(prefixes), bool)
    return np.strings.startswith(prefixes, pattern.parts[0])


def _spans(columns: Columns) -> dict[tuple[str, str, str], range]:
    """The rows from the first to the last of each place that can be asked for."""
    spans: dict[tuple[str, str, str], range] = {}
    starts = columns.place_start.tolist()
    for place, low, high in zip(columns.places, starts[:-1], starts[1:], strict=True):
        for key in _keys(place):
            known = spans.get(key)
            spans[key] = range(known.start if known else low, high)
    return spans


def _keys(place: Place) -> list[tuple[str, str, str]]:
    country, region, centre = place.country, place.region, place.rate_centre
    return [
        (country, "", ""),
        (country, region, ""),
        (country, "", centre),
        (country, region, centre),
    ]
