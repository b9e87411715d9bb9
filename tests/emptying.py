"""How the test database is emptied behind a test that needed real transactions.

Django truncates on PostgreSQL, which makes new files for every table and every index: 50 ms of the
server for ours, full or not. Most tests leave a few rows in a dozen tables. Nor is the command
``flush`` run, which looks for modules and tables anew each time, and the connection stays open: both
databases read the whole schema again for a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import TransactionTestCase

# Foreign keys are checked at the end of the transaction, so tables may come in any order.
_DELETE = """
DO $$ DECLARE name text; filled boolean; BEGIN
  FOREACH name IN ARRAY ARRAY[{}] LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
    IF filled THEN
      EXECUTE format('DELETE FROM %I', name);
    END IF;
  END LOOP;
END $$
"""
_truncate = DatabaseOperations.sql_flush


def empty_quickly() -> None:
    """From now on, in this process."""
    DatabaseOperations.sql_flush = _sql_flush
    TransactionTestCase._fixture_teardown = lambda _: empty()
    TransactionTestCase._should_reload_connections = lambda _: _is_in_disorder()


def empty() -> None:
    """Delete all rows of all our tables."""
    connection.ops.execute_sql_flush(_statements())


@cache
def _statements() -> list[str]:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return connection.ops.sql_flush(no_style(), tables, reset_sequences=False)


def _is_in_disorder() -> bool:
    """Whether a test left its connection within a transaction."""
    return connection.in_atomic_block or connection.needs_rollback or not connection.autocommit


def _sql_flush(
    self: DatabaseOperations,
    style: Any,
    tables: Sequence[str],
    *,
    reset_sequences: bool = False,
    allow_cascade: bool = False,
) -> list[str]:
    if reset_sequences or not tables:
        return _truncate(
            self, style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade
        )
    return [_DELETE.format(", ".join(f"'{name}'" for name in tables))]
