"""Rows on their way into FusionPBX's tables, whatever types its version has for booleans."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import psycopg
from psycopg import sql

Value: TypeAlias = str | int | bool | uuid.UUID | None
Row: TypeAlias = Mapping[str, Value]


def new_uuid() -> uuid.UUID:
    """A random uuid, as FusionPBX makes them: they differ on every installation."""
    return uuid.uuid4()


def copy_in(connection: psycopg.Connection, table: str, rows: Iterable[Row]) -> None:
    """Insert ``rows``, which all have the same keys, and set their ``insert_date``."""
    prepared = list(rows)
    if not prepared:
        return
    names = [*prepared[0], "insert_date"]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in prepared:
            copy.write_row([*map(_written, row.values()), "now"])


def _written(value: Value) -> Value:
    # The words are read by boolean columns (5.5) and kept by text columns (5.0 to 5.4).
    return str(value).lower() if isinstance(value, bool) else value
