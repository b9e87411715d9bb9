"""The event socket speaks FreeSWITCH's protocol, remembers commands, and misbehaves on request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from ringup.sandbox.fusionpbx import Fault, Options, SandboxFusionpbx, running_fusionpbx
from ringup.sandbox.postgres import PostgresServer
from tests.sandbox.fusionpbx_wire import Wire, connected, signed_in

pytestmark = pytest.mark.once
GOODBYE = "Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
CACHE_EVENT = (
    "sendevent CUSTOM\nEvent-Name: CUSTOM\nEvent-Subclass: fusion::file\n"
    "API-Command: cache\nAPI-Command-Argument: delete dialplan.tenant.example"
)


@pytest.fixture(scope="module")
def shared(pbx_postgres: PostgresServer) -> Iterator[SandboxFusionpbx]:
    with running_fusionpbx(Options(hostname="pbx7"), postgres=pbx_postgres) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared: SandboxFusionpbx) -> Iterator[SandboxFusionpbx]:
    shared.forget_commands()
    yield shared
    shared.faults.clear()


@pytest.fixture
def wire(sandbox: SandboxFusionpbx) -> Iterator[Wire]:
    with signed_in(sandbox) as wire:
        yield wire


def test_a_wrong_password_is_refused_and_the_connection_ends(sandbox: SandboxFusionpbx) -> None:
    with connected(sandbox) as wire:
        assert wire.reply("auth wrong") == "-ERR invalid"
        headers, body = wire.read()
        assert (headers["Content-Type"], body) == ("text/disconnect-notice", GOODBYE)
        with pytest.raises(EOFError):
            wire.read()


def test_nothing_is_done_for_whoever_has_not_said_the_password(sandbox: SandboxFusionpbx) -> None:
    with connected(sandbox) as wire:
        assert wire.reply("api reloadacl") == "-ERR command not found"
        assert wire.reply(f"auth {sandbox.event_socket.password}") == "+OK accepted"
        assert wire.api("hostname") == "pbx7"
    assert sandbox.command_texts() == ["api", "api hostname"]


def test_exit_ends_the_connection_in_order(wire: Wire) -> None:
    assert wire.reply("exit") == "+OK bye"
    assert wire.read()[1] == GOODBYE
    with pytest.raises(EOFError):
        wire.read()


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("hostname", "pbx7"),
        ("reloadxml", "+OK [Success]\n"),
        ("reloadacl", "+OK acl reloaded\n"),
        ("sofia_contact */1001@tenant.example", "error/user_not_registered"),
        ("show registrations", "\n0 total.\n"),
        ("memcache delete dialplan:x", "-ERR memcache Command not found!\n"),
        ("originate user/1001 &park", "-ERR originate Command not found!\n"),
        ("sofia profile nowhere rescan", "Invalid Profile [nowhere]"),
        ("sofia profile external killgw", "-ERR missing gw name\n"),
        ("sofia xmlstatus gateway 0", "Invalid Gateway!\n"),
        ("xml_locate directory domain name nowhere.example", "can't find anything\n"),
        ("user_exists id 1001 nowhere.example", "false"),
        ("user_data 1001@nowhere.example var user_context", "-ERR no reply\n"),
        (
            "sofia profile internal flush_inbound_reg 1@x.example",
            "+OK flushing all registrations matching specified call_id\n",
        ),
    ],
)
def test_api_commands_answer_in_freeswitch_s_words(wire: Wire, command: str, answer: str) -> None:
    assert wire.api(command) == answer


def test_version_and_status_look_like_freeswitch(wire: Wire) -> None:
    assert wire.api("version").startswith("FreeSWITCH Version 1.10.")
    assert "is ready\n" in wire.api("status")
    assert "internal\tprofile\t" in wire.api("sofia status")
    assert "<name>external</name>" in wire.api("sofia xmlstatus")


def test_the_domain_of_a_tenant_can_be_located(wire: Wire, sandbox: SandboxFusionpbx) -> None:
    domain = sandbox.template_domain
    assert domain in wire.api(f"xml_locate directory domain name {domain}")


def test_commands_are_remembered_in_order_with_headers_and_without_the_password(
    sandbox: SandboxFusionpbx,
) -> None:
    with signed_in(sandbox) as wire:
        wire.api("reloadacl")
        assert wire.reply(CACHE_EVENT).startswith("+OK ")
    with signed_in(sandbox) as wire:
        wire.api("hostname")
    commands = sandbox.commands()
    assert [one.text for one in commands] == [
        "auth",
        "api reloadacl",
        "sendevent CUSTOM",
        "auth",
        "api hostname",
    ]
    assert commands[2].headers["API-Command-Argument"] == "delete dialplan.tenant.example"
    assert commands[0].connection == commands[2].connection != commands[4].connection
    assert sandbox.event_socket.password not in repr(commands)


def test_a_cache_event_alone_clears_nothing(wire: Wire, sandbox: SandboxFusionpbx) -> None:
    file = sandbox.cache_dir / "dialplan.tenant.example"
    file.write_text("old")
    wire.reply(CACHE_EVENT)
    assert file.read_text() == "old"
    file.unlink()


def test_events_reach_those_who_asked_for_them(sandbox: SandboxFusionpbx, wire: Wire) -> None:
    assert wire.reply("event plain") == "-ERR no keywords supplied"
    listening = "+OK event listener enabled plain"
    assert wire.reply("event plain CUSTOM fusion::file") == listening
    with signed_in(sandbox) as other:
        other.reply(CACHE_EVENT)
    headers, body = wire.read()
    assert headers["Content-Type"] == "text/event-plain"
    event = dict(line.split(": ", 1) for line in unquote(body).splitlines() if line)
    assert event["Event-Subclass"] == "fusion::file"
    assert event["API-Command-Argument"] == "delete dialplan.tenant.example"
    assert wire.reply("noevents") == "+OK no longer listening for events"


def test_a_background_job_is_answered_at_once_and_reports_by_event(wire: Wire) -> None:
    wire.reply("event plain BACKGROUND_JOB")
    wire.send("bgapi hostname")
    messages = [wire.read(), wire.read()]
    reply = next(h for h, _ in messages if h["Content-Type"] == "command/reply")
    event = next(body for h, body in messages if h["Content-Type"] == "text/event-plain")
    assert reply["Reply-Text"] == f"+OK Job-UUID: {reply['Job-UUID']}"
    assert f"Job-UUID: {reply['Job-UUID']}\n" in event
    assert event.endswith("\n\npbx7")


def test_carriage_returns_and_bodies_are_understood(wire: Wire) -> None:
    wire.socket.sendall(b"sendevent NOTIFY\r\nContent-Length: 5\r\n\r\nhello")
    assert wire.read()[0]["Reply-Text"].startswith("+OK ")
    assert wire.api("hostname") == "pbx7"


def test_a_lost_answer_before_acting_changes_nothing(sandbox: SandboxFusionpbx, wire: Wire) -> None:
    sandbox.faults.add(Fault("drop-before", match="reloadacl"))
    (sandbox.cache_dir / "configuration.acl.conf").unlink(missing_ok=True)
    wire.send("api reloadacl")
    with pytest.raises(EOFError):
        wire.read()
    assert not (sandbox.cache_dir / "configuration.acl.conf").exists()
    assert sandbox.command_texts() == ["api reloadacl"]


def test_a_lost_answer_after_acting_leaves_the_change(
    sandbox: SandboxFusionpbx, wire: Wire
) -> None:
    sandbox.faults.add(Fault("drop-after", match="reloadacl"))
    (sandbox.cache_dir / "configuration.acl.conf").unlink(missing_ok=True)
    wire.send("api reloadacl")
    with pytest.raises(EOFError):
        wire.read()
    assert (sandbox.cache_dir / "configuration.acl.conf").exists()


def test_faults_strike_the_commands_they_name_as_often_as_ordered(
    sandbox: SandboxFusionpbx, wire: Wire
) -> None:
    sandbox.faults.add(Fault("error", match="reloadacl", times=2))
    assert wire.api("hostname") == "pbx7"
    assert wire.api("reloadacl") == "-ERR this is a fault\n"
    assert wire.api("reloadacl") == "-ERR this is a fault\n"
    assert wire.api("reloadacl") == "+OK acl reloaded\n"
    assert sandbox.faults.waiting() == []


def test_a_slow_answer_comes_late_and_right(sandbox: SandboxFusionpbx, wire: Wire) -> None:
    sandbox.faults.add(Fault("slow", seconds=0.2))
    started = time.monotonic()
    assert wire.api("hostname") == "pbx7"
    assert time.monotonic() - started >= 0.2


def test_the_right_password_can_be_refused_on_request(sandbox: SandboxFusionpbx) -> None:
    sandbox.faults.add(Fault("refuse-auth"))
    with connected(sandbox) as wire:
        assert wire.reply(f"auth {sandbox.event_socket.password}") == "-ERR invalid"
    with signed_in(sandbox) as wire:
        assert wire.api("hostname") == "pbx7"


def test_memcache_is_there_where_the_cache_is_one(pbx_postgres: PostgresServer) -> None:
    options = Options(cache_method="memcache")
    with running_fusionpbx(options, postgres=pbx_postgres) as sandbox, signed_in(sandbox) as wire:
        key = "sandbox-pbx:configuration:sofia.conf"
        assert "<profile " in wire.api(f"memcache get {key}")
        assert wire.api(f"memcache delete {key}") == "+OK"
        assert wire.api(f"memcache delete {key}") == "-ERR NOT FOUND"
        assert wire.api("memcache flush") == "+OK"
        assert wire.api("memcache get configuration:acl.conf") == "-ERR NOT FOUND"
        assert list(sandbox.cache_dir.iterdir()) == []
