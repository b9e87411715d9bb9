"""Sub-accounts and entries with the details of VoIP.ms."""

from __future__ import annotations

import uuid

import pytest

from ringup.carriers.port import ToSipUri, ToTelephone, ToTrunk
from ringup.carriers.voipms.adapter import VoipMs
from ringup.core.failures import NotOurs
from ringup.core.ids import letters
from tests.carriers.voipms.voipms_world import VoipmsWorld

pytestmark = pytest.mark.once
PASSWORD, NEW_PASSWORD = "Trunk4Secret9Word", "Another8Secret7Word"


def test_a_sub_account_is_a_pbx_named_after_the_reference(
    world: VoipmsWorld, carrier: VoipMs
) -> None:
    reference = uuid.uuid4()
    trunk = carrier.create_trunk(reference, password=PASSWORD, label="Müller & Søn, 100 % <b>")
    (row,) = world.sandbox.state.sub_accounts.values()
    assert trunk.username == f"100001_{letters(reference)}" == row["account"]
    assert row["description"] == f"{reference} M ller S n 100 b"
    assert (row["device_type"], row["auth_type"], row["protocol"]) == ("1", "1", "1")
    assert row["lock_international"] == "1", "international calls are closed unless opened"
    assert (row["canada_routing"], row["international_route"]) == ("1", "1")
    assert row["allow225"] == "0", "nobody hears the reseller's balance"
    assert row["callerid_number"] == "-1", "the PBX says which number is shown"
    assert (trunk.host, trunk.port, trunk.transport) == ("newyork7.voipms.example", 5060, "udp")


def test_the_settings_of_trunks(world: VoipmsWorld) -> None:
    options = {
        "transport": "tls",
        "international": "yes",
        "codecs": "ulaw;g729",
        "canada_routing": "2",
        "international_route": "2",
    }
    with world.adapter(options=options, caller_id="+12125550100") as carrier:
        trunk = carrier.create_trunk(uuid.uuid4(), password=PASSWORD, label="Acme")
    (row,) = world.sandbox.state.sub_accounts.values()
    assert (trunk.port, trunk.transport) == (5061, "tls")
    assert (row["sip_traffic"], row["lock_international"]) == ("1", "0")
    assert row["allowed_codecs"] == "ulaw;g729"
    assert (row["canada_routing"], row["international_route"]) == ("2", "2")
    assert row["callerid_number"] == "2125550100"


def test_where_there_is_a_white_label_host_one_registers_there(world: VoipmsWorld) -> None:
    reference = uuid.uuid4()
    with world.adapter(sip_host="sip.acme.example") as carrier:
        made = carrier.create_trunk(reference, password=PASSWORD, label="Acme")
        assert made.host == "sip.acme.example"
        found = carrier.trunk(reference)
        assert found is not None
        assert found.host == "sip.acme.example"
        assert "192.0.2.15/32" in carrier.signalling_addresses(), "calls come from VoIP.ms itself"


@pytest.mark.parametrize("account", ["", "100001", "654321"])
def test_one_is_found_with_and_without_the_main_account_and_with_a_wrong_one(
    world: VoipmsWorld, account: str
) -> None:
    reference = uuid.uuid4()
    with world.adapter(options={"account": account}) as carrier:
        assert carrier.trunk(reference) is None
        carrier.create_trunk(reference, password=PASSWORD, label="Acme")
        carrier.create_trunk(uuid.uuid4(), password=NEW_PASSWORD, label="Other")
        before = world.calls("getSubAccounts")
        assert carrier.trunk(reference) is not None
        assert world.calls("getSubAccounts") - before == (2 if account == "654321" else 1)


def test_the_same_password_is_not_set_again(world: VoipmsWorld, carrier: VoipMs) -> None:
    reference = uuid.uuid4()
    for _ in range(2):
        carrier.create_trunk(reference, password=PASSWORD, label="Acme")
    assert world.calls("createSubAccount") == 1
    assert world.calls("setSubAccount") == 0


