"""``python -m ringup.sandbox fusionpbx``: one line of JSON, HTTP control, and a clean end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from ringup.sandbox.postgres import URL_VARIABLE, PostgresServer
from tests.sandbox.fusionpbx_wire import Wire

pytestmark = pytest.mark.once
COMMAND = [sys.executable, "-m", "ringup.sandbox", "fusionpbx"]


@contextmanager
def started(
    *arguments: str, on: PostgresServer | None = None
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """With a database server of its own, or ``on`` one that runs already."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, env=environment(on)
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


def environment(on: PostgresServer | None) -> dict[str, str]:
    return os.environ | ({URL_VARIABLE: on.dsn("postgres")} if on else {})


@pytest.fixture(scope="module")
def facts(pbx_postgres: PostgresServer) -> Iterator[dict[str, Any]]:
    with started(on=pbx_postgres) as (_, facts):
        yield facts


@pytest.fixture
def control(facts: dict[str, Any]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=facts["control"]) as client:
        yield client
        client.post("/faults/clear")
        client.post("/registrar", json={})
        client.post("/commands/forget")


@pytest.fixture
def wire(facts: dict[str, Any]) -> Iterator[Wire]:
    socket = facts["event_socket"]
    wire = Wire(socket["host"], socket["port"])
    wire.read()
    assert wire.reply(f"auth {socket['password']}") == "+OK accepted"
    yield wire
    wire.close()


def test_it_says_in_one_line_all_that_a_client_needs(facts: dict[str, Any]) -> None:
    assert set(facts) == {
        *("dsn", "event_socket", "cache_dir", "recordings_dir", "voicemail_dir", "config_file"),
        *("hostname", "template_domain", "version", "control"),
    }
    assert facts["event_socket"]["password"].isalnum()
    with psycopg.connect(facts["dsn"]) as connection:
        row = connection.execute("SELECT domain_name FROM v_domains").fetchone()
    assert row == (facts["template_domain"],)
    for name in ("cache_dir", "recordings_dir", "voicemail_dir"):
        assert Path(facts[name]).is_dir()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_quickly_and_leaves_nothing(number: signal.Signals) -> None:
    begun = time.monotonic()
    with started("--version", "5.4", "--hostname", "old-pbx") as (process, facts):
        assert time.monotonic() - begun < 10  # 1.5 s on an idle machine; this one may be busy
        assert facts["version"] == "5.4.4"
        assert facts["hostname"] == "old-pbx"
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""
    assert not Path(facts["cache_dir"]).parent.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(facts["dsn"])


