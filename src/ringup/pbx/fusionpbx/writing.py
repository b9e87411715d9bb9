"""Writes rows: one statement for each table, however many rows there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from ringup.pbx.fusionpbx.database import Record, Statement
from ringup.pbx.fusionpbx.dialect import Dialect
from ringup.pbx.fusionpbx.rows.table_rows import Row, TableRows


def inserts(dialect: Dialect, rows: TableRows, *, now: datetime) -> list[tuple[Statement, Record]]:
    """The statements that write ``rows``.

    Values go as JSON and PostgreSQL makes of them what each column is, so ``true`` becomes a
    boolean or the text ``true``. A column that this version lacks is left out. Only where a
    yes or no was a number before 5.5 (``email_primary``) it takes our help.
    """
    stamp = now.isoformat()
    return [
        _insert(dialect, table, [{**row, "insert_date": stamp} for row in some])
        for table, some in rows.items()
        if some
    ]


def made(dialect: Dialect, rows: TableRows) -> dict[str, list[str]]:
    """The primary keys of ``rows`` by table, for the change record."""
    return {
        table: [str(row[dialect.key(table)]) for row in some]
        for table, some in rows.items()
        if some
    }


def _insert(dialect: Dialect, table: str, rows: Sequence[Row]) -> tuple[Statement, Record]:
    types = dialect.columns.get(table, {})
    known = sorted({name for row in rows for name in row if name in types})
    names = SQL(", ").join(Identifier(name) for name in known)
    statement = SQL(
        "INSERT INTO {table} ({names})"
        " SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %(rows)s)"
    ).format(table=Identifier(table), names=names)
    values = [{name: _fitting(types[name], row.get(name)) for name in known} for row in rows]
    return statement, {"rows": Jsonb(values)}


def _fitting(kind: str, value: object) -> object:
    return int(value) if isinstance(value, bool) and kind == "numeric" else value
