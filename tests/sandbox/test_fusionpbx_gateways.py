"""Gateways and access lists are loaded as FreeSWITCH loads them: late, through the cache, once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from defusedxml.ElementTree import fromstring

from ringup.sandbox.fusionpbx import (
    ANY,
    NEVER,
    Options,
    Registrar,
    SandboxFusionpbx,
    running_fusionpbx,
)
from ringup.sandbox.postgres import PostgresServer, start_postgres
from tests.sandbox.fusionpbx_wire import Rows, Wire, cached, forget, signed_in

pytestmark = pytest.mark.once
SOFIA = "sandbox-pbx.configuration.sofia.conf"
ACL = "configuration.acl.conf"
RESCAN = "sofia profile external rescan"
SCANNED = "Reload XML [Success]\n+OK scan complete\n"


@pytest.fixture(scope="module")
def shared(pbx_postgres: PostgresServer) -> Iterator[SandboxFusionpbx]:
    with running_fusionpbx(postgres=pbx_postgres) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared: SandboxFusionpbx) -> Iterator[SandboxFusionpbx]:
    yield shared
    shared.registrar = ANY


@pytest.fixture
def wire(sandbox: SandboxFusionpbx) -> Iterator[Wire]:
    with signed_in(sandbox) as wire:
        yield wire


@pytest.fixture
def rows(sandbox: SandboxFusionpbx) -> Iterator[Rows]:
    with Rows(sandbox) as rows:
        yield rows


@pytest.fixture
def gateway(rows: Rows) -> uuid.UUID:
    return rows.gateway(uuid.uuid4())


def status(wire: Wire, gateway: uuid.UUID) -> dict[str, str]:
    text = wire.api(f"sofia xmlstatus gateway {gateway}")
    return {one.tag: one.text or "" for one in fromstring(text.encode("latin-1"))}


def fresh_rescan(sandbox: SandboxFusionpbx, wire: Wire) -> None:
    forget(sandbox, SOFIA)
    assert wire.api(RESCAN) == SCANNED


def test_the_start_of_the_switch_fills_the_cache(pbx_postgres: PostgresServer) -> None:
    with running_fusionpbx(postgres=pbx_postgres) as sandbox:
        assert cached(sandbox) == {SOFIA, ACL}
        assert sandbox.gateways() == []


def test_a_new_gateway_is_unknown_until_a_rescan_behind_a_cleared_cache(
    sandbox: SandboxFusionpbx, wire: Wire, gateway: uuid.UUID
) -> None:
    assert wire.api(f"sofia xmlstatus gateway {gateway}") == "Invalid Gateway!\n"
    assert wire.api(RESCAN) == SCANNED  # says so, and used the old list
    assert wire.api(f"sofia xmlstatus gateway {gateway}") == "Invalid Gateway!\n"
    fresh_rescan(sandbox, wire)
    found = status(wire, gateway)
    assert (found["name"], found["state"], found["status"]) == (str(gateway), "REGED", "UP")
    assert (found["username"], found["profile"]) == ("trunk", "external")
    assert found["password"] == "yes"
    assert SOFIA in cached(sandbox)


def test_a_rescan_of_another_profile_loads_nothing(
    sandbox: SandboxFusionpbx, wire: Wire, gateway: uuid.UUID
) -> None:
    forget(sandbox, SOFIA)
    assert wire.api("sofia profile internal rescan") == SCANNED
    assert wire.api(f"sofia xmlstatus gateway {gateway}") == "Invalid Gateway!\n"
    assert wire.api(RESCAN) == SCANNED
    assert status(wire, gateway)["state"] == "REGED"


def test_a_loaded_gateway_keeps_its_old_parameters_until_it_is_killed(
    sandbox: SandboxFusionpbx, wire: Wire, rows: Rows, gateway: uuid.UUID
) -> None:
    fresh_rescan(sandbox, wire)
    rows.run("UPDATE v_gateways SET username = 'renamed' WHERE gateway_uuid = %s", gateway)
    fresh_rescan(sandbox, wire)
    assert status(wire, gateway)["username"] == "trunk"
    kill = f"sofia profile external killgw {gateway}"
    assert wire.api(kill) == "+OK gateway marked for deletion.\n"
    assert wire.api(kill) == "-ERR no such gateway.\n"
    assert wire.api(f"sofia xmlstatus gateway {gateway}") == "Invalid Gateway!\n"
    wire.api(RESCAN)
    assert status(wire, gateway)["username"] == "renamed"


def test_a_deleted_row_leaves_its_gateway_registered_until_it_is_killed(
    sandbox: SandboxFusionpbx, wire: Wire, rows: Rows, gateway: uuid.UUID
) -> None:
    fresh_rescan(sandbox, wire)
    rows.run("DELETE FROM v_gateways WHERE gateway_uuid = %s", gateway)
    fresh_rescan(sandbox, wire)
    assert status(wire, gateway)["state"] == "REGED"
    wire.api(f"sofia profile external killgw {gateway}")
    wire.api(RESCAN)
    assert wire.api(f"sofia xmlstatus gateway {gateway}") == "Invalid Gateway!\n"


def test_a_killed_gateway_comes_back_while_the_cache_still_has_it(
    sandbox: SandboxFusionpbx, wire: Wire, rows: Rows, gateway: uuid.UUID
) -> None:
    fresh_rescan(sandbox, wire)
    rows.run("DELETE FROM v_gateways WHERE gateway_uuid = %s", gateway)
    wire.api(f"sofia profile external killgw {gateway}")
    wire.api(RESCAN)  # nobody deleted the cached file
    assert status(wire, gateway)["state"] == "REGED"


@pytest.mark.parametrize(
    "hidden", [{"enabled": False}, {"hostname": "another-node"}, {"profile": "internal"}]
)
def test_only_enabled_gateways_of_this_node_and_profile_are_loaded(
    sandbox: SandboxFusionpbx, wire: Wire, rows: Rows, hidden: dict[str, object]
) -> None:
    gateway = rows.gateway(uuid.uuid4(), **hidden)
    fresh_rescan(sandbox, wire)
    assert wire.api(f"sofia xmlstatus gateway {gateway}") == "Invalid Gateway!\n"


def test_a_gateway_that_does_not_register_is_up_at_once(
    sandbox: SandboxFusionpbx, wire: Wire, rows: Rows
) -> None:
    sandbox.registrar = NEVER
    gateway = rows.gateway(uuid.uuid4(), register=False)
    fresh_rescan(sandbox, wire)
    assert (status(wire, gateway)["state"], status(wire, gateway)["status"]) == ("NOREG", "UP")


def test_registration_follows_the_registrar(
    sandbox: SandboxFusionpbx, wire: Wire, gateway: uuid.UUID
) -> None:
    fresh_rescan(sandbox, wire)
    seen = []
    for registrar in (
        Registrar(seconds=3600),
        NEVER,
        Registrar(accounts={"trunk": "wrong"}),
        Registrar(accounts={}),
        Registrar(accounts={"trunk": "Secret1234"}),
    ):
        sandbox.registrar = registrar
        found = status(wire, gateway)
        seen.append((found["state"], found["status"]))
    failed = ("FAIL_WAIT", "DOWN")
    assert seen == [("TRYING", "DOWN"), failed, failed, failed, ("REGED", "UP")]


def test_the_authentication_name_goes_before_the_user_name(
    sandbox: SandboxFusionpbx, wire: Wire, rows: Rows
) -> None:
    gateway = rows.gateway(uuid.uuid4(), auth_username="100000_trunk")
    fresh_rescan(sandbox, wire)
    sandbox.registrar = Registrar(accounts={"100000_trunk": "Secret1234"})
    assert status(wire, gateway)["state"] == "REGED"


def test_loaded_gateways_are_listed_without_their_passwords(
    sandbox: SandboxFusionpbx, wire: Wire, gateway: uuid.UUID
) -> None:
    fresh_rescan(sandbox, wire)
    listed = {str(one["name"]): one for one in sandbox.gateways()}
    assert listed[str(gateway)]["state"] == "REGED"
    assert "Secret1234" not in repr(listed)
    assert str(gateway) in wire.api("sofia xmlstatus gateway")
    assert f"external::{gateway}\tgateway" in wire.api("sofia status")


def test_the_cached_document_of_5_4_has_another_name(pbx_postgres: PostgresServer) -> None:
    with running_fusionpbx(Options(version="5.4"), postgres=pbx_postgres) as sandbox:
        assert cached(sandbox) == {"configuration.sofia.conf.sandbox-pbx", ACL}
        rows = Rows(sandbox)
        gateway, hidden = rows.gateway(uuid.uuid4()), rows.gateway(uuid.uuid4(), enabled=False)
        forget(sandbox, "configuration.sofia.conf.sandbox-pbx")
        with signed_in(sandbox) as wire:
            assert wire.api(RESCAN) == SCANNED
            assert status(wire, gateway)["state"] == "REGED"
            assert wire.api(f"sofia xmlstatus gateway {hidden}") == "Invalid Gateway!\n"


def test_an_address_is_allowed_after_the_cache_was_cleared_and_the_lists_reloaded(
    sandbox: SandboxFusionpbx, wire: Wire, rows: Rows
) -> None:
    [(providers,)] = rows.all(
        "SELECT access_control_uuid FROM v_access_controls WHERE access_control_name = 'providers'"
    )
    for cidr in ("198.51.100.0/24", "no address"):
        rows.insert(
            "v_access_control_nodes",
            access_control_node_uuid=uuid.uuid4(),
            access_control_uuid=providers,
            node_type="allow",
            node_cidr=cidr,
        )
    asked = "acl 198.51.100.7 providers"
    assert wire.api(asked) == "false"
    assert wire.api("reloadacl") == "+OK acl reloaded\n"
    assert wire.api(asked) == "false"
    forget(sandbox, ACL)
    assert wire.api(asked) == "false"
    wire.api("reloadacl")
    assert wire.api(asked) == "true"
    assert wire.api("acl 198.51.101.7 providers") == "false"
    assert sandbox.switch.access_list("providers") == ["198.51.100.0/24"]


def test_private_addresses_are_in_the_stock_list(wire: Wire) -> None:
    assert wire.api("acl 192.168.7.7 rfc1918") == "true"
    assert wire.api("acl 8.8.8.8 rfc1918") == "false"
    assert wire.api("acl 8.8.8.8 nowhere") == "false"


def test_a_spoilt_cache_is_reported_and_what_was_loaded_stays(
    sandbox: SandboxFusionpbx, wire: Wire
) -> None:
    for name in (ACL, SOFIA):
        (sandbox.cache_dir / name).write_text("<document")
    assert wire.api("reloadacl").startswith("-ERR [")
    assert wire.api("acl 192.168.7.7 rfc1918") == "true"
    assert wire.api(RESCAN).endswith("-ERR cannot find config for profile external\n")
    forget(sandbox, ACL, SOFIA)
    assert wire.api("reloadacl") == "+OK acl reloaded\n"
    assert wire.api(RESCAN) == SCANNED


def test_the_switch_goes_on_after_a_restart_of_its_database() -> None:
    with start_postgres() as server, running_fusionpbx(postgres=server) as sandbox:
        assert sandbox.lookup_inbound("2085550000").detail == "404"
        server.restart("immediate")
        assert sandbox.lookup_inbound("2085550001").detail == "404"
        assert sandbox.state()[sandbox.template_domain]["v_dialplans"] == 34
