"""What backup and restore ask of a database, whichever it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from django.apps import apps
from django.db import connection

from ringup.core.sentences import Refusal

# Tables that a new installation fills by itself, or whose rows alone mean nothing.
_NOBODYS = frozenset(
    {
        "django_migrations", "django_content_type", "django_session", "auth_permission",
        "accounts_brand", "core_activity", "core_keyfingerprint", "flows_checkup",
        "jobs_job", "jobs_schedule", "jobs_workerseen",
    }
)  # fmt: skip


class Database(Protocol):
    """The database of this installation, by its own means of backup."""

    # What people call it, and what ``--replace`` wants typed.
    name: str
    # Of the archive's member.
    member_name: str
    # Where a replaced database was kept; empty where it was not.
    kept: str

    def exists(self) -> bool:
        """Whether there is anything to look into. Makes nothing."""

    def version(self) -> str:
        """The server's or library's version."""

    def schema(self) -> str:
        """The schema that our tables stand in; empty where there are none."""

    def place(self) -> Path | None:
        """The directory in which an unpacked backup must lie; None for any."""

    def dump(self, target: Path) -> None:
        """Write a consistent copy, without sessions, while others go on writing."""

    def loaded(self, source: Path, *, keep: bool) -> AbstractContextManager[None]:
        """In the block, Django's connection sees the dump of ``source`` in place of what was there.
        It takes the place for good when the block ends well; otherwise nothing has changed.

        ``keep`` what was there, under another name, where that costs nothing.
        """


def our_tables() -> list[str]:
    """The tables of Django and of Ringup's parts, also of other versions of them."""
    starts = ("django_", *(f"{config.label}_" for config in apps.get_app_configs()))
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
    return [name for name in names if name.startswith(starts)]


def first_table_with_rows() -> str:
    """A table with rows that somebody made, or "" in an empty installation."""
    for name in our_tables():
        if name in _NOBODYS:
            continue
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(name)
            cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - a table's own name
            if cursor.fetchone() is not None:
                return name
    return ""


def refuse_unless_empty(database: Database, replace: str) -> bool:
    """Whether there are rows, which ``replace`` (the database's name) allows to be replaced."""
    table = first_table_with_rows() if database.exists() else ""
    if not table:
        return False
    if replace == database.name:
        return True
    typed = f"You typed {replace!r}. " if replace else ""
    raise Refusal(
        f"{typed}The database {database.name} is not empty (there are rows in {table}). Nothing was "
        f"changed. To replace all of it, add: --replace {database.name}"
    )
