"""A real PostgreSQL for sandboxes and tests: started here, or the server that the environment names.

``RINGUP_SANDBOX_POSTGRES_URL``: use this server (its user must be allowed to create databases)
instead of starting one; databases get a random prefix and are dropped at the end.
``RINGUP_SANDBOX_PG_BIN`` and ``RINGUP_SANDBOX_PG`` choose the programs (see ``postgres_binaries``).
"""

from __future__ import annotations

import atexit
import base64
import hashlib
import hmac
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from ringup.sandbox.postgres_binaries import NoPostgres, programs, unprivileged_account
from ringup.sandbox.scratch import Scratch

URL_VARIABLE = "RINGUP_SANDBOX_POSTGRES_URL"
_HOST = "127.0.0.1"
_START_SECONDS = 30.0
_STOP_SECONDS = 20.0
_PORT_TRIES = 5
_LEASH = Path(__file__).with_name("leash.py")

_SETTINGS = {
    "listen_addresses": _HOST,
    "shared_buffers": "32MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # In the data directory, so that a killed server leaves nothing in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
}
# What lives as long as a test or a demonstration need not survive a power cut. It does survive its
# own crash, so a commit still waits for the operating system to have it.
_FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
StopMode = Literal["fast", "immediate"]
_SIGNALS: dict[StopMode, signal.Signals] = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class PostgresServer(ABC):
    """A server on which databases can be made. Names are short; the server may prefix them."""

    @abstractmethod
    def dsn(self, name: str = "postgres") -> str:
        """The address of database ``name``: a URL with user and password."""

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Make database ``name``, empty or a copy of ``template``, and return its address."""
        statement = sql.SQL("CREATE DATABASE {}").format(self._identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(self._identifier(template))
        self._execute(statement)
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop database ``name`` if it exists, ending the connections to it."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._execute(statement.format(self._identifier(name)))

    def _identifier(self, name: str) -> sql.Identifier:
        return sql.Identifier(name)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(statement)


class GivenPostgres(PostgresServer):
    """Somebody's server. Only databases of our own random prefix are made, and all are dropped."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        if self._url.scheme not in ("postgres", "postgresql") or not self._url.hostname:
            raise NoPostgres(f"{URL_VARIABLE} must look like postgresql://user:password@host/db.")
        self._prefix = f"ringup_{secrets.token_hex(4)}_"
        self._made: set[str] = set()

    def dsn(self, name: str = "postgres") -> str:
        database = self._url.path if name == "postgres" else f"/{self._prefix}{quote(name)}"
        return urlunsplit(self._url._replace(path=database))

    def create_database(self, name: str, *, template: str | None = None) -> str:
        self._made.add(name)
        return super().create_database(name, template=template)

    def close(self) -> None:
        """Drop every database that was made here."""
        for name in sorted(self._made):
            self.drop_database(name)
        self._made.clear()

    def _identifier(self, name: str) -> sql.Identifier:
        return sql.Identifier(self._prefix + name)


