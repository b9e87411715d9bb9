"""The database's clock: the only one that leases and due times are compared with.

Hosts disagree about the time; their common database does not disagree with itself.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Func, Value
from django.db.models.sql.compiler import SQLCompiler

# In a sub-select PostgreSQL reads its clock once per statement, so that an index on due times
# serves. SQLite's text has the form in which Django keeps times there, to the millisecond.
_CLOCK = {
    "postgresql": "(SELECT CLOCK_TIMESTAMP() + %s::interval)",
    "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %s)",
}
_SECONDS_SINCE = {
    "postgresql": "EXTRACT(EPOCH FROM CLOCK_TIMESTAMP() - {column})::float8",
    "sqlite": "(JULIANDAY('now') - JULIANDAY({column})) * 86400.0",
}


def clock_sql() -> str:
    """SQL for "now plus a span", with one placeholder: give it ``span(seconds)``."""
    return _CLOCK[connection.vendor]


def seconds_since_sql(column: str) -> str:
    """SQL for the seconds that have passed since the time in ``column``."""
    return _SECONDS_SINCE[connection.vendor].format(column=column)


def span(seconds: float = 0.0) -> str:
    """A span of time in words that both databases read, for example ``+1.500 seconds``."""
    return f"{seconds:+.3f} seconds"


def now() -> datetime:
    """The database's time."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {clock_sql()}", [span()])
        (value,) = cursor.fetchone()
    if isinstance(value, datetime):
        return value
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


class FromNow(Func):
    """The database's time in ``seconds`` from now, for ``filter`` and ``update``."""

    output_field = DateTimeField()

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(Value(span(seconds)))

    def as_sql(
        self, compiler: SQLCompiler, connection: Any, *args: Any, **context: Any
    ) -> tuple[str, list[Any]]:
        (text,) = self.get_source_expressions()
        return _CLOCK[connection.vendor], [text.value]
