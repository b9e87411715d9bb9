"""The connection test and the settings of a VoIP.ms account."""

from __future__ import annotations

import pytest

from ringup.carriers.voipms.adapter import VoipMs
from ringup.core.failures import OurFault
from ringup.core.money import Money
from tests.carriers.voipms.voipms_world import VoipmsWorld

pytestmark = pytest.mark.once


def test_an_address_that_is_not_allowed_is_named(world: VoipmsWorld, carrier: VoipMs) -> None:
    world.sandbox.state.allowed_addresses = ["203.0.113.7"]
    report = carrier.test_connection()
    assert not report.works
    assert report.our_address == "127.0.0.1"
    assert "127.0.0.1" in report.remedy
    assert "address" in report.problem


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