class OwnPostgres(PostgresServer):
    """A throw-away cluster in a temporary directory, on loopback and a Unix socket, UTF-8.

    Its processes end when ours does, however that ends. As root it runs as ``nobody``.
    Made by ``start_postgres``.
    """

    def __init__(self, *, user: str, durable: bool, settings: dict[str, str]) -> None:
        self.user = user
        self.port = 0
        self._password = secrets.token_hex(16)
        self._settings = _SETTINGS | ({} if durable else _FAST) | settings
        self._account = unprivileged_account()
        self._programs = programs(self._account)
        self._scratch = Scratch("postgres", shared=self._account is not None)
        self._log = self._scratch.path / "server.log"
        self.data = self._private_directory("data")
        self._sockets = self._private_directory("socket")
        self._process: subprocess.Popen[bytes] | None = None

    def dsn(self, name: str = "postgres") -> str:
        return f"postgresql://{self.user}:{self._password}@{_HOST}:{self.port}/{quote(name)}"

    @property
    def pid(self) -> int | None:
        """The process of the running server, or None."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def initialise(self) -> None:
        """Make the cluster's files."""
        secret = self._private_directory("secret") / "password"
        secret.write_text(_verifier(self._password))
        self._give_away(secret, 0o400)
        arguments = [f"--pgdata={self.data}", f"--username={self.user}", f"--pwfile={secret}"]
        arguments += ["--auth=scram-sha-256", "--encoding=UTF8", "--no-sync", "--no-instructions"]
        result = self._run("initdb", [*arguments, "--locale=C.UTF-8"])
        if result.returncode != 0:  # an old C library without that locale
            result = self._run("initdb", [*arguments, "--locale=C"])
        secret.unlink()
        if result.returncode != 0:
            raise NoPostgres(f"initdb failed: {result.stdout.decode(errors='replace')}")

    def start(self) -> None:
        """Start the server and wait until it accepts connections, on the port it had before."""
        for _ in range(_PORT_TRIES):
            port = self.port or _free_port()
            self._process = self._spawn(port)
            if self._ready(self._process):
                self.port = port
                return
            if "Address already in use" not in self._log.read_text(errors="replace"):
                break
        tail = self._log.read_text(errors="replace")[-2000:]
        raise NoPostgres(f"PostgreSQL in {self._programs} did not start: {tail}")

    def stop(self, mode: StopMode = "fast") -> None:
        """Stop the server: ``fast`` ends sessions in order, ``immediate`` is a crash with recovery."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(_SIGNALS[mode])
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def restart(self, mode: StopMode = "fast") -> None:
        """Stop and start again: same port, same password, same data."""
        self.stop(mode)
        self.start()

    def close(self) -> None:
        """Stop the server and remove its files. Calling it twice does no harm."""
        atexit.unregister(self.close)
        self.stop("immediate")
        self._scratch.close()

    def _private_directory(self, name: str) -> Path:
        path = self._scratch.path / name
        path.mkdir()
        self._give_away(path, 0o700)
        return path

    def _give_away(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        if self._account is not None:
            os.chown(path, self._account.uid, self._account.gid)

    def _run(self, program: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 - our own programs and arguments
            [self._programs / program, *arguments],
            cwd=self._scratch.path,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            user=self._account.uid if self._account else None,
            group=self._account.gid if self._account else None,
            extra_groups=[] if self._account else None,
        )

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        """Start ``postgres`` from a thread that lives as long as it does.

        The kernel ends a leashed process with the thread that started it, and our caller's thread
        may be a short one.
        """
        uid, gid = (self._account.uid, self._account.gid) if self._account else (-1, -1)
        leash = [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), str(uid), str(gid)]
        server = [str(self._programs / "postgres"), "-D", str(self.data), "-p", str(port)]
        settings = self._settings | {"unix_socket_directories": str(self._sockets)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        started: SimpleQueue[subprocess.Popen[bytes] | OSError] = SimpleQueue()

        def keep() -> None:
            try:
                with self._log.open("wb") as log:
                    process = subprocess.Popen(  # noqa: S603 - our own programs and arguments
                        [*leash, *server, *options],
                        cwd=self._scratch.path,
                        env=_environment(),
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                    )
            except OSError as error:
                started.put(error)
                return
            started.put(process)
            process.wait()

        threading.Thread(target=keep, name="postgres-keeper", daemon=True).start()
        result = started.get()
        if isinstance(result, OSError):
            raise NoPostgres(f"PostgreSQL could not be started: {result}") from result
        return result

    def _ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait for the word ``ready`` that the server writes beside its process id."""
        status = self.data / "postmaster.pid"
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            lines = status.read_text().splitlines() if status.exists() else []
            if len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.01)
        return False


@contextmanager
def start_postgres(
    *, user: str = "postgres", durable: bool = False, settings: dict[str, str] | None = None
) -> Iterator[OwnPostgres]:
    """A cluster of our own, whatever the environment says: to be stopped and restarted at will.

    ``durable`` keeps PostgreSQL's own promises about power cuts, at its own speed.
    """
    server = OwnPostgres(user=user, durable=durable, settings=settings or {})
    atexit.register(server.close)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.close()


@contextmanager
def running_postgres(*, user: str = "postgres") -> Iterator[PostgresServer]:
    """The server that ``RINGUP_SANDBOX_POSTGRES_URL`` names, else a cluster of our own."""
    url = os.environ.get(URL_VARIABLE, "")
    if not url:
        with start_postgres(user=user) as own:
            yield own
        return
    given = GivenPostgres(url)
    try:
        yield given
    finally:
        given.close()


def _verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (RFC 5803), made with one round instead of 4096: those
    guard passwords that people choose, and cost each connection 5 ms."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    client, server = (
        hmac.digest(salted, word, "sha256") for word in (b"Client Key", b"Server Key")
    )
    stored = hashlib.sha256(client).digest()
    salt_, stored_, server_ = (base64.b64encode(one).decode() for one in (salt, stored, server))
    return f"SCRAM-SHA-256$1:{salt_}${stored_}:{server_}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    """Nothing of ours but where libraries are: PGDATA, PGPORT and the like would mislead."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"PATH": os.defpath, "LC_ALL": "C", **kept}
