"""How the test database is emptied behind a test that needed real transactions.

Django truncates on PostgreSQL, which makes new files for every table and every index: 50 ms of the
server for ours, full or not. Most tests leave a few rows in a dozen tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql.operations import DatabaseOperations

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


def delete_instead_of_truncating() -> None:
    DatabaseOperations.sql_flush = _sql_flush


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
