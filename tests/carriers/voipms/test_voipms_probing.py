"""The connection test and the settings of a VoIP.ms account."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ringup.carriers.reaching import unreachable
from ringup.carriers.reporting import ConnectionReport
from ringup.carriers.voipms.adapter import VoipMs
from ringup.core.failures import OurFault
from ringup.core.money import Money
from ringup.sandbox.listening import Reply
from tests.carriers.voipms.answering import answering
from tests.carriers.voipms.voipms_world import VoipmsWorld, voipms_world

pytestmark = pytest.mark.once


def _allow_another(world: VoipmsWorld) -> dict[str, Any]:
    world.sandbox.state.allowed_addresses = ["203.0.113.7"]
    return {}


def _switch_off(world: VoipmsWorld) -> dict[str, Any]:
    world.sandbox.state.api_enabled = False
    return {}


def _be_slow(world: VoipmsWorld) -> dict[str, Any]:
    world.sandbox.faults.add("slow_before", seconds=5, method="getIP")
    return {"read_timeout_seconds": 0.1}


def _be_busy(world: VoipmsWorld) -> dict[str, Any]:
    world.sandbox.faults.add("html", method="getBalance")
    return {}


def _elsewhere(world: VoipmsWorld) -> dict[str, Any]:
    return {"url": world.sandbox.url.replace("rest.php", "nothing.php")}


def _nobody_there(world: VoipmsWorld) -> dict[str, Any]:
    return {"url": world.open(reachable=False)._client.url}


def _speak_tls(world: VoipmsWorld) -> dict[str, Any]:
    return {"url": world.sandbox.url.replace("http:", "https:")}


Change = Callable[[VoipmsWorld], dict[str, Any]]


@pytest.mark.parametrize(
    ("change", "problem", "remedy"),
    [
        pytest.param(_allow_another, "does not allow API calls", "as 127.0.0.1.", id="address"),
        pytest.param(_switch_off, "is switched off", "Enable it in VoIP.ms", id="api-off"),
        pytest.param(
            lambda world: {"secrets": {"password": "Wrong1234"}}, "password", "neither", id="pass"
        ),
        pytest.param(
            lambda world: {"identity": {"user": "x@y.example"}}, "user name", "e-mail", id="user"
        ),
        pytest.param(lambda world: {"secrets": {}}, "missing", "Enter both", id="nothing"),
        pytest.param(_nobody_there, "nobody listens", "host and port", id="nobody"),
        pytest.param(_speak_tls, "No TLS connection", "http or https", id="tls"),
        pytest.param(_be_slow, "within 0.1 seconds", "/api/v1/rest.php", id="slow"),
        pytest.param(_be_busy, "HTTP 503", "busy or in maintenance", id="busy"),
        pytest.param(_elsewhere, "HTTP 404", "Check the settings", id="not-the-api"),
        pytest.param(
            lambda world: {"sip_host": "sip.acme.example", "options": {"transport": "tls"}},
            "sip.acme.example",
            "Check the settings",
            id="white-label-tls",
        ),
        pytest.param(
            lambda world: {"caller_id": "+442079460000"}, "caller id", "Check", id="caller-id"
        ),
    ],
)
def test_a_connection_that_fails_says_what_is_wrong_and_what_to_do(
    world: VoipmsWorld, change: Change, problem: str, remedy: str
) -> None:
    with world.adapter(**change(world)) as carrier:
        report = carrier.test_connection()
    assert not report.works
    assert problem in report.problem
    assert remedy in report.remedy
    assert ConnectionReport.from_data(json.loads(json.dumps(report.as_data()))) == report
    assert world.sandbox.password not in repr(report)


def test_what_is_no_json_is_said() -> None:
    with (
        voipms_world() as world,
        answering(Reply(b"<html>hello</html>")) as (url, _),
        world.adapter(url=url) as carrier,
    ):
        report = carrier.test_connection()
    assert "nothing that can be read" in report.problem
    assert "Check the address" in report.remedy


def test_a_connection_that_works_shows_what_there_is(world: VoipmsWorld, carrier: VoipMs) -> None:
    world.own_without_us(world.number_for_sale(), note="by hand")
    report = carrier.test_connection()
    assert report.works
    assert report.balance == Money.of("250", "USD")
    assert "Holds 1 number now" in report.features
    assert "Calls go through New York 7, NY (newyork7.voipms.example)" in report.features
    assert ("9", "Toronto 1, ON (toronto1.voipms.example)") in report.choices["pop"]
    assert ConnectionReport.from_data(json.loads(json.dumps(report.as_data()))) == report


def _caused(cause: Exception) -> httpx.ConnectError:
    error = httpx.ConnectError("https://user:secret@voip.example")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (_caused(socket.gaierror(-2, "Name or service not known")), "cannot be found"),
        (_caused(ssl.SSLCertVerificationError()), "certificate"),
        (httpx.ConnectTimeout("slow"), "within 5 seconds"),
        (httpx.ConnectError("odd"), "ConnectError"),
    ],
)
def test_why_nobody_is_reached(error: httpx.HTTPError, words: str) -> None:
    if isinstance(cause := error.__cause__, ssl.SSLCertVerificationError):
        cause.verify_message = "certificate has expired"
    failure = unreachable("VoIP.ms", error, connect_seconds=5)
    assert words in failure.problem
    assert failure.remedy
    assert "secret" not in str(failure)


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        ("api_not_enabled", "switched off"),
        ("invalid_credentials", "password"),
        ("missing_credentials", "missing"),
        ("unheard_of", "unheard_of"),
        ("method_maintenance", "method_maintenance"),
    ],
)
def test_what_is_wrong_is_said(
    world: VoipmsWorld, carrier: VoipMs, status: str, problem: str
) -> None:
    world.sandbox.faults.add(f"status:{status}", method="getBalance", times=-1)
    report = carrier.test_connection()
    assert not report.works
    assert problem in report.problem
    assert report.remedy
    assert report.problem not in report.remedy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("billing_type", "3"),
        ("transport", "carrier pigeon"),
        ("international", "perhaps"),
        ("sending", "fax"),
        ("canada_routing", "3"),
        ("international_route", "best"),
        ("codecs", "ulaw;opus"),
        ("user", ""),
        ("pop", "999"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_and_making_the_adapter_never_fails(
    world: VoipmsWorld, name: str, value: str
) -> None:
    changes = {"identity": {"user": value}} if name == "user" else {"options": {name: value}}
    with world.adapter(**changes) as carrier:
        report = carrier.test_connection()
    assert not report.works
    assert value in report.problem
    assert ("point of presence" if name == "pop" else name) in report.problem
    assert report.remedy


def test_a_bad_setting_is_our_fault_where_it_is_needed(world: VoipmsWorld) -> None:
    with world.adapter(options={"billing_type": "3"}) as carrier, pytest.raises(OurFault):
        carrier.offer(world.number_for_sale())


def test_the_balance_keeps_its_digits(world: VoipmsWorld, carrier: VoipMs) -> None:
    world.sandbox.state.balance = world.sandbox.state.balance / 7
    assert carrier.balance() == Money.of("35.714286", "USD")


def test_every_field_that_staff_fills_in_has_words(carrier: VoipMs) -> None:
    fields = {field.name: field for field in carrier.connection_fields}
    assert fields["password"].secret
    assert [name for name, field in fields.items() if field.required] == ["user", "password"]
    assert all(field.label and field.help for field in fields.values())
