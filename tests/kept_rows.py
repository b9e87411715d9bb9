"""The rows of the test database as they once were, for tests that begin with the same world.

Copied within the database itself: building them again by our own verbs takes ten times as long.
"""

from __future__ import annotations

from itertools import count

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

_numbers = count()


class KeptRows:
    """Remembers all rows when it is made."""

    def __init__(self) -> None:
        self._place = f"kept{next(_numbers)}"
        self._tables = {name: columns for name, columns in _columns().items() if _has_rows(name)}
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
            f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {self._place}.{name} WHERE true"
            for name, columns in self._tables.items()
        ]
        if connection.vendor == "sqlite":
            _run(f"ATTACH '{self._file}' AS {self._place}")
        # Foreign keys are checked at its end, so tables may come in any order.
        with transaction.atomic():
            for statement in giving:
                _run(statement)
        if connection.vendor == "sqlite":
            _run(f"DETACH {self._place}")


def _columns() -> dict[str, str]:
    """Of each table, those that the database does not compute itself."""
    models = apps.get_models(include_auto_created=True)
    return {
        model._meta.db_table: ", ".join(
            f'"{field.column}"'
            for field in model._meta.local_concrete_fields
            if not field.generated
        )
        for model in models
        if model._meta.managed and not model._meta.proxy
    }


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
        return cursor.fetchone() is not None


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
