"""Asking a running Ringup over HTTP, as browsers do: for benchmarks."""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.core.management.base import CommandError

_FRAGMENT = {"HX-Request": "true"}
_LONGEST_SECONDS = 60


class Browser:
    """One connection that stays open."""

    def __init__(self, url: str, *, cookie: str = "") -> None:
        self._headers = {"Cookie": cookie} if cookie else {}
        address = urlsplit(url)
        host, port = address.hostname or "", address.port
        self._connection = http.client.HTTPConnection(host, port, timeout=_LONGEST_SECONDS)

    def get(self, path: str, *, fragment: bool = True) -> tuple[int, bytes]:
        headers = self._headers | (_FRAGMENT if fragment else {})
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def timed(self, path: str, *, fragment: bool = True) -> float:
        """Milliseconds until the last byte. Raises ``CommandError`` for anything but a page."""
        begun = time.perf_counter()
        status, _ = self.get(path, fragment=fragment)
        if status != http.client.OK:
            raise CommandError(f"{path} answered {status}.")
        return (time.perf_counter() - begun) * 1000


@dataclass(frozen=True, slots=True)
class Served:
    """A running ``ringup serve``."""

    url: str
    pid: int


@contextmanager
def serving(*, processes: int, behind_proxy: bool = False) -> Iterator[Served]:
    """``ringup serve`` on this database, without limits on searching. Behind a proxy, who asks says from
    where."""
    command = [sys.executable, "-m", "ringup", "serve", "--port", "0"]
    command += ["--processes", str(processes)]
    limits = {"RINGUP_SEARCHES_PER_BROWSER": "0", "RINGUP_SEARCHES_PER_ADDRESS": "0"}
    if behind_proxy:
        limits["RINGUP_BEHIND_PROXY"] = "true"
    environment = os.environ | limits | {"RINGUP_LOG_LEVEL": "ERROR", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.PIPE, env=environment, text=True
    ) as server:
        assert server.stdout is not None
        try:
            for line in server.stdout:
                if line.startswith("Serving on "):
                    yield Served(line.removeprefix("Serving on ").strip(), server.pid)
                    break
            else:
                raise CommandError("The server ended. Run `ringup serve` to see why.")
        finally:
            server.terminate()
            server.stdout.close()


def cpu_seconds(pid: int) -> float:
    """What a process and all below it have used of the processors so far: it says more than the time of
    day does on a machine that does other things too. Linux alone tells; elsewhere it is 0."""
    spent: dict[int, float] = {}
    parents: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = place.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        number = int(place.parent.name)
        parents[number] = int(facts[1])
        spent[number] = (int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK")
    family = {pid}
    while more := {one for one, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(spent.get(one, 0.0) for one in family)


def percentiles(milliseconds: list[float]) -> dict[str, float]:
    found = statistics.quantiles(milliseconds, n=100, method="inclusive")
    return {f"p{share}_ms": round(found[share - 1], 1) for share in (50, 95, 99)}


def crowd(url: str, ask: Callable[[], str], *, browsers: int, seconds: float) -> dict[str, float]:
    """Many at once, each asking again as soon as it has its answer."""
    took: list[float] = []
    errors: list[BaseException] = []
    end = time.perf_counter() + seconds

    def search() -> None:
        browser = Browser(url)
        while time.perf_counter() < end:
            try:
                took.append(browser.timed(ask()))
            except (OSError, http.client.HTTPException, CommandError) as error:
                errors.append(error)
                browser = Browser(url)

    threads = [threading.Thread(target=search) for _ in range(browsers)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - begun
    if len(took) < browsers:
        raise CommandError(f"Nobody was answered: {errors[:1]}")
    return {
        "searchers": browsers,
        "per_second": round(len(took) / elapsed, 1),
        "errors": len(errors),
        "p95_ms": percentiles(took)["p95_ms"],
    }
