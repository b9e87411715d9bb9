"""Writing our reference into the note of a number, with a call that replaces all of its settings."""

from __future__ import annotations

import uuid

import pytest

from ringup.carriers.voipms.adapter import VoipMs
from ringup.carriers.voipms.numbering import e164_of
from ringup.core.failures import NotOurs, NumberGone, OurFault, OutcomeUnknown
from ringup.sandbox.listening import json_reply
from ringup.sandbox.voipms.dids import MORE_SETTINGS
from ringup.sandbox.voipms.state import Row
from tests.carriers.voipms.answering import answering
from tests.carriers.voipms.voipms_world import VoipmsWorld, voipms_world

pytestmark = pytest.mark.once

E164, DID = "+13125550142", "3125550142"
OURS = uuid.UUID(int=0xABCDEF << 64)
# Not one of them is what setDIDInfo makes of a field that is left out.
SET_BY_HAND = {
    "routing": "vm:101",
    "failover_busy": "sys:busy",
    "failover_unreachable": "grp:7",
    "failover_noanswer": "vm:102",
    "voicemail": "101",
    "pop": "9",
    "dialtime": "25",
    "cnam": "1",
    "callerid_prefix": "ACME [9]",
    "port_out_pin": "4242",
    "billing_type": "2",
    "record_calls": "1",
    "voicemail_threshold": "10",
    "transcribe": "1",
    "transcription_locale": "en-US",
    "transcription_redaction": "yes",
    "transcription_summary": "yes",
    "transcription_sentiment": "yes",
    "transcription_email": "desk@acme.example",
}
HELD = {
    "did": DID,
    "note": "",
    "routing": "none:",
    "pop": 5,
    "dialtime": 60,
    "cnam": True,
    "billing_type": 1,
}


def held(world: VoipmsWorld, note: str = "front desk") -> Row:
    world.own_without_us(E164, note)
    row = world.sandbox.state.dids[DID]
    row.update(SET_BY_HAND)
    return row


def test_every_setting_of_a_number_survives() -> None:
    """Under many seeds of loose types: bare rows, numbers, truth values, null."""
    for seed in range(8):
        with voipms_world(seed=seed) as world, world.adapter() as carrier:
            row = held(world)
            before = dict(row)
            assert set(before) >= set(MORE_SETTINGS)
            number = carrier.adopt(E164, reference=OURS)
            assert (number.reference, number.target) == (str(OURS), "vm:101")
            assert row == before | {"note": f"{OURS} front desk"}
            assert world.calls("setDIDInfo") == 1
            carrier.adopt(E164, reference=OURS)
            assert world.calls("setDIDInfo") == 1, "it carries our reference already"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("front desk", " front desk"),
        ("  front\n desk ", " front desk"),
        ("front desks 12", " front desks"),
        ("reception upstairs", " reception"),
        ("Donaudampfschifffahrt", ""),
        ("Zürich Büro", " Zürich"),
        ("x" * 12, " " + "x" * 12),
        ("x" * 13, ""),
    ],
)
def test_words_of_the_note_stay_where_they_fit(
    world: VoipmsWorld, carrier: VoipMs, before: str, after: str
) -> None:
    row = held(world, before)
    assert carrier.adopt(E164, reference=OURS).reference == str(OURS)
    assert row["note"] == f"{OURS}{after}"
    assert len(row["note"].encode()) < 50


def test_a_reference_anywhere_in_the_note_counts(world: VoipmsWorld, carrier: VoipMs) -> None:
    row = held(world, f"Acme {str(OURS).upper()}")
    assert carrier.adopt(E164, reference=OURS).reference == str(OURS)
    with pytest.raises(NotOurs, match="whose number"):
        carrier.adopt(E164, reference=uuid.uuid4())
    assert row["note"] == f"Acme {str(OURS).upper()}"
    assert world.calls("setDIDInfo") == 0


def test_a_number_that_is_not_held_is_told_in_plain_words(carrier: VoipMs) -> None:
    with pytest.raises(NumberGone) as caught:
        carrier.adopt(E164, reference=OURS)
    assert "Nothing was changed or charged" in caught.value.user_message