def test_it_loads_no_other_part_of_ringup_and_no_django() -> None:
    code = (
        "import sys, ringup.sandbox.fusionpbx, ringup.sandbox.postgres\n"
        "print([n for n in sys.modules if n.split('.')[0] == 'django' or"
        " n.startswith('ringup.') and not n.startswith('ringup.sandbox')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_ports_can_be_chosen(facts: dict[str, Any], pbx_postgres: PostgresServer) -> None:
    taken = facts["event_socket"]["port"]
    done = subprocess.run(
        [*COMMAND, "--port-event-socket", str(taken)],
        capture_output=True,
        text=True,
        check=False,
        env=environment(pbx_postgres),
    )
    assert done.returncode != 0
    assert "Address already in use" in done.stderr


def test_commands_can_be_looked_at_and_forgotten(control: httpx.Client, wire: Wire) -> None:
    wire.api("reloadacl")
    texts = [one["text"] for one in control.get("/commands").json()]
    assert texts[-2:] == ["auth", "api reloadacl"]
    control.post("/commands/forget")
    assert control.get("/commands").json() == []


def test_gateways_show_what_the_registrar_says(
    control: httpx.Client, wire: Wire, facts: dict[str, Any]
) -> None:
    gateway = uuid.uuid4()
    with psycopg.connect(facts["dsn"]) as connection:
        connection.execute(
            "INSERT INTO v_gateways (gateway_uuid, username, password, proxy, register, enabled, "
            "profile) VALUES (%s, 'trunk', 'Secret1234', 'sip.example.net', true, true, 'external')",
            [gateway],
        )
    for file in Path(facts["cache_dir"]).glob("*sofia.conf*"):
        file.unlink()
    wire.api("sofia profile external rescan")
    states = []
    for wish in ({"answers": False}, {"accounts": {"trunk": "Secret1234"}}, {"seconds": 60}):
        assert control.post("/registrar", json=wish).status_code == 200
        [found] = control.get("/gateways").json()
        states.append((found["name"], found["state"], found["up"]))
    name = str(gateway)
    assert states == [(name, "FAIL_WAIT", False), (name, "REGED", True), (name, "TRYING", False)]
    assert "Secret1234" not in control.get("/gateways").text


def test_numbers_can_be_looked_up(control: httpx.Client, facts: dict[str, Any]) -> None:
    call = control.get("/lookup/inbound", params={"number": "+12085550000"}).json()
    assert (call["outcome"], call["detail"]) == ("refused", "404")
    source = {"number": "12085550000", "source": "198.51.100.7"}
    assert control.get("/lookup/inbound", params=source).json()["outcome"] == "challenged"
    asked = {"domain": facts["template_domain"], "number": "*9196"}
    call = control.get("/lookup/outbound", params=asked).json()
    assert (call["outcome"], call["actions"][-1]) == ("application", ["echo", ""])
    asked["extension"] = "1001"
    assert control.get("/lookup/outbound", params=asked).json()["outcome"] == "refused"
    del asked["number"]
    assert control.get("/directory", params=asked).json() is None


def test_faults_are_ordered_seen_and_withdrawn(control: httpx.Client, wire: Wire) -> None:
    fault = {"kind": "drop-before", "match": "rescan", "times": 2}
    assert control.post("/faults", json=fault).status_code == 200
    assert control.get("/faults").json() == [fault | {"seconds": 0.0}]
    wire.send("api sofia profile external rescan")
    with pytest.raises(EOFError):
        wire.read()
    assert control.get("/faults").json()[0]["times"] == 1
    control.post("/faults/clear")
    assert control.get("/faults").json() == []


def test_state_counts_rows_per_tenant(control: httpx.Client, facts: dict[str, Any]) -> None:
    state = control.get("/state").json()
    assert state[facts["template_domain"]]["v_dialplans"] == 34
    assert state["global"]["v_groups"] == 6


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "text"),
    [
        ("GET", "/", None, 404, "no such address"),
        ("POST", "/gateways", {}, 404, "no such address"),
        ("GET", "/lookup/inbound", None, 400, "say ?number="),
        ("POST", "/faults", {"kind": "fire"}, 400, "kind must be one of slow, drop-before"),
        ("POST", "/faults", {"kind": "slow", "seconds": "long"}, 400, "must be numbers"),
        ("POST", "/faults", [], 400, "must be a JSON object"),
        ("POST", "/registrar", {"accounts": ["trunk"]}, 400, "accounts must map"),
        ("POST", "/registrar", {"seconds": "x"}, 400, "seconds must be a number"),
    ],
)
def test_wrong_requests_are_told_what_is_wrong(
    control: httpx.Client, verb: str, path: str, body: object, status: int, text: str
) -> None:
    answer = control.request(verb, path, json=body)
    assert answer.status_code == status
    assert text in answer.json()["error"]


def test_a_page_under_another_name_gets_nothing(control: httpx.Client) -> None:
    assert control.get("/state", headers={"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize(
    ("content", "sentence"), [("[]", "no JSON object"), ("{", "Expecting"), (None, "No such file")]
)
def test_a_registrar_s_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: str | None, sentence: str
) -> None:
    file = tmp_path / "accounts.json"
    if content is not None:
        file.write_text(content)
    done = subprocess.run(
        [*COMMAND, "--registrar", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert str(file) in done.stderr
    assert sentence in done.stderr
