"""Which means of backup the database of this installation has."""

from __future__ import annotations

from django.db import connection

from ringup.cli.backup.databases import Database
from ringup.cli.backup.postgres import Postgres
from ringup.cli.backup.sqlite import Sqlite
from ringup.core.sentences import Refusal

VENDORS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def database() -> Database:
    """The database of the settings. Connects to nothing yet."""
    if connection.vendor == "sqlite":
        return Sqlite()
    if connection.vendor == "postgresql":
        return Postgres()
    raise Refusal(f"Ringup cannot back up {connection.vendor}.")
