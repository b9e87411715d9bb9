"""Trunks of a PBX: two halves under one reference, with credentials that DIDWW makes."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from ringup.carriers.didww.adapter import Didww
from ringup.carriers.port import SipPeer, SipTrunk, ToTrunk
from ringup.core.failures import NotOurs, OurFault, OutcomeUnknown, Refused
from ringup.sandbox.didww import Setup
from tests.carriers.didww.didww_world import PEER, DidwwWorld, didww_world

pytestmark = pytest.mark.once
TRUNK = uuid.uuid4()


def made(carrier: Didww, *, peer: SipPeer | None = PEER, label: str = "Acme & Söhne") -> SipTrunk:
    return carrier.create_trunk(TRUNK, password="unused", label=label, peer=peer)


def inside(world: DidwwWorld, kind: str, name: str) -> dict[str, Any]:
    (row,) = world.rows(kind)
    found: dict[str, Any] = row.attributes[name]["attributes"]
    return found


def test_the_pbx_is_called_at_its_address_and_calls_with_credentials(
    world: DidwwWorld, carrier: Didww
) -> None:
    trunk = made(carrier)
    facts = inside(world, "voice_in_trunks", "configuration")
    assert (facts["host"], facts["port"], facts["transport_protocol_id"]) == (PEER.host, 5060, 1)
    assert facts["username"] == "{DID}"
    assert facts["codec_ids"] == [9, 10]
    (out,) = world.rows("voice_out_trunks")
    method = inside(world, "voice_out_trunks", "authentication_method")
    assert method["allowed_sip_ips"] == ["192.0.2.10/32"]
    assert (trunk.username, trunk.password) == (method["username"], method["password"])
    assert (trunk.host, trunk.port, trunk.transport) == ("fra.eu.out.didww.com", 5060, "udp")
    assert not trunk.registers
    assert trunk.is_e164
    assert out.attributes["threshold_amount"] == "50.0"
    assert out.attributes["on_cli_mismatch_action"] == "reject_call"
    assert out.attributes["default_dst_action"] == "allow_all"
    for kind in ("voice_in_trunks", "voice_out_trunks"):
        (row,) = world.rows(kind)
        assert row.attributes["external_reference_id"] == str(TRUNK)
        assert row.attributes["name"].startswith("Acme & Söhne ")
    assert carrier.trunk(TRUNK) == trunk


def test_the_account_s_settings_go_into_its_trunks(world: DidwwWorld) -> None:
    options = {
        "region": "nyc.us",
        "transport": "tls",
        "threshold": "12.5",
        "prefixes": "31, +44",
        "mismatch": "send_original_cli",
        "codecs": "alaw;g729",
    }
    with world.adapter(options=options) as carrier:
        trunk = made(carrier)
    assert (trunk.host, trunk.port, trunk.transport) == ("nyc.us.out.didww.com", 5061, "tls")
    (out,) = world.rows("voice_out_trunks")
    facts = out.attributes
    assert (facts["threshold_amount"], facts["dst_prefixes"]) == ("12.5", ["31", "44"])
    assert (facts["default_dst_action"], facts["on_cli_mismatch_action"]) == (
        "reject_all",
        "send_original_cli",
    )
    assert inside(world, "voice_in_trunks", "configuration")["codec_ids"] == [10, 8]
    with world.adapter(sip_host="sip.reseller.example") as carrier:
        found = carrier.trunk(TRUNK)
        assert found is not None
        assert found.host == "sip.reseller.example"


@pytest.mark.parametrize("acting", [False, True])
def test_half_a_trunk_is_none_and_is_made_whole(
    world: DidwwWorld, carrier: Didww, *, acting: bool
) -> None:
    world.lose_reply("POST voice_out_trunks", acting=acting)
    with pytest.raises(OutcomeUnknown):
        made(carrier)
    assert (carrier.trunk(TRUNK) is not None) is acting
    trunk = made(carrier)
    assert carrier.trunk(TRUNK) == trunk
    assert len(world.rows("voice_in_trunks")) == len(world.rows("voice_out_trunks")) == 1


def test_a_pbx_that_moved_is_followed_and_keeps_its_password(
    world: DidwwWorld, carrier: Didww
) -> None:
    before = made(carrier)
    moved = replace(PEER, host="pbx2.example.com", addresses=("192.0.2.11", "198.51.100.0/24"))
    after = made(carrier, peer=moved)
    assert (after.username, after.password) == (before.username, before.password)
    assert inside(world, "voice_in_trunks", "configuration")["host"] == "pbx2.example.com"
    allowed = inside(world, "voice_out_trunks", "authentication_method")["allowed_sip_ips"]
    assert allowed == ["192.0.2.11/32", "198.51.100.0/24"]
    writes = world.calls("PATCH voice_in_trunks"), world.calls("PATCH voice_out_trunks")
    assert made(carrier, peer=moved) == after
    assert (
        world.calls("PATCH voice_in_trunks"),
        world.calls("PATCH voice_out_trunks"),
    ) == writes, "nothing differs, so nothing is written"


def test_without_addresses_nothing_is_made(world: DidwwWorld, carrier: Didww) -> None:
    with pytest.raises(OurFault, match="Enter the addresses"):
        made(carrier, peer=replace(PEER, addresses=()))
    assert world.rows("voice_in_trunks") == []


def test_where_outbound_calls_are_not_enabled_nothing_is_made() -> None:
    with didww_world(Setup(has_outbound=False)) as world, world.adapter() as carrier:
        assert "Outbound calls are not enabled" in " ".join(carrier.test_connection().features)
        with pytest.raises(OurFault, match="Ask DIDWW's support to enable it"):
            made(carrier)
        assert world.rows("voice_in_trunks") == []
        assert made(carrier, peer=None).registers, "a lone device has no other half"


def test_a_lone_device_registers_and_keeps_its_password(world: DidwwWorld, carrier: Didww) -> None:
    trunk = made(carrier, peer=None)
    assert trunk.registers
    assert (trunk.host, trunk.port) == ("sip.didww.com", 5060)
    facts = inside(world, "voice_in_trunks", "configuration")
    assert facts["enabled_sip_registration"] is True
    assert (facts["host"], facts["port"]) == (None, None)
    with world.adapter(options={"transport": "tcp"}) as changed:
        again = made(changed, peer=None)
    assert (again.username, again.password, again.transport) == (
        trunk.username,
        trunk.password,
        "tcp",
    )
    assert world.rows("voice_out_trunks") == []


def test_a_name_that_is_somebody_else_s_is_told(world: DidwwWorld, carrier: Didww) -> None:
    made(carrier)
    (row,) = world.rows("voice_in_trunks")
    row.attributes["external_reference_id"] = None
    with pytest.raises(NotOurs):
        made(carrier)


def test_the_trunk_may_show_the_numbers_that_lead_to_it(world: DidwwWorld, carrier: Didww) -> None:
    made(carrier)
    numbers = {}
    for country in ("NL", "GB"):
        e164, reference = world.number_of(country), uuid.uuid4()
        carrier.buy(e164, reference=reference)
        carrier.route(e164, ToTrunk(TRUNK), reference=reference)
        numbers[e164] = reference
    (out,) = world.rows("voice_out_trunks")
    assert {f"+{did.attributes['number']}" for did in out.many("dids")} == set(numbers)
    first, second = numbers
    carrier.unroute(first, ToTrunk(TRUNK), reference=numbers[first])
    assert [f"+{did.attributes['number']}" for did in out.many("dids")] == [second]
    assert carrier.routed_to(second, ToTrunk(TRUNK))
    with pytest.raises(Refused):
        carrier.delete_trunk(TRUNK)
    carrier.unroute(second, ToTrunk(TRUNK), reference=numbers[second])
    carrier.delete_trunk(TRUNK)
    assert world.rows("voice_in_trunks") == world.rows("voice_out_trunks") == []


def test_a_caller_that_was_lost_from_the_list_is_put_back(
    world: DidwwWorld, carrier: Didww
) -> None:
    made(carrier)
    e164, reference, target = world.number_of("NL"), uuid.uuid4(), ToTrunk(TRUNK)
    carrier.buy(e164, reference=reference)
    carrier.route(e164, target, reference=reference)
    assert carrier.routed_to(e164, target)
    (out,) = world.rows("voice_out_trunks")
    out.relations["dids"] = []
    assert not carrier.routed_to(e164, target)
    carrier.route(e164, target, reference=reference)
    assert carrier.routed_to(e164, target)


def test_a_lone_device_s_trunk_may_become_a_pbx_s(world: DidwwWorld, carrier: Didww) -> None:
    assert made(carrier, peer=None).registers
    assert not made(carrier).registers
    facts = inside(world, "voice_in_trunks", "configuration")
    assert (facts["enabled_sip_registration"], facts["host"]) == (False, PEER.host)
    found = carrier.trunk(TRUNK)
    assert found is not None
    assert not found.registers