def test_a_new_password_leaves_the_rest_as_staff_set_it(
    world: VoipmsWorld, carrier: VoipMs
) -> None:
    reference = uuid.uuid4()
    carrier.create_trunk(reference, password=PASSWORD, label="Acme")
    (row,) = world.sandbox.state.sub_accounts.values()
    row.update(
        nat="no", allowed_codecs="g729", callerid_number="3125550100", internal_dialtime="20"
    )
    before = dict(row)
    carrier.create_trunk(reference, password=NEW_PASSWORD, label="Another label")
    (row,) = world.sandbox.state.sub_accounts.values()
    assert row == before | {"password": NEW_PASSWORD}


def test_a_sub_account_of_that_name_that_is_not_ours_is_left_alone(
    world: VoipmsWorld, carrier: VoipMs
) -> None:
    reference = uuid.uuid4()
    carrier.create_trunk(reference, password=PASSWORD, label="Acme")
    (row,) = world.sandbox.state.sub_accounts.values()
    row["description"] = "made by hand"
    assert carrier.trunk(reference) is None
    with pytest.raises(NotOurs):
        carrier.create_trunk(reference, password=NEW_PASSWORD, label="Acme")
    carrier.delete_trunk(reference)
    assert world.trunk_passwords() == [PASSWORD]


def test_entries_of_others_are_neither_used_nor_removed(
    world: VoipmsWorld, carrier: VoipMs
) -> None:
    e164, reference = world.number_for_sale(), uuid.uuid4()
    carrier.buy(e164, reference=reference)
    state = world.sandbox.state
    state.forwardings["1"] = {"forwarding": "1", "phone_number": "5145550123", "description": "x"}
    target = ToTelephone("+15145550123", uuid.uuid4())
    carrier.route(e164, target, reference=reference)
    assert state.dids[e164.removeprefix("+1")]["routing"] != "fwd:1"
    carrier.unroute(e164, target, reference=reference)
    assert list(state.forwardings) == ["1"]


def test_entries_made_twice_by_a_crash_are_all_removed(world: VoipmsWorld, carrier: VoipMs) -> None:
    e164, reference = world.number_for_sale(), uuid.uuid4()
    carrier.buy(e164, reference=reference)
    target = ToSipUri("sip:Reception@pbx.example.com", uuid.uuid4())
    carrier.route(e164, target, reference=reference)
    state = world.sandbox.state
    (row,) = state.sip_uris.values()
    state.sip_uris["100500"] = row | {"sipuri": "100500"}
    state.sip_uris["9"] = row | {"sipuri": "9", "uri": "elsewhere@pbx.example.com"}
    assert carrier.routed_to(e164, target)
    carrier.unroute(e164, target, reference=reference)
    assert state.sip_uris == {}
    assert state.dids[e164.removeprefix("+1")]["routing"] == "none:"


def test_telephones_abroad_are_dialled_with_the_prefix(world: VoipmsWorld, carrier: VoipMs) -> None:
    e164, reference = world.number_for_sale(), uuid.uuid4()
    carrier.buy(e164, reference=reference)
    carrier.route(e164, ToTelephone("+442079460123", uuid.uuid4()), reference=reference)
    (row,) = world.sandbox.state.forwardings.values()
    assert row["phone_number"] == "011442079460123"


def test_routing_again_sends_nothing(world: VoipmsWorld, carrier: VoipMs) -> None:
    e164, reference, trunk = world.number_for_sale(), uuid.uuid4(), uuid.uuid4()
    carrier.buy(e164, reference=reference)
    carrier.create_trunk(trunk, password=PASSWORD, label="Acme")
    for _ in range(3):
        carrier.route(e164, ToTrunk(trunk), reference=reference)
    assert world.calls("setDIDRouting") == 1
    assert world.calls("setDIDInfo") == 0, "it would clear the note"


def test_every_server_may_send_calls(carrier: VoipMs) -> None:
    addresses = carrier.signalling_addresses()
    assert "192.0.2.15/32" in addresses
    assert len(addresses) == 11