def test_a_number_that_leaves_between_look_and_note_is_gone(
    world: VoipmsWorld, carrier: VoipMs
) -> None:
    held(world)
    world.sandbox.faults.add("status:invalid_did", method="setDIDInfo")
    with pytest.raises(NumberGone):
        carrier.adopt(E164, reference=OURS)
    carrier.adopt(E164, reference=OURS)
    world.sandbox.faults.add("status:invalid_did", method="setDIDInfo")
    carrier.disown(E164, reference=OURS)


@pytest.mark.parametrize("name", ["routing", "pop", "dialtime", "cnam", "billing_type"])
def test_what_is_not_told_would_be_cleared_so_nothing_is_written(
    world: VoipmsWorld, name: str
) -> None:
    reply = json_reply({"status": "success", "dids": [HELD | {name: None}]})
    with answering(reply) as (url, seen), world.adapter(url=url) as carrier:
        with pytest.raises(OurFault, match=f"does not tell {name}") as caught:
            carrier.adopt(E164, reference=OURS)
        assert f"Write {OURS} into the number's note" in str(caught.value)
        assert [request.form["method"] for request in seen] == ["getDIDsInfo"]


def test_a_pin_keeps_its_noughts_and_a_prefix_its_space(world: VoipmsWorld) -> None:
    row = HELD | {"port_out_pin": 42, "callerid_prefix": "ACME "}
    replies = [
        {"status": "success", "dids": [row]},
        {"status": "success"},
        {"status": "success", "dids": [row | {"note": str(OURS)}]},
    ]
    with answering(*map(json_reply, replies)) as (url, seen), world.adapter(url=url) as carrier:
        carrier.adopt(E164, reference=OURS)
    form = seen[1].form
    assert form["method"] == "setDIDInfo"
    assert (form["port_out_pin"], form["callerid_prefix"]) == ("0042", "ACME ")
    assert (form["cnam"], form["pop"], form["note"]) == ("1", "5", str(OURS))
    assert "voicemail" not in form, "an empty value is not sent"


@pytest.mark.parametrize(
    ("after", "failure", "words"),
    [
        ({"dids": [HELD | {"note": str(OURS), "cnam": 0}]}, OurFault, "cnam from '1' to '0'"),
        ({"dids": [HELD | {"note": str(OURS), "voicemail": 7}]}, OurFault, "voicemail from '' to"),
        ({"dids": [HELD]}, OutcomeUnknown, "does not show it"),
        ({"dids": [HELD | {"note": str(uuid.uuid4())}]}, OutcomeUnknown, "does not show it"),
        ({"status": "no_did"}, OutcomeUnknown, "does not show it"),
    ],
)
def test_what_else_changed_is_told(
    world: VoipmsWorld, after: dict[str, object], failure: type[Exception], words: str
) -> None:
    replies = [
        {"status": "success", "dids": [HELD]},
        {"status": "success"},
        {"status": "success"} | after,
    ]
    with (
        answering(*map(json_reply, replies)) as (url, _),
        world.adapter(url=url) as carrier,
        pytest.raises(failure, match=words),
    ):
        carrier.adopt(E164, reference=OURS)


def test_what_means_nothing_may_be_written_in_another_way(world: VoipmsWorld) -> None:
    after = {"note": str(OURS), "failover_busy": "none:", "voicemail": 0, "record_calls": "0"}
    replies = [
        {"status": "success", "dids": [HELD]},
        {"status": "success"},
        {"status": "success", "dids": [HELD | after]},
    ]
    with answering(*map(json_reply, replies)) as (url, _), world.adapter(url=url) as carrier:
        assert carrier.adopt(E164, reference=OURS).reference == str(OURS)


@pytest.mark.parametrize(
    ("did", "e164"),
    [
        ("2125550100", "+12125550100"),
        ("12125550100", "+12125550100"),
        ("6561234567", "+6561234567"),  # Singapore
        ("4511223344", "+4511223344"),  # Denmark
        ("46846500401", "+46846500401"),
    ],
)
def test_ten_digits_that_america_cannot_have_are_abroad(did: str, e164: str) -> None:
    assert e164_of(did) == e164
