"""``ringup.change`` on the PBX: one row for each change of ours, written in the change's transaction.

A removed change keeps its row, with ``undone_at`` set, until caches and gateway are cleared of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.sql import SQL
from psycopg.types.json import Jsonb

from ringup.pbx.fusionpbx.database import Database, Record, Statement
from ringup.pbx.port import ChangeRecord

CREATE = (
    SQL("CREATE SCHEMA IF NOT EXISTS ringup"),
    SQL(
        """
        CREATE TABLE IF NOT EXISTS ringup.change (
          key text PRIMARY KEY,
          generation integer NOT NULL,
          run text NOT NULL,
          digest text NOT NULL,
          made jsonb NOT NULL,
          before jsonb NOT NULL,
          parts jsonb NOT NULL,
          refresh jsonb NOT NULL,
          created timestamptz NOT NULL DEFAULT now(),
          refreshed_at timestamptz,
          undone_at timestamptz
        )
        """
    ),
)
EXISTS = SQL("SELECT to_regclass('ringup.change') IS NOT NULL AS found")

_FIND = SQL("SELECT * FROM ringup.change WHERE key = %(key)s")
_FIND_LOCKED = SQL("SELECT * FROM ringup.change WHERE key = %(key)s FOR UPDATE")
_UNREFRESHED = SQL("SELECT key FROM ringup.change WHERE refreshed_at IS NULL ORDER BY created, key")
_BEGINNING_WITH = SQL(
    "SELECT * FROM ringup.change WHERE starts_with(key, %(start)s) AND undone_at IS NULL ORDER BY key"
)
_INSERT = SQL(
    "INSERT INTO ringup.change (key, generation, run, digest, made, before, parts, refresh)"
    " VALUES (%(key)s, %(generation)s, %(run)s, %(digest)s, %(made)s, %(before)s, %(parts)s,"
    " %(refresh)s)"
)
_AGAIN = SQL(
    " ON CONFLICT (key) DO UPDATE SET run = excluded.run, digest = excluded.digest,"
    " refreshed_at = NULL"
)
_REFRESHED = SQL(
    "UPDATE ringup.change SET refreshed_at = now()"
    " WHERE key = %(key)s AND run = %(run)s AND digest = %(digest)s AND undone_at IS NULL"
)
_UNDONE = SQL("UPDATE ringup.change SET undone_at = now(), refreshed_at = NULL WHERE key = %(key)s")
_FORGET = SQL("DELETE FROM ringup.change WHERE key = %(key)s AND undone_at IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a change made stale outside of the database: needed to clear it, also after undo.

    ``domain`` with the tenant's routes, ``extensions`` with directories, ``numbers`` in E.164,
    ``gateway`` and its ``profile``, ``access_list`` for the carriers' addresses.
    """

    domain: str = ""
    extensions: Sequence[str] = ()
    numbers: Sequence[str] = ()
    gateway: str = ""
    profile: str = ""
    access_list: str = ""


@dataclass(frozen=True, slots=True)
class Marker:
    """One row of ``ringup.change``. ``made`` holds primary keys by table."""

    key: str
    generation: int
    run: str
    digest: str
    made: Mapping[str, Sequence[str]]
    parts: Sequence[str]
    refresh: Refresh
    refreshed_at: datetime | None = None
    undone_at: datetime | None = None
    before: Mapping[str, Any] = field(default_factory=dict)

    @property
    def record(self) -> ChangeRecord:
        """What the port shows of it."""
        return ChangeRecord(
            key=self.key,
            generation=self.generation,
            run=self.run,
            digest=self.digest,
            made={table: len(keys) for table, keys in self.made.items()},
            parts=tuple(self.parts),
            refreshed=self.refreshed_at is not None,
        )


def find(database: Database, key: str, *, locked: bool = False) -> Marker | None:
    """The row of ``key``, also of a change that is undone but not yet cleared."""
    row = database.row(_FIND_LOCKED if locked else _FIND, {"key": key})
    return marker_of(row) if row else None


def live(database: Database, key: str) -> Marker | None:
    """The row of ``key`` unless the change was undone."""
    marker = find(database, key)
    return marker if marker and marker.undone_at is None else None


def beginning_with(database: Database, start: str) -> list[Marker]:
    """Rows of live changes whose key begins with ``start``."""
    return [marker_of(row) for row in database.rows(_BEGINNING_WITH, {"start": start})]


def unrefreshed(database: Database) -> list[str]:
    return [str(row["key"]) for row in database.rows(_UNREFRESHED)]


def insertion(marker: Marker) -> tuple[Statement, Record]:
    """The statement that writes a new row."""
    return _INSERT, _parameters(marker)


def repeated_insertion(marker: Marker) -> tuple[Statement, Record]:
    """The statement for a change that is made again and again, such as the access list."""
    return SQL("").join([_INSERT, _AGAIN]), _parameters(marker)


def set_refreshed(database: Database, marker: Marker) -> None:
    """Only while it is still the change that was cleared, and not undone meanwhile."""
    database.rows(_REFRESHED, {"key": marker.key, "run": marker.run, "digest": marker.digest})


def set_undone(database: Database, key: str) -> None:
    database.rows(_UNDONE, {"key": key})


def forget(database: Database, key: str) -> None:
    """Drop the row of an undone change after it was cleared."""
    database.rows(_FORGET, {"key": key})


def marker_of(row: Mapping[str, Any]) -> Marker:
    values = {name: row[name] for name in Marker.__dataclass_fields__}
    return Marker(**values | {"refresh": Refresh(**row["refresh"])})


def _parameters(marker: Marker) -> Record:
    refresh = {name: getattr(marker.refresh, name) for name in Refresh.__dataclass_fields__}
    return {
        "key": marker.key,
        "generation": marker.generation,
        "run": marker.run,
        "digest": marker.digest,
        "made": Jsonb(dict(marker.made)),
        "before": Jsonb(dict(marker.before)),
        "parts": Jsonb(list(marker.parts)),
        "refresh": Jsonb(refresh),
    }
