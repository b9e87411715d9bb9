"""Installations of their own: a directory, a database, and ``ringup`` as a process in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).parents[2]


@dataclass
class Installation:
    """A machine with Ringup on it. ``url`` is its database."""

    var: Path
    url: str
    more: dict[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> Path:
        return self.var / "keys"

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """``ringup COMMAND`` as a process of this machine."""
        kept = ("PATH", "HOME", "PYTHONPATH", "TMPDIR")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment |= {
            "RINGUP_DEVELOPMENT": "true",
            "RINGUP_VAR": str(self.var),
            "RINGUP_DATABASE_URL": self.url,
            "RINGUP_LOG_LEVEL": "WARNING",
            "PYTHONWARNINGS": "error",
            **self.more,
        }
        return subprocess.run(
            [sys.executable, "-m", "ringup", *command],
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip

    def says(self, *command: str) -> str:
        """What a command that ends well prints."""
        done = self.run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def this_url() -> str:
    """The address of the database of this test process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    base, _, _ = os.environ["RINGUP_DATABASE_URL"].rpartition("/")
    return f"{base}/{name}"


@contextmanager
def empty_database(var: Path) -> Iterator[str]:
    """The address of a database that nobody has used, beside the one of this process."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{var}/ringup.sqlite3"
        return
    name = f"{connection.settings_dict['NAME']}_empty"
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {quoted}")
    try:
        yield f"{this_url().rpartition('/')[0]}/{name}"
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {quoted} WITH (FORCE)")


@contextmanager
def looking_into(url: str) -> Iterator[None]:
    """This process's own connection on another database."""
    before = connection.settings_dict["NAME"]
    name = (
        url.removeprefix("sqlite:///") if connection.vendor == "sqlite" else url.rpartition("/")[2]
    )
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
