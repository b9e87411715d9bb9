"""Numbers in a row: blocks of so many that follow each other, at one provider and price."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ringup.numbers.index.columns import Columns
from ringup.numbers.index.compiling import MOST_AHEAD
from ringup.numbers.index.groups import U32
from ringup.numbers.index.hits import Hits

# Along by_group: what follows another number stands behind it.
Places = npt.NDArray[np.int64]


def blocks(hits: Hits, count: int, gone: U32) -> Hits:
    """The first rows of blocks that do not overlap. All numbers of a block are of one group and
    exchange, none is ``gone``, and the first is a hit. Blocks are taken as early as they fit."""
    columns = hits.columns
    if count > MOST_AHEAD:
        return Hits(columns, rows=np.empty(0, np.uint32))
    starts = np.flatnonzero(columns.ahead >= count - 1)
    if hits.rows is not None or hits.marks is not None:
        starts = starts[hits.as_marks()[columns.by_group[starts]]]
    if len(gone):
        taken = _places(columns, gone)
        next_taken = np.append(taken, len(columns.by_group))[np.searchsorted(taken, starts)]
        starts = starts[next_taken >= starts + count]
    return Hits(columns, rows=np.sort(columns.by_group[_apart(starts, count)]))


def _places(columns: Columns, rows: U32) -> Places:
    """Where these rows stand along by_group, ascending. A group's rows ascend there."""
    groups = columns.group[rows]
    order = np.lexsort((rows, groups))
    rows, groups = rows[order], groups[order]
    known, begins = np.unique(groups, return_index=True)
    ends = np.append(begins[1:], len(groups))
    found = [np.empty(0, np.int64)]
    for group, begin, end in zip(known.tolist(), begins.tolist(), ends.tolist(), strict=True):
        start, stop = columns.group_start[group : group + 2]
        found.append(start + np.searchsorted(columns.by_group[start:stop], rows[begin:end]))
    return np.concatenate(found)


def _apart(starts: Places, count: int) -> Places:
    """The first of ``starts`` (ascending), and of the others each that is the next at least ``count``
    behind the one before."""
    if not len(starts):
        return starts
    # Behind a gap everything begins anew, so that all stretches between gaps advance together.
    begins = np.concatenate([[True], starts[1:] - starts[:-1] >= count])
    following = np.searchsorted(starts, starts + count)
    begins = np.append(begins, True)
    chosen, at = [], np.flatnonzero(begins[:-1])
    while len(at):
        chosen.append(at)
        at = following[at]
        at = at[~begins[at]]
    return np.sort(starts[np.concatenate(chosen)])
