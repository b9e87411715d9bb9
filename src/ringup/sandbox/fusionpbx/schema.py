"""FusionPBX's tables as SQL, for 5.5 (real booleans) and for 5.0 to 5.4 (text 'true'/'false').

Like the real ones they have primary keys and plain indexes, and no foreign key, no unique
constraint and no default (reference: section 0.3 and 1; compared with a running 5.5.13).
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources

from ringup.sandbox.fusionpbx.dialects import Dialect

_AUDIT = "insert_date:timestamptz insert_user:uuid update_date:timestamptz update_user:uuid"
_COLUMN = re.compile(
    r"(?P<new>\^?)(?P<name>\w+)(?P<mark>[*&#?!]?)(?::(?P<type>[^|&]+)(?:\|(?P<old>.+))?)?$"
)
_MARKED = {"*": "uuid", "&": "uuid", "#": "numeric", "?": "boolean", "!": "boolean"}

# Views of the real one that have a domain_uuid: whoever looks for tables by their columns finds
# them too, and cannot delete from them. Ours show fewer columns.
VIEWS = """
CREATE VIEW view_users AS
  SELECT u.domain_uuid, u.user_uuid, d.domain_name, u.username, u.user_status, u.user_enabled,
         u.contact_uuid
  FROM v_users u LEFT JOIN v_domains d USING (domain_uuid);
CREATE VIEW view_groups AS
  SELECT g.domain_uuid, g.group_uuid, g.group_name, d.domain_name, g.group_level,
         g.group_protected, g.group_description
  FROM v_groups g LEFT JOIN v_domains d USING (domain_uuid);
CREATE VIEW view_extensions AS SELECT * FROM v_extensions;
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``type`` is PostgreSQL's name of it in the version that was asked for."""

    name: str
    type: str
    primary: bool = False
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table with its columns in order."""

    name: str
    columns: tuple[Column, ...]

    @property
    def has_domain(self) -> bool:
        return any(column.name == "domain_uuid" for column in self.columns)

    def sql(self) -> str:
        """The statements that create the table and its indexes."""
        lines = [
            f"{column.name} {column.type}{' PRIMARY KEY' if column.primary else ''}"
            for column in self.columns
        ]
        indexes = [
            f"CREATE INDEX {self.name}_{column.name}_idx ON {self.name} ({column.name});"
            for column in self.columns
            if column.indexed
        ]
        return f"CREATE TABLE {self.name} ({', '.join(lines)});" + "".join(indexes)


@functools.cache
def tables(dialect: Dialect) -> tuple[Table, ...]:
    """All tables of ``dialect``."""
    text = resources.files(__package__).joinpath("tables.txt").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    entries: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith(" "):
            entries[-1][1].extend(line.split())
        else:
            entries.append((line, []))
    return tuple(
        Table(name.removeprefix("^"), _columns([*words, *_AUDIT.split()], dialect))
        for name, words in entries
        if dialect.booleans or not name.startswith("^")
    )


def table(dialect: Dialect, name: str) -> Table:
    """The table called ``name``."""
    return next(one for one in tables(dialect) if one.name == name)


def create_all(dialect: Dialect) -> str:
    """The statements that create every table and view of ``dialect``."""
    return "".join(one.sql() for one in tables(dialect)) + VIEWS


def _columns(words: list[str], dialect: Dialect) -> tuple[Column, ...]:
    columns = []
    for word in words:
        match = _COLUMN.match(word)
        if match is None:
            raise ValueError(f"tables.txt: {word!r} is not a column")
        if dialect.booleans or not match["new"]:
            columns.append(_column(match, dialect))
    return tuple(columns)


def _column(match: re.Match[str], dialect: Dialect) -> Column:
    mark, name = match["mark"], match["name"]
    kind = match["type"] or _MARKED.get(mark) or ("uuid" if name.endswith("_uuid") else "text")
    if not dialect.booleans:
        kind = "text" if mark == "!" else match["old"] or kind
    return Column(name, kind, primary=mark == "*", indexed=mark == "&")
