"""Fresh databases for benchmarks: one SQLite file and one PostgreSQL database, each gone at the end."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from django.core.management.base import CommandError
from psycopg import sql

_URL_VARIABLE = "RINGUP_SANDBOX_POSTGRES_URL"


def add_database_arguments(parser: ArgumentParser) -> None:
    """``--database``, ``--postgres-url``, and ``--here`` for the run inside."""
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this one")
    parser.add_argument(
        "--postgres-url",
        default=os.environ.get(_URL_VARIABLE, ""),
        help=f"a server on which a database may be made (${_URL_VARIABLE}, else a sandbox)",
    )
    parser.add_argument("--here", action="store_true", help="internal: measure this database")


def on_each_database(command: Sequence[str], *, only: str | None, postgres_url: str) -> None:
    """Run ``ringup command --here`` on each fresh database. What it prints is the result."""
    with tempfile.TemporaryDirectory(prefix="ringup-bench-") as directory:
        if only != "postgresql":
            _run_on(f"sqlite:///{directory}/bench.sqlite3", directory, command)
        if only != "sqlite":
            with _postgres_server(postgres_url) as server, _database(server) as url:
                _run_on(url, directory, command)


def _run_on(url: str, directory: str, command: Sequence[str]) -> None:
    program = [sys.executable, "-m", "ringup", *command, "--here"]
    environment = os.environ | {"RINGUP_DATABASE_URL": url, "RINGUP_VAR": directory}
    if subprocess.run(program, env=environment, check=False).returncode:  # noqa: S603 - our own program
        raise CommandError("The benchmark failed; its own words are above.")


@contextmanager
def _postgres_server(url: str) -> Iterator[str]:
    """The given server, or a throw-away one that is asked for like any sandbox: as a program."""
    if url:
        yield url
        return
    command = [sys.executable, "-m", "ringup.sandbox", "postgres", "--durable"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as sandbox:  # noqa: S603 - our own program
        assert sandbox.stdout is not None
        try:
            line = sandbox.stdout.readline()
            if not line:
                raise CommandError(f"No PostgreSQL: set {_URL_VARIABLE}, or use --database sqlite.")
            yield json.loads(line)["dsn"]
        finally:
            sandbox.terminate()


@contextmanager
def _database(server: str) -> Iterator[str]:
    name = f"ringup_bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", server, count=1)
        finally:
            session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
