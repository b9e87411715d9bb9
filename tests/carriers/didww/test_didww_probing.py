"""The connection test: what staff is told of an account, and of what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ringup.carriers.didww.adapter import Didww
from ringup.core.money import Money
from tests.carriers.didww.didww_world import DidwwWorld

pytestmark = pytest.mark.once


def test_what_the_account_has_and_may_do(world: DidwwWorld, carrier: Didww) -> None:
    report = carrier.test_connection()
    assert report.works
    assert report.balance == Money.of("250", "USD")
    assert report.features == (
        "Sells numbers in 6 countries",
        "Numbers can be chosen, and reserved for ten minutes",
        "Outbound calls are enabled",
        "Holds 0 numbers now",
        "Speaks version 2026-04-16 of DIDWW's API",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("region", "mars"),
        ("transport", "smoke"),
        ("codecs", "ulaw;opus9"),
        ("threshold", "a lot"),
        ("minute_rate", "-1"),
        ("prefixes", "31,Belgium"),
        ("mismatch", "shrug"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(world: DidwwWorld, name: str, value: str) -> None:
    with world.adapter(options={name: value}) as carrier:
        report = carrier.test_connection()
    assert not report.works
    assert f"«{name}»" in report.problem
    assert report.remedy == "Check the settings of this account."


@pytest.mark.parametrize(
    ("kind", "more", "words"),
    [
        ("html", {}, "nothing that can be read|HTTP 503"),
        ("429", {}, "Too Many Requests"),
        ("status:403", {}, "may not do that"),
        ("status:404", {}, "404"),
    ],
)
def test_every_fault_is_put_into_words(
    world: DidwwWorld, kind: str, more: dict[str, Any], words: str
) -> None:
    world.sandbox.faults.add(kind, method="GET balance", **more)
    with world.adapter() as carrier:
        report = carrier.test_connection()
    assert not report.works
    assert any(part in report.problem for part in words.split("|")), report.problem
    assert report.remedy


def test_a_caller_id_of_the_account_is_none_of_a_trunk_s(world: DidwwWorld) -> None:
    with world.adapter(caller_id="+12125550100") as carrier:
        report = carrier.test_connection()
    assert "leave the default caller id of this account empty" in report.problem


def test_an_account_without_a_key_asks_nobody(world: DidwwWorld) -> None:
    with Didww(replace(world.connection(), secrets={})) as carrier:
        report = carrier.test_connection()
    assert "«api_key»" in report.problem
    assert not world.sandbox.state.requests


def test_a_new_account_begins_with_the_pace_that_didww_allows() -> None:
    assert Didww.calls_per_second == 8.0
