"""The rows of the test database as they once were, for tests that begin with the same world.

Copied within the database itself: building them again by our own verbs takes ten times as long.
"""

from __future__ import annotations

from itertools import count

from django.conf import settings
from django.db import connection, transaction

_numbers = count()


class KeptRows:
    """Remembers all rows when it is made."""

    def __init__(self) -> None:
        self._place = f"kept{next(_numbers)}"
        self._tables = [name for name in connection.introspection.table_names() if _has_rows(name)]
        if connection.vendor == "sqlite":
            self._file = settings.VAR / f"{connection.settings_dict['NAME']}-{self._place}"
            _run(f"VACUUM INTO '{self._file}'")
            return
        _run(f"CREATE SCHEMA {self._place}")
        for name in self._tables:
            _run(f"CREATE TABLE {self._place}.{name} AS TABLE {name}")

    def bring_back(self) -> None:
        """Put them into the empty database."""
        # Without a condition, SQLite would copy pages and lose count of what its foreign keys miss.
        giving = [
            f"INSERT INTO {name} SELECT * FROM {self._place}.{name} WHERE true"
            for name in self._tables
        ]
        if connection.vendor == "sqlite":
            _run(f"ATTACH '{self._file}' AS {self._place}")
        # Foreign keys are checked at its end, so tables may come in any order.
        with transaction.atomic():
            for statement in giving:
                _run(statement)
        if connection.vendor == "sqlite":
            _run(f"DETACH {self._place}")


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
        return cursor.fetchone() is not None


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
