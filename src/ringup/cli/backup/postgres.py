"""PostgreSQL: ``pg_dump`` out, one transaction in.

``pg_restore`` only turns the archive into a script here. The script runs on Django's connection, so
that old tables, new ones, migrations and what follows stand or fall together, unseen by others.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection, transaction

from ringup.cli.backup.databases import our_tables
from ringup.cli.backup.programs import program
from ringup.core.sentences import Refusal
from ringup.jobs.redacting import redact

_ENVIRONMENT = {
    "HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD",
    "NAME": "PGDATABASE",
}  # fmt: skip
_OPTIONS = {
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY", "service": "PGSERVICE", "passfile": "PGPASSFILE",
    "connect_timeout": "PGCONNECT_TIMEOUT", "channel_binding": "PGCHANNELBINDING",
}  # fmt: skip
_COPY = re.compile(rb"^COPY .+ FROM stdin;\n$")
# Settings of a session of psql, some unknown to older servers; backslashes are for psql alone.
_NOT_FOR_US = re.compile(rb"^(SET \w+ = .*;|SELECT pg_catalog\.set_config\(.*;|\\\w+ .*)\n$")
_LOCK_SECONDS = 10


class Postgres:
    """The database of this installation on its server."""

    member_name = "database.pgdump"

    def __init__(self) -> None:
        self.name = str(connection.settings_dict["NAME"])
        self.kept = ""

    def exists(self) -> bool:
        return True

    def version(self) -> str:
        return _asked("SHOW server_version")

    def schema(self) -> str:
        return _asked("SELECT current_schema()")

    def place(self) -> Path | None:
        return None

    def dump(self, target: Path) -> None:
        """``pg_dump`` sees one moment; nobody waits for it. It gets the password by environment."""
        schema = self.schema()
        tables = [f'--table="{schema}"."{name}"' for name in our_tables()]
        if not tables:
            raise Refusal("The database has no tables yet: ringup migrate. No backup was made.")
        pg_dump = program("pg_dump", at_least=_server_major())
        command: list[str | Path] = [
            pg_dump,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            *tables,
        ]
        command += [f'--exclude-table-data="{schema}"."django_session"', f"--file={target}"]
        done = subprocess.run(  # noqa: S603 - no shell, and no secret among the arguments
            command, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if done.returncode:
            raise Refusal(f"pg_dump failed: {_said(done.stderr)} No backup was made.")

    @contextmanager
    def loaded(self, source: Path, *, keep: bool) -> Iterator[None]:
        """One transaction: a failure of any part rolls all of it back."""
        pg_restore = program("pg_restore", at_least=_server_major())
        command: list[str | Path] = [
            pg_restore,
            "--no-owner",
            "--no-privileges",
            "--file=-",
            source,
        ]
        with tempfile.TemporaryFile() as errors, transaction.atomic(durable=True):
            _drop_tables()
            with subprocess.Popen(  # noqa: S603 - no shell; it connects to nothing
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
            ) as process:
                assert process.stdout is not None
                _run_script(process.stdout)
            if process.returncode:
                errors.seek(0)
                raise Refusal(
                    f"pg_restore cannot read the archive: {_said(errors.read())} Nothing was changed."
                )
            yield


def _asked(question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])


def _server_major() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.server_version) // 10000


def _environment() -> dict[str, str]:
    """libpq's variables for the database of the settings, beside what the programs need to start."""
    wanted = {
        variable: str(connection.settings_dict[name])
        for name, variable in _ENVIRONMENT.items()
        if connection.settings_dict.get(name)
    }
    options: dict[str, Any] = connection.settings_dict.get("OPTIONS", {})
    wanted |= {_OPTIONS[name]: str(value) for name, value in options.items() if name in _OPTIONS}
    kept = ("PATH", "HOME", "LD_LIBRARY_PATH", "LANG", "TMPDIR", "PGPASSFILE", "PGSERVICEFILE")
    return {name: os.environ[name] for name in kept if name in os.environ} | wanted


def _said(errors: bytes) -> str:
    """The first lines of a program's complaint, fit for a sentence."""
    lines = [
        line.strip() for line in errors.decode("utf-8", "replace").splitlines() if line.strip()
    ]
    return redact(" ".join(lines[:3]))[:500]


def _drop_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
        names = [connection.ops.quote_name(name) for name in our_tables()]
        try:
            if names:
                cursor.execute(f"DROP TABLE {', '.join(names)} CASCADE")
        except OperationalError as error:
            raise Refusal(
                "Somebody else uses the database. Nothing was changed. Stop ringup serve and ringup "
                "worker first."
            ) from error


def _run_script(script: Iterable[bytes]) -> None:
    """Run what ``pg_restore`` wrote: statements as they are, and the rows behind each COPY."""
    statements: list[bytes] = []
    lines = iter(script)
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        for line in lines:
            if _COPY.match(line):
                _run(cursor, statements)
                with cursor.copy(line) as copy:
                    for row in lines:
                        if row == b"\\.\n":
                            break
                        copy.write(row)
            elif not _NOT_FOR_US.match(line):
                statements.append(line)
        _run(cursor, statements)


def _run(cursor: Any, statements: list[bytes]) -> None:
    text = b"".join(statements)
    statements.clear()
    if text.strip():
        cursor.execute(text)
