"""SQLite: its online backup out, a rename in."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from ringup.cli.backup.files import sync_directory
from ringup.core.sentences import Refusal

_PATIENCE_SECONDS = 5.0


class Sqlite:
    """The file of this installation."""

    member_name = "database.sqlite3"

    def __init__(self) -> None:
        self.path = Path(str(connection.settings_dict["NAME"]))
        self.name = self.path.name
        self.kept = ""

    def exists(self) -> bool:
        return self.path.exists()

    def version(self) -> str:
        return sqlite3.sqlite_version

    def schema(self) -> str:
        return ""

    def place(self) -> Path | None:
        # Its own directory: only there a rename replaces it in one step.
        return self.path.parent

    def dump(self, target: Path) -> None:
        """SQLite's backup copies one moment; with a write-ahead log, writers do not wait for it."""
        try:
            connection.ensure_connection()
            with closing(sqlite3.connect(target)) as copy:
                connection.connection.backup(copy)
            with closing(sqlite3.connect(target, isolation_level=None)) as copy:
                copy.execute("PRAGMA journal_mode=DELETE")
                _require_whole(copy, "The database file is damaged")
                if copy.execute(
                    "SELECT 1 FROM sqlite_master WHERE name='django_session'"
                ).fetchall():
                    copy.execute("DELETE FROM django_session")
                copy.execute("VACUUM")  # deleted rows leave their text in free pages
        except sqlite3.DatabaseError as error:
            raise Refusal(
                f"The database could not be copied: {error}. No backup was made."
            ) from error

    @contextmanager
    def loaded(self, source: Path, *, keep: bool) -> Iterator[None]:
        """Everything happens in the copy beside the database; the last step is its renaming."""
        try:
            with closing(sqlite3.connect(source)) as copy:
                _require_whole(copy, "The database in the archive is damaged")
        except sqlite3.DatabaseError as error:
            raise Refusal(f"The archive holds no database of SQLite: {error}.") from error
        with _aimed_at(source):
            yield
        with closing(sqlite3.connect(source, isolation_level=None)) as copy:
            copy.execute("PRAGMA journal_mode=DELETE")
        source.chmod(0o600)
        connection.close()
        if self.exists():
            self._close_for_good()
            if keep:
                kept = self.path.with_name(f"{self.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
                os.link(self.path, kept)
                self.kept = str(kept)
        os.replace(source, self.path)
        sync_directory(self.path.parent)

    def _close_for_good(self) -> None:
        """Fold the write-ahead log into what was there. Refuses while another program has it open:
        that one would go on writing into a file without a name."""
        try:
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS)) as old:
                (mode,) = old.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError:
            mode = "locked"
        if mode != "delete":
            raise Refusal(
                f"Another program has {self.path} open. Nothing was changed. Stop ringup serve and "
                "ringup worker first."
            )


def _require_whole(copy: sqlite3.Connection, sentence: str) -> None:
    (answer,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise Refusal(f"{sentence} ({answer}). Nothing was changed.")


@contextmanager
def _aimed_at(path: Path) -> Iterator[None]:
    """Django's own connection on another file, so that migrations and verbs work there."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(path)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
