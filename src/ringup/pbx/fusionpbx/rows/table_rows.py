"""The shape that all row makers return."""

from __future__ import annotations

from collections.abc import Iterable

Row = dict[str, object]
# Rows by table, in the order in which they are written.
TableRows = dict[str, list[Row]]


def gathered(parts: Iterable[TableRows]) -> TableRows:
    """All rows of all parts, by table."""
    together: TableRows = {}
    for part in parts:
        for table, rows in part.items():
            together.setdefault(table, []).extend(rows)
    return together
