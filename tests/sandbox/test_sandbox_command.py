"""``python -m ringup.sandbox``: one line of JSON, a clean end, and no other part of Ringup."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.once
COMMAND = [sys.executable, "-m", "ringup.sandbox"]


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_voipms_announces_itself_works_and_stops_cleanly(number: signal.Signals) -> None:
    with started("voipms", "--numbers", "50", "--seed", "3") as (process, facts):
        assert set(facts) == {"url", "user", "password", "control", "account"}
        assert facts["password"].isalnum()
        login = {"api_username": facts["user"], "api_password": facts["password"]}
        answer = httpx.get(facts["url"], params=login | {"method": "getBalance"}).json()
        assert answer["status"] == "success"
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_smtp_announces_itself_and_stops_cleanly() -> None:
    with started("smtp") as (process, facts):
        assert set(facts) == {"host", "port", "url", "control"}
        assert httpx.get(facts["url"]).json() == []
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_an_unknown_server_is_refused_with_the_known_names() -> None:
    done = subprocess.run([*COMMAND, "asterisk"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "voipms" in done.stderr


def test_a_sandbox_loads_no_other_part_of_ringup_and_no_django() -> None:
    code = (
        "import sys, ringup.sandbox.voipms, ringup.sandbox.smtp\n"
        "print([n for n in sys.modules if n.split('.')[0] == 'django' or"
        " n.startswith('ringup.') and not n.startswith('ringup.sandbox')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
