"""One database with worker processes on it, for one contract test."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30.0
LEASE_SECONDS = 1.0

T = TypeVar("T")


class CallerFailed(Exception):
    """The caller's process reported an error."""


def eventually(look: Callable[[], T], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """The first true answer of ``look``; fails the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = look()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


class Crew:
    """One ``ringup worker`` with its processes, and what they logged."""

    def __init__(self, processes: int, environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as file:
            self.parent = subprocess.Popen(
                [sys.executable, "-m", "ringup", "worker", "--processes", str(processes)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        eventually(lambda: self._has_started(processes), "worker processes")

    def _has_started(self, processes: int) -> bool:
        assert self.parent.poll() is None, self.text()
        return len(self.started()) >= processes

    def started(self) -> list[int]:
        """All worker processes that were ever started here, in order."""
        return [int(pid) for pid in re.findall(r"worker process (\d+) started", self.text())]

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> int:
        """Ask it to stop, and wait: its exit code."""
        self.parent.terminate()
        return self.parent.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """Kill the parent and all that it started, whatever state they are in."""
        self.parent.kill()
        self.parent.wait()
        eventually(lambda: not any(map(is_alive, self.started())), "the end of a crew")


def plain_environment() -> dict[str, str]:
    """Of a process that has the jobs and nothing else of Ringup."""
    kept = ("PATH", "HOME", "PYTHONPATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "DJANGO_SETTINGS_MODULE": "tests.jobs.settings",
        "PYTHONWARNINGS": "error",
    }


class Caller:
    """The process that enqueues and looks: one for all plants of a run, on one after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.caller"],
            cwd=ROOT,
            env=plain_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        self._process.communicate()

    def call(self, command: str, *arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([command, arguments]) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        if "error" in reply:
            raise CallerFailed(reply["error"])
        return reply["answer"]


class Plant:
    """A database, a caller on it, and crews of workers."""

    def __init__(
        self,
        url: str,
        directory: Path,
        caller: Caller,
        lease_seconds: float = LEASE_SECONDS,
        **more: str,
    ) -> None:
        self.directory = directory
        self.crews: list[Crew] = []
        self.environment = {
            **plain_environment(),
            "RINGUP_DATABASE_URL": url,
            "RINGUP_LEASE_SECONDS": str(lease_seconds),
            **more,
        }
        self._caller = caller
        self._caller.call("turn_to", url)

    def close(self) -> None:
        with ExitStack() as all_of_them:  # also when one of them refuses to end
            all_of_them.callback(self._caller.call, "leave")
            for crew in self.crews:
                all_of_them.callback(crew.kill)

    # -- the web side -------------------------------------------------------------------------

    def put(self, name: str, *, times: int = 1, **options: Any) -> None:
        """Enqueue a job, in a transaction that commits."""
        self._caller.call("put", name, options, times)

    def put_and_roll_back(self, name: str, **options: Any) -> None:
        self._caller.call("put_and_roll_back", name, options)

    def query(self, sql: str) -> list[list[Any]]:
        answer: list[list[Any]] = self._caller.call("query", sql)
        return answer

    # -- the workers --------------------------------------------------------------------------

    def start(self, processes: int) -> Crew:
        log = self.directory / f"crew{len(self.crews)}.log"
        crew = Crew(processes, self.environment, log)
        self.crews.append(crew)
        return crew

    # -- what a test waits for and looks at -----------------------------------------------------

    def gate(self, name: str = "gate") -> Path:
        """A file that holds jobs until the test makes it."""
        return self.directory / name

    def seen(self, kind: str, what: str | None = None) -> list[tuple[str, int]]:
        """What jobs wrote, with the process that wrote it, in order."""
        rows = self.query(f"SELECT what, pid FROM seen WHERE kind = '{kind}' ORDER BY id")
        return [(row[0], row[1]) for row in rows if what is None or row[0] == what]

    def effects(self) -> list[str]:
        return [what for what, _ in self.seen("effect")]

    def unfinished(self) -> int:
        """Rows of jobs that wait or run; parked ones are not counted."""
        count: int = self.query("SELECT count(*) FROM jobs_job WHERE NOT parked")[0][0]
        return count

    def wait_until_done(self) -> None:
        eventually(lambda: self.unfinished() == 0, "the end of all jobs")

    def wait_for_note(self, what: str, times: int = 1) -> int:
        """Wait until a job noted ``what`` so many times; the process of the last one."""
        rows = eventually(
            lambda: found if len(found := self.seen("note", what)) >= times else None, what
        )
        return rows[-1][1]


def is_alive(pid: int) -> bool:
    """Whether a process runs, is stopped, or sleeps; one that only waits to be buried does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    try:
        return not status.parent.parent.exists() or status.read_text().rpartition(")")[2][1] != "Z"
    except FileNotFoundError:
        return False


def freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


def thaw(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)
