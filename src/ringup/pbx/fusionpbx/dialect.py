"""Which columns this FusionPBX has and of which types: read from the database, never assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.sql import SQL

from ringup.core.failures import OurFault

# From pg_catalog and not information_schema, which shows only what the role may already touch
# and knows no order of primary key columns.
READ_COLUMNS = SQL(
    """
    SELECT
      coalesce(jsonb_object_agg(t.relname, t.columns), '{}') AS columns,
      coalesce(jsonb_object_agg(t.relname, t.key) FILTER (WHERE t.key IS NOT NULL), '{}') AS keys
    FROM (
      SELECT c.relname,
        (SELECT jsonb_object_agg(a.attname, format_type(a.atttypid, NULL))
           FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
        (SELECT a.attname FROM pg_index i
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
          WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnatts = 1) AS key
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname LIKE 'v\\_%'
    ) t
    """
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """The tables of one server. ``booleans`` is ``boolean`` (5.5) or ``text`` (5.0 to 5.4)."""

    columns: Mapping[str, Mapping[str, str]]
    keys: Mapping[str, str]

    @classmethod
    def of(cls, found: Mapping[str, Any] | None) -> Dialect:
        """Refuses what is not FusionPBX 5: ``OurFault``."""
        dialect = cls(found["columns"], found["keys"]) if found else cls({}, {})
        if not dialect.has("v_domains", "domain_name"):
            raise OurFault(
                "the PBX's database holds no FusionPBX tables, or this role cannot see them"
            )
        # 4.x called the table v_group_users and kept domain_enabled as text.
        if not dialect.has("v_user_groups", "user_uuid") or not dialect._five():
            raise OurFault("this FusionPBX is older than 5.0, which is not supported: upgrade it")
        return dialect

    def _five(self) -> bool:
        return self.columns["v_domains"].get("domain_enabled") == "boolean"

    @property
    def booleans(self) -> str:
        kind = self.columns.get("v_extensions", {}).get("enabled")
        return "boolean" if kind == "boolean" else "text"

    def has(self, table: str, column: str) -> bool:
        return column in self.columns.get(table, {})

    def key(self, table: str) -> str:
        """The primary key column of a table; by FusionPBX's naming where none is declared."""
        declared = self.keys.get(table)
        return declared or table.removeprefix("v_").removesuffix("s") + "_uuid"

    def tenant_tables(self) -> list[str]:
        """Every table whose rows belong to a tenant."""
        return sorted(table for table, columns in self.columns.items() if "domain_uuid" in columns)
