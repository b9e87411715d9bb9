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

import psycopg
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from psycopg import sql

from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job

_URL_VARIABLE = "RINGUP_SANDBOX_POSTGRES_URL"
_DONE = re.compile(r"jobs\.probe done: attempt 1, waited ([\d.]+) s")
_STARTS = 200


class Command(BaseCommand):
    help = "Measures no-op jobs per second and how soon an idle worker starts a job."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this one")
        parser.add_argument("--jobs", type=int, default=2000, help="no-op jobs (2000)")
        parser.add_argument("--processes", type=int, default=2, help="worker processes (2)")
        parser.add_argument(
            "--postgres-url",
            default=os.environ.get(_URL_VARIABLE, ""),
            help=f"a server on which a database may be made (${_URL_VARIABLE}, else a sandbox)",
        )
        parser.add_argument("--here", action="store_true", help="internal: measure this database")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["here"]:
            print(json.dumps(_measure(options["jobs"], options["processes"])), flush=True)
            return
        with tempfile.TemporaryDirectory(prefix="ringup-bench-") as directory:
            if options["database"] != "postgresql":
                _run_on(f"sqlite:///{directory}/bench.sqlite3", directory, options)
            if options["database"] != "sqlite":
                with _postgres_server(options["postgres_url"]) as server, _database(server) as url:
                    _run_on(url, directory, options)


def _run_on(url: str, directory: str, options: dict[str, Any]) -> None:
    command = [sys.executable, "-m", "ringup", "bench_jobs", "--here"]
    command += ["--jobs", str(options["jobs"]), "--processes", str(options["processes"])]
    environment = os.environ | {"RINGUP_DATABASE_URL": url, "RINGUP_VAR": directory}
    if subprocess.run(command, env=environment, check=False).returncode:  # noqa: S603
        raise CommandError("The benchmark failed; its own words are above.")


@contextmanager
def _postgres_server(url: str) -> Iterator[str]:
    """The given server, or a throw-away one that is asked for like any sandbox: as a program."""
    if url:
        yield url
        return
    command = [sys.executable, "-m", "ringup.sandbox", "postgres", "--durable"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as sandbox:  # noqa: S603
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
