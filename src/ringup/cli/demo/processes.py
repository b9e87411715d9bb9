"""The demo's processes: sandboxes, web and worker, started together and stopped together."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

STAFF_EMAIL = "staff@ringup.example"
# The carrier with papers looks at them for so long.
LOOKS_SECONDS = "4"


class DemoProblem(Exception):
    """The demo cannot start. The message says what happened and what to do."""


@dataclass(frozen=True)
class Demo:
    """A running demo: addresses, the staff login, and what the sandboxes announced."""

    url: str
    staff_email: str
    staff_password: str
    voipms: dict[str, Any]
    didww: dict[str, Any]
    fusionpbx: dict[str, Any]
    smtp: dict[str, Any]
    logs: Path


@contextmanager
def running_demo(*, port: int) -> Iterator[Demo]:
    """Start all, yield when the shop answers, and stop all at the end, newest first.

    Everything lives in a new temporary directory: the sandboxes forget all at their end, so a
    database that remembered them would only mislead.
    """
    with ExitStack() as stack:
        var = Path(tempfile.mkdtemp(prefix="ringup-demo-"))
        stack.callback(shutil.rmtree, var, ignore_errors=True)
        voipms = stack.enter_context(_sandbox("voipms", var))
        looks = ("--decide-seconds", LOOKS_SECONDS)
        didww = stack.enter_context(_sandbox("didww", var, *looks))
        fusionpbx = stack.enter_context(_sandbox("fusionpbx", var))
        smtp = stack.enter_context(_sandbox("smtp", var))
        port = _free_port(port)
        url = f"http://127.0.0.1:{port}"
        environment = _environment(var, url, smtp)
        password = secrets.token_urlsafe(9)
        sandboxes = {"voipms": voipms, "didww": didww, "fusionpbx": fusionpbx}
        _prepare(environment, sandboxes, password)
        web = ["serve", "--port", str(port)]
        stack.enter_context(_running(web, var / "web.log", environment))
        worker = ["worker", "--processes", "2"]
        stack.enter_context(_running(worker, var / "worker.log", environment))
        # The numbers on sale are fetched and searchable before anybody looks for one.
        _run(["sync_numbers", "--wait"], environment)
        _wait_for(url, var / "web.log")
        yield Demo(url, STAFF_EMAIL, password, voipms, didww, fusionpbx, smtp, var)


def _environment(var: Path, url: str, smtp: dict[str, Any]) -> dict[str, str]:
    own = {name: text for name, text in os.environ.items() if not name.startswith("RINGUP_")}
    kept = {name: text for name, text in os.environ.items() if name.startswith("RINGUP_SANDBOX_")}
    return own | kept | {
        "RINGUP_DEVELOPMENT": "true",
        "RINGUP_VAR": str(var),
        "RINGUP_DATABASE_URL": os.environ.get(
            "RINGUP_DATABASE_URL", f"sqlite:///{var}/ringup.sqlite3"
        ),
        "RINGUP_URL": url,
        "RINGUP_SMTP_HOST": str(smtp["host"]),
        "RINGUP_SMTP_PORT": str(smtp["port"]),
        "RINGUP_SETTLE_SECONDS": "3",
        "PYTHONUNBUFFERED": "1",
    }  # fmt: skip


def _prepare(environment: dict[str, str], sandboxes: dict[str, Any], password: str) -> None:
    """Migrate, seed the catalogue, make the staff login, prepare the PBX: in a process of its own."""
    facts = sandboxes | {"staff": [STAFF_EMAIL, password]}
    _run(["migrate", "--verbosity", "0"], environment)
    _run(["seed"], environment, given=json.dumps(facts))


def _run(command: list[str], environment: dict[str, str], *, given: str = "") -> None:
    """A command of ours, to its good end."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "ringup", *command],
        input=given,
        text=True,
        capture_output=True,
        env=environment,
    )
    if done.returncode != 0:
        raise DemoProblem(f"ringup {command[0]} failed:\n{done.stderr[-2000:]}")


@contextmanager
def _sandbox(name: str, var: Path, *options: str) -> Iterator[dict[str, Any]]:
    """One sandbox server, with the facts that it announced."""
    log = var / f"{name}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "ringup.sandbox", name, *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    try:
        assert process.stdout is not None  # it is a pipe
        line = process.stdout.readline()
        if not line:
            raise DemoProblem(f"The sandbox {name} did not start:\n{log.read_text()[-2000:]}")
        yield json.loads(line)
    finally:
        _stop(process)


@contextmanager
def _running(
    command: list[str], log: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "ringup", *command],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[Any]) -> None:
    """Ask, then insist. Ctrl-C reaches only this process: the others are sessions of their own."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _free_port(wanted: int) -> int:
    """``wanted`` when it is free, else any."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            free: int = probe.getsockname()[1]
            return free
    raise DemoProblem("No port is free on 127.0.0.1.")


def _wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise DemoProblem(f"The shop does not answer at {url}:\n{log.read_text()[-2000:]}")
