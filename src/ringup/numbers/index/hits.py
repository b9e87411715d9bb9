"""Rows that fit a pattern."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringup.numbers.index.columns import Columns
from ringup.numbers.index.facets import Counts, Ids, Mask
from ringup.numbers.index.groups import U32

# From one row in so many on, marks are cheaper than a list.
_LISTED = 16
# Up to so many hits are cheaper sorted by their groups than counted into all of them.
_SORTED = 5_000


@dataclass(frozen=True, slots=True)
class Hits:
    """``rows`` (ascending) where they are few, ``marks`` (one for each row of the index) where they
    are many, neither where every row fits."""

    columns: Columns
    rows: U32 | None = None
    marks: Mask | None = None

    @classmethod
    def marked(cls, columns: Columns, marks: Mask) -> Hits:
        if int(np.count_nonzero(marks)) * _LISTED > columns.size:
            return cls(columns, marks=marks)
        return cls(columns, rows=np.flatnonzero(marks).astype(np.uint32))

    def without(self, gone: U32) -> Hits:
        """``gone`` are ascending."""
        if not len(gone):
            return self
        if self.rows is not None:
            return Hits(self.columns, rows=self.rows[~_are_in(gone, self.rows)])
        marks = self.as_marks().copy()
        marks[gone] = False
        return Hits(self.columns, marks=marks)

    def as_marks(self) -> Mask:
        if self.marks is not None:
            return self.marks
        if self.rows is None:
            return np.ones(self.columns.size, bool)
        marks = np.zeros(self.columns.size, bool)
        marks[self.rows] = True
        return marks

    def as_rows(self) -> U32:
        if self.rows is not None:
            return self.rows
        return np.flatnonzero(self.as_marks()).astype(np.uint32)

    def per_group(self) -> tuple[Ids, Counts]:
        """The groups that have some, ascending, and how many each has."""
        columns = self.columns
        if self.rows is None and self.marks is None:
            counts: Counts = np.diff(columns.group_start).astype(np.int64)
        else:
            found = columns.group[self.rows if self.rows is not None else self.marks]
            if len(found) < _SORTED:
                some, counts = np.unique(found, return_counts=True)
                return some.astype(np.intp), counts
            counts = np.bincount(found, minlength=len(columns.groups))
        groups = np.flatnonzero(counts)
        return groups, counts[groups]

    def of(self, rows: U32) -> U32:
        """Those of ``rows`` that are among them."""
        if self.rows is not None:
            return rows[_are_in(self.rows, rows)]
        return rows if self.marks is None else rows[self.marks[rows]]


def _are_in(sorted_rows: U32, rows: U32) -> Mask:
    """Which of ``rows`` are among those that are sorted."""
    if not len(sorted_rows):
        return np.zeros(len(rows), bool)
    place = np.searchsorted(sorted_rows, rows)
    place[place == len(sorted_rows)] = 0
    found: Mask = sorted_rows[place] == rows
    return found
