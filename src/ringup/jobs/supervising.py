"""The parent of the worker processes: it keeps their number, and touches no database itself."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from django.conf import settings

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.1
# A process that dies this soon has something wrong with it: do not start the next one at once.
_YOUNG_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 30.0


class Place:
    """One place for a process, filled anew whenever its process has ended. ``name`` is what the log
    calls it; ``files`` are the numbers of open files that it inherits."""

    def __init__(
        self, command: Sequence[str], *, name: str = "worker", files: Sequence[int] = ()
    ) -> None:
        self._command = list(command)
        self._name = name
        self._files = tuple(files)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._pause = 0.0
        self._free_again = 0.0

    def tend(self) -> None:
        """Start a process if there is none. Call it often."""
        if self._process is not None and self._process.poll() is not None:
            self._bury(self._process)
        if self._process is None and time.monotonic() >= self._free_again:
            self._start()

    def drain(self) -> None:
        """Ask the process to finish what it does and end."""
        if self._process is not None:
            self._process.terminate()

    def wait(self) -> None:
        """Wait until the process has ended, however long that takes."""
        if self._process is not None:
            self._process.wait()

    def _start(self) -> None:
        self._started = time.monotonic()
        # Its standard input is the tether: see tether.py.
        self._process = subprocess.Popen(  # noqa: S603
            self._command, stdin=subprocess.PIPE, pass_fds=self._files
        )
        log.info("%s process %d started", self._name, self._process.pid)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            process.stdin.close()
        young = time.monotonic() - self._started < _YOUNG_SECONDS
        longer = max(self._pause * 2, settings.RINGUP_RESTART_SECONDS)
        self._pause = min(longer, _LONGEST_PAUSE_SECONDS) if young else 0.0
        self._free_again = time.monotonic() + self._pause
        self._process = None
        log.warning(
            "%s process %d ended with %d; the next one starts in %.0f s",
            *(self._name, process.pid, process.returncode, self._pause),
        )


class Supervisor:
    """Keeps ``processes`` worker processes alive until SIGTERM or SIGINT."""

    def __init__(self, processes: int, queues: Sequence[str] = ()) -> None:
        command = [sys.executable, "-m", "ringup", "worker", "--child"]
        if queues:
            command += ["--queues", ",".join(queues)]
        self._places = [Place(command) for _ in range(processes)]
        self._draining = False

    def run(self) -> None:
        """Watch until asked to stop; then wait for every running job to end.

        Asking again changes nothing: who cannot wait kills us, and the leases see to the rest.
        """
        signal.signal(signal.SIGTERM, self._drain)
        signal.signal(signal.SIGINT, self._drain)
        while not self._draining:
            for place in self._places:
                place.tend()
            time.sleep(_LOOK_SECONDS)
        log.info("stopping: running jobs are finished first")
        for place in self._places:
            place.drain()
        for place in self._places:
            place.wait()

    def _drain(self, _number: int, _frame: FrameType | None) -> None:
        self._draining = True
