"""``ringup bench_jobs``: no-op jobs per second and start latency, one JSON line per database.

Each database is a fresh one; the numbers are those of real worker processes on it.
"""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from ringup.cli.fresh_databases import add_database_arguments, on_each_database
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job

_DONE = re.compile(r"jobs\.probe done: attempt 1, waited ([\d.]+) s")
_STARTS = 200


class Command(BaseCommand):
    help = "Measures no-op jobs per second and how soon an idle worker starts a job."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_database_arguments(parser)
        parser.add_argument("--jobs", type=int, default=2000, help="no-op jobs (2000)")
        parser.add_argument("--processes", type=int, default=2, help="worker processes (2)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["here"]:
            print(json.dumps(_measure(options["jobs"], options["processes"])), flush=True)
            return
        command = ["bench_jobs", "--jobs", str(options["jobs"])]
        command += ["--processes", str(options["processes"])]
        on_each_database(command, only=options["database"], postgres_url=options["postgres_url"])


def _measure(jobs: int, processes: int) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    with tempfile.NamedTemporaryFile(suffix=".log") as log, _workers(processes, log.name) as crew:
        _enqueue(20)
        _wait_until_done(crew)
        began = time.monotonic()
        _enqueue(jobs)
        enqueued = time.monotonic()
        _wait_until_done(crew)
        done = time.monotonic()
        for _ in range(_STARTS):
            enqueue("jobs.probe")
            # At any moment of an idle worker's round, and long enough for it to be idle again.
            time.sleep(random.uniform(0.03, 0.07))  # noqa: S311
        _wait_until_done(crew)
        waits = [float(text) * 1000 for text in _DONE.findall(Path(log.name).read_text())]
    starts = statistics.quantiles(waits[-_STARTS:], n=20)
    return {
        "bench": "jobs",
        "database": connection.vendor,
        "jobs": jobs,
        "processes": processes,
        "enqueued_per_second": round(jobs / (enqueued - began)),
        "jobs_per_second": round(jobs / (done - enqueued)),
        "start_ms_p50": round(starts[9], 1),
        "start_ms_p95": round(starts[18], 1),
    }


@contextmanager
def _workers(processes: int, log: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "ringup", "worker", "--processes", str(processes)]
    environment = os.environ | {"RINGUP_LOG_LEVEL": "INFO"}
    with Path(log).open("ab") as file:
        crew = subprocess.Popen(command, stderr=file, env=environment)  # noqa: S603
        try:
            yield crew
        finally:
            crew.terminate()
            crew.wait()


def _enqueue(jobs: int) -> None:
    with transaction.atomic():
        for _ in range(jobs):
            enqueue("jobs.probe")


def _wait_until_done(crew: subprocess.Popen[bytes]) -> None:
    while Job.objects.filter(name="jobs.probe").exists():
        if crew.poll() is not None:
            raise CommandError("The workers ended. Run `ringup worker` to see why.")
        time.sleep(0.02)
