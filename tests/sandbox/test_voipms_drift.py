"""The loose types of the VoIP.ms sandbox: on by default, repeatable, and only where they belong."""

from __future__ import annotations

from typing import Any

import pytest

from ringup.sandbox.voipms import Setup, running_voipms
from tests.sandbox.voipms_wire import ORDER, SUB_ACCOUNT, Wire, wired

pytestmark = pytest.mark.once


def _one_number(wire: Wire) -> list[Any]:
    did = wire.number()
    wire.call("orderDID", did=did, note="ours", **ORDER)
    return [wire.call("getDIDsInfo", did=did)["dids"] for _ in range(40)]


def _rows(answers: list[Any]) -> list[dict[str, Any]]:
    return [row for answer in answers for row in (answer if isinstance(answer, list) else [answer])]


def test_one_row_comes_as_a_list_or_bare() -> None:
    with wired(drift=True) as wire:
        assert {type(answer) for answer in _one_number(wire)} == {list, dict}


def test_numbers_come_as_text_or_numbers_and_flags_in_three_ways() -> None:
    with wired(drift=True) as wire:
        rows = _rows(_one_number(wire))
    assert {type(row["did"]) for row in rows} == {str, int}
    assert {type(row["cnam"]) for row in rows} == {str, int, bool}
    assert {type(row["billing_type"]) for row in rows} == {str, int}
    assert {row["callerid_prefix"] for row in rows} == {"", None}


def test_texts_dates_routings_and_money_stay_text() -> None:
    with wired(drift=True) as wire:
        for row in _rows(_one_number(wire)):
            assert isinstance(row["note"], str)
            assert isinstance(row["routing"], str)
            assert isinstance(row["order_date"], str)
            assert isinstance(row["reseller_monthly"], str)


def test_the_same_seed_drifts_the_same_way_and_another_one_differently() -> None:
    def told(seed: int) -> list[str]:
        with wired(drift=True, seed=seed, password="Secret1234") as wire:
            return [wire.get("getServersInfo").text for _ in range(5)]

    assert told(3) == told(3)
    assert told(3) != told(4)


def test_a_deletion_may_answer_with_an_empty_body() -> None:
    with wired(drift=True) as wire:
        wire.call("setSIPURI", uri="a@b.example")
        code = next(iter(wire.sandbox.state.sip_uris))
        response = wire.get("delSIPURI", sipuri=code)
        assert (response.status_code, response.content) == (200, b"")
        assert wire.sandbox.state.sip_uris == {}
        assert wire.status("delSIPURI", sipuri=code) == "invalid_sipuri"


def test_without_drift_all_is_text_and_lists() -> None:
    with wired() as wire:
        answers = _one_number(wire)
        assert {type(answer) for answer in answers} == {list}
        assert {type(value) for row in _rows(answers) for value in row.values()} == {str}
        wire.call("createSubAccount", **SUB_ACCOUNT)
        wire.call("setSIPURI", uri="a@b.example")
        code = next(iter(wire.sandbox.state.sip_uris))
        assert wire.call("delSIPURI", sipuri=code) == {"status": "success"}


def test_drift_is_on_unless_it_is_switched_off() -> None:
    with running_voipms(setup=Setup(numbers=50)) as sandbox:
        assert sandbox.url.endswith("/api/v1/rest.php")
    with wired(drift=True) as wire:
        servers = [wire.call("getServersInfo")["servers"] for _ in range(5)]
        assert {type(row["server_pop"]) for rows in servers for row in rows} == {str, int}
