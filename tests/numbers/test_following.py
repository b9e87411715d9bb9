"""The follower: when it has the index compiled, what it says of it, and that nothing stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import Stock as Shelf
from ringup.carriers.port import StockArea
from ringup.numbers import following, publishing, syncing
from ringup.numbers.following import Follower
from ringup.numbers.index import columns
from ringup.numbers.models import IndexSeen, Sync
from tests.jobs.plant import eventually, is_alive
from tests.own_process import environment

AREA = StockArea("CA/ON", "Ontario", "CA")


@pytest.fixture
def account(transactional_db: None) -> CarrierAccount:
    account = CarrierAccount(name="Northern", kind="voipms", url="http://127.0.0.1:1/")
    account.set_secrets({})
    account.save()
    return account


class Compiler:
    """A command that stands in for the compiler: it leaves a mark, and ends as it is told to."""

    def __init__(self, place: Path) -> None:
        self._marks, self._code = place / "marks", place / "code"
        self.ends_with(0)
        self.command = ["sh", "-c", f"echo . >> {self._marks}; exit $(cat {self._code})"]

    def ends_with(self, code: int) -> None:
        self._code.write_text(str(code))

    @property
    def runs(self) -> int:
        return len(self._marks.read_text().split()) if self._marks.exists() else 0


@pytest.fixture
def compiler(tmp_path: Path) -> Compiler:
    return Compiler(tmp_path)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds to add to the follower's clock."""
    ahead = [0.0]
    genuine = time.monotonic
    monkeypatch.setattr(following.time, "monotonic", lambda: genuine() + ahead[0])
    return ahead


def change(account: CarrierAccount) -> None:
    assert syncing.store(account, AREA, Shelf([]), timezone.now())


def test_it_compiles_what_is_behind_and_nothing_else(
    account: CarrierAccount, compiler: Compiler, clock: list[float]
) -> None:
    follower = Follower(compiler.command)
    follower.look()
    assert compiler.runs == 1
    publishing.publish()
    follower.look()
    assert compiler.runs == 1
    clock[0] += 5
    change(account)
    follower.look()
    assert compiler.runs == 2


def test_while_a_pass_runs_it_compiles_once_a_minute(
    account: CarrierAccount, compiler: Compiler, clock: list[float]
) -> None:
    publishing.publish()
    Sync.objects.create(account=account, kind=Sync.Kind.STOCK, started=timezone.now())
    follower = Follower(compiler.command)
    for _ in range(12):
        change(account)
        follower.look()
        clock[0] += 4.9
    assert compiler.runs == 1
    clock[0] += 4.9
    follower.look()
    assert compiler.runs == 2
    clock[0] += 5
    follower.look()
    assert compiler.runs == 2
    Sync.objects.update(finished=timezone.now())
    follower.look()
    assert compiler.runs == 3


def test_a_file_that_cannot_be_used_is_compiled_at_once_also_in_a_pass(
    account: CarrierAccount, compiler: Compiler, clock: list[float]
) -> None:
    publishing.publish()
    Sync.objects.create(account=account, kind=Sync.Kind.STOCK, started=timezone.now())
    follower = Follower(compiler.command)
    change(account)
    follower.look()
    publishing.index_file().write_bytes(b"")
    follower.look()
    assert compiler.runs == 2


def test_a_compiler_that_fails_is_told_and_left_alone_for_a_minute(
    account: CarrierAccount, compiler: Compiler, clock: list[float]
) -> None:
    compiler.ends_with(3)
    follower = Follower(compiler.command)
    for _ in range(3):
        follower.look()
        clock[0] += 15
    assert compiler.runs == 1
    seen = IndexSeen.objects.get()
    assert "ended with 3" in seen.problem
    assert (seen.published, seen.numbers, seen.size) == (None, 0, 0)
    since = seen.behind_since
    assert since is not None
    clock[0] += 30
    follower.look()
    assert compiler.runs == 2
    assert IndexSeen.objects.get().behind_since == since
    compiler.ends_with(0)
    clock[0] += 61
    follower.look()
    publishing.publish()
    clock[0] += 16
    follower.look()
    seen = IndexSeen.objects.get()
    assert (seen.problem, seen.behind_since) == ("", None)
    assert seen.size == settings.RINGUP_INDEX_FILE.stat().st_size
    assert seen.published is not None
    assert abs(seen.published - timezone.now()) < timedelta(minutes=1)


def test_hosts_that_have_gone_are_forgotten_and_one_that_stops_says_so(
    account: CarrierAccount, compiler: Compiler
) -> None:
    long_ago = timezone.now() - timedelta(hours=25)
    IndexSeen.objects.create(host="gone", seen=long_ago)
    follower = Follower(compiler.command)
    follower.look()
    assert [seen.host for seen in IndexSeen.objects.all()] == [following.this_host()]
    follower.stop()
    follower.run()
    assert not IndexSeen.objects.exists()


def test_a_database_that_is_away_stops_nothing(
    account: CarrierAccount, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.01)
    genuine, looked = publishing.is_behind, []

    def is_behind() -> bool:
        looked.append(None)
        if len(looked) < 3:
            raise OperationalError("the server closed the connection")
        return genuine()

    monkeypatch.setattr(publishing, "is_behind", is_behind)
    follower = Follower(compiler.command)
    thread = threading.Thread(target=follower.run)
    thread.start()
    eventually(lambda: compiler.runs, "a compiler")
    follower.stop()
    thread.join()


def test_a_server_keeps_its_processes_and_its_index(
    account: CarrierAccount, tmp_path: Path
) -> None:
    """``ringup serve``, as it is started: it answers, compiles, replaces, and ends with its children."""
    path, log = tmp_path / "served.index", tmp_path / "log"
    change(account)
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "ringup", "serve", "--port", "0", "--processes", "2"],
            env=environment(RINGUP_INDEX_PATH=str(path), RINGUP_LOG_LEVEL="INFO"),
            stdout=out,
            stderr=out,
        )
    try:
        url = eventually(lambda: found_in(log, "Serving on "), "an address")
        first = eventually(lambda: pids(log, 2), "two processes")
        eventually(lambda: answers(url), "an answer")
        wanted = publishing.fingerprint()
        eventually(lambda: columns.fingerprint_at(path) == wanted, "the newest index")
        os.kill(first[0], signal.SIGKILL)
        everyone = eventually(lambda: pids(log, 3), "a third process")
        eventually(lambda: answers(url), "an answer after a death")
        server.terminate()
        assert server.wait(30) == 0, log.read_text()
        assert not any(map(is_alive, everyone))
        assert not IndexSeen.objects.exists()
    finally:
        server.kill()
        server.wait()
    eventually(lambda: not any(map(is_alive, pids(log, 2))), "the end of the children")


def found_in(log: Path, words: str) -> str:
    text = log.read_text(errors="replace")
    return text.partition(words)[2].split("\n")[0] if words in text else ""


def pids(log: Path, least: int) -> list[int]:
    text = log.read_text(errors="replace")
    found = [int(part.split()[0]) for part in text.split("web process ")[1:] if " started" in part]
    return found if len(found) >= least else []


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
