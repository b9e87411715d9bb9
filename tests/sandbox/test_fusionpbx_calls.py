"""Who answers when a number is dialled: the dialplans decide, as the switch would see them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from ringup.sandbox.fusionpbx import (
    ANY,
    NEVER,
    Options,
    SandboxFusionpbx,
    running_fusionpbx,
)
from ringup.sandbox.postgres import PostgresServer
from tests.sandbox.fusionpbx_wire import (
    OUTBOUND_APP,
    Rows,
    Wire,
    cached,
    forget,
    route_xml,
    signed_in,
)

pytestmark = pytest.mark.once
DOMAIN = "acme.example"
SOFIA = "sandbox-pbx.configuration.sofia.conf"


@pytest.fixture(scope="module")
def shared(pbx_postgres: PostgresServer) -> Iterator[SandboxFusionpbx]:
    with running_fusionpbx(postgres=pbx_postgres) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared: SandboxFusionpbx) -> Iterator[SandboxFusionpbx]:
    """A sandbox with the template tenant only, and an empty cache."""
    yield shared
    shared.registrar = ANY
    emptied = "v_extensions v_destinations v_gateways v_dialplans v_domains".split()
    template = "SELECT domain_uuid FROM v_domains WHERE domain_name = %s"
    with Rows(shared) as rows:
        for table in emptied:
            statement = f"DELETE FROM {table} WHERE domain_uuid NOT IN ({template})"
            rows.run(statement, shared.template_domain)
        rows.run("DELETE FROM v_access_control_nodes WHERE node_cidr LIKE '198.51.100.%'")
    shared.switch.kill_gateway("external", "_all_")
    for file in shared.cache_dir.iterdir():
        file.unlink()


@pytest.fixture
def rows(sandbox: SandboxFusionpbx) -> Iterator[Rows]:
    with Rows(sandbox) as rows:
        yield rows


@pytest.fixture
def tenant(rows: Rows) -> uuid.UUID:
    """A tenant with extension 1001 and the number 2085550000."""
    tenant = rows.tenant(DOMAIN)
    rows.extension(tenant, DOMAIN, "1001", outbound_caller_id_number="12085550000")
    rows.number(tenant, DOMAIN, "2085550000", "1001")
    return tenant


@pytest.fixture
def wire(sandbox: SandboxFusionpbx) -> Iterator[Wire]:
    with signed_in(sandbox) as wire:
        yield wire


def load_gateways(sandbox: SandboxFusionpbx) -> None:
    (sandbox.cache_dir / SOFIA).unlink(missing_ok=True)
    sandbox.switch.rescan("external")


@pytest.mark.parametrize("dialled", ["2085550000", "12085550000", "+12085550000"])
def test_all_three_forms_of_a_number_ring_its_extension(
    sandbox: SandboxFusionpbx, tenant: uuid.UUID, dialled: str
) -> None:
    call = sandbox.lookup_inbound(dialled)
    assert (call.outcome, call.answered_by) == ("rings", f"user/1001@{DOMAIN}")
    assert call.variables["domain_uuid"] == str(tenant)
    assert call.variables["domain_name"] == DOMAIN
    assert call.variables["call_direction"] == "inbound"
    assert f"dialplan.public.{dialled}" in cached(sandbox)


def test_without_a_prefix_only_the_ten_digits_answer(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    rows.number(tenant, DOMAIN, "3035550000", "1001", prefix=None)
    assert sandbox.lookup_inbound("3035550000").outcome == "rings"
    call = sandbox.lookup_inbound("13035550000")
    assert (call.outcome, call.detail) == ("refused", "404")


def test_the_answer_for_an_unknown_number_is_remembered_until_its_file_is_deleted(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    assert sandbox.lookup_inbound("13035550001").detail == "404"
    rows.number(tenant, DOMAIN, "3035550001", "1001")
    assert sandbox.lookup_inbound("13035550001").detail == "404"
    assert sandbox.lookup_inbound("3035550001").outcome == "rings"  # another form, not asked yet
    forget(sandbox, "dialplan.public.13035550001")
    assert sandbox.lookup_inbound("13035550001").outcome == "rings"


def test_a_number_keeps_ringing_after_its_rows_are_gone_until_its_file_is_deleted(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    assert sandbox.lookup_inbound("2085550000").outcome == "rings"
    for table in ("v_destinations", "v_dialplans"):
        rows.run(f"DELETE FROM {table} WHERE domain_uuid = %s", tenant)
    assert sandbox.lookup_inbound("2085550000").outcome == "rings"
    forget(sandbox, "dialplan.public.2085550000")
    assert sandbox.lookup_inbound("2085550000").detail == "404"


def test_in_single_mode_a_dialplan_without_its_destination_is_never_found(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    rows.run("DELETE FROM v_destinations WHERE domain_uuid = %s", tenant)
    assert sandbox.lookup_inbound("2085550000").detail == "404"


def test_a_disabled_destination_still_rings_and_a_disabled_dialplan_does_not(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    rows.run("UPDATE v_destinations SET destination_enabled = 'false'")
    assert sandbox.lookup_inbound("2085550000").outcome == "rings"
    rows.run("UPDATE v_dialplans SET dialplan_enabled = 'false' WHERE domain_uuid = %s", tenant)
    assert sandbox.lookup_inbound("12085550000").detail == "404"


@pytest.mark.parametrize("version", ["5.5", "5.4"])
def test_in_multiple_mode_one_file_holds_all_numbers(
    pbx_postgres: PostgresServer, version: str
) -> None:
    options = Options(version=version, dialplan_mode="multiple")
    with running_fusionpbx(options, postgres=pbx_postgres) as sandbox:
        rows = Rows(sandbox)
        tenant = rows.tenant(DOMAIN)
        rows.extension(tenant, DOMAIN, "1001")
        rows.number(tenant, DOMAIN, "2085550000", "1001")
        assert sandbox.lookup_inbound("+12085550000").answered_by == f"user/1001@{DOMAIN}"
        rows.number(tenant, DOMAIN, "3035550000", "1001")
        assert sandbox.lookup_inbound("3035550000").detail == "404"
        forget(sandbox, "dialplan.public")
        assert sandbox.lookup_inbound("3035550000").outcome == "rings"


def test_a_carrier_from_an_unknown_address_is_challenged(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    sandbox.switch.reload_acl()
    assert sandbox.lookup_inbound("2085550000", source="198.51.100.7").outcome == "challenged"
    [(providers,)] = rows.all(
        "SELECT access_control_uuid FROM v_access_controls WHERE access_control_name = 'providers'"
    )
    rows.insert(
        "v_access_control_nodes",
        access_control_node_uuid=uuid.uuid4(),
        access_control_uuid=providers,
        node_type="allow",
        node_cidr="198.51.100.7/32",
    )
    (sandbox.cache_dir / "configuration.acl.conf").unlink(missing_ok=True)
    sandbox.switch.reload_acl()
    assert sandbox.lookup_inbound("2085550000", source="198.51.100.7").outcome == "rings"


def test_a_number_of_a_missing_extension_rings_nobody(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    rows.number(tenant, DOMAIN, "3035550000", "1999")
    call = sandbox.lookup_inbound("3035550000")
    assert (call.outcome, call.bridges) == ("nobody", [])


def test_an_extension_is_cached_and_an_unknown_one_is_not(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    assert sandbox.directory("1002", DOMAIN) is None
    rows.extension(tenant, DOMAIN, "1002")
    account = sandbox.directory("1002", DOMAIN)
    assert account is not None
    assert (account["user_context"], account["password"]) == (DOMAIN, "Abc123Abc123Abc123Ab")
    rows.run("DELETE FROM v_extensions")
    assert sandbox.directory("1002", DOMAIN) is not None
    forget(sandbox, f"directory.1002@{DOMAIN}")
    assert sandbox.directory("1002", DOMAIN) is None


def test_extensions_of_a_disabled_tenant_do_not_exist(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    rows.run("UPDATE v_domains SET domain_enabled = 'false' WHERE domain_uuid = %s", tenant)
    assert sandbox.directory("1001", DOMAIN) is None


def test_a_directory_key_had_the_hostname_in_front_for_a_while(
    pbx_postgres: PostgresServer,
) -> None:
    with running_fusionpbx(Options(version="5.5.7"), postgres=pbx_postgres) as sandbox:
        rows = Rows(sandbox)
        rows.extension(rows.tenant(DOMAIN), DOMAIN, "1001")
        assert sandbox.directory("1001", DOMAIN) is not None
        assert f"sandbox-pbx.directory.1001@{DOMAIN}" in cached(sandbox)


def test_the_password_goes_into_the_directory_as_it_is(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    rows.run("""UPDATE v_extensions SET password = 'a"<b'""")
    call = sandbox.lookup_inbound("2085550000")
    assert call.outcome == "broken"
    assert sandbox.lookup_outbound(DOMAIN, "1001", extension="1001").outcome == "broken"


def test_a_row_that_is_no_xml_breaks_every_call_of_its_context(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    plan = uuid.uuid4()
    rows.dialplan(plan, tenant, DOMAIN, OUTBOUND_APP, "bad", 500, "<extension name='A & B'/>")
    assert sandbox.lookup_outbound(DOMAIN, "1001").outcome == "broken"


@pytest.mark.parametrize("dialled", ["2125551234", "12125551234", "+12125551234"])
def test_an_outbound_call_takes_the_tenant_s_gateway_and_caller_id(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID, dialled: str
) -> None:
    gateway = rows.gateway(tenant)
    rows.outbound(tenant, DOMAIN, f"sofia/gateway/{gateway}/1$1")
    load_gateways(sandbox)
    call = sandbox.lookup_outbound(DOMAIN, dialled, extension="1001")
    assert call.answered_by == f"sofia/gateway/{gateway}/12125551234"
    assert call.variables["call_direction"] == "outbound"
    assert call.variables["effective_caller_id_number"] == "12085550000"


def test_a_gateway_that_is_not_registered_refuses_and_the_next_one_takes_the_call(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    first, second = rows.gateway(tenant), rows.gateway(tenant, register=False)
    lost = uuid.uuid4()
    bridges = [f"sofia/gateway/{one}/$1" for one in (lost, first, second)]
    rows.outbound(tenant, DOMAIN, *bridges)
    load_gateways(sandbox)
    sandbox.registrar = NEVER
    call = sandbox.lookup_outbound(DOMAIN, "2125551234", extension="1001")
    assert [bridge.problem for bridge in call.bridges] == [
        "INVALID_GATEWAY",
        "NETWORK_OUT_OF_ORDER (FAIL_WAIT)",
        "",
    ]
    assert call.answered_by == f"sofia/gateway/{second}/2125551234"
    sandbox.registrar = ANY
    call = sandbox.lookup_outbound(DOMAIN, "2125551234", extension="1001")
    assert call.answered_by == f"sofia/gateway/{first}/2125551234"


def test_without_a_working_gateway_the_call_is_refused(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    rows.outbound(tenant, DOMAIN, f"sofia/gateway/{uuid.uuid4()}/$1")
    call = sandbox.lookup_outbound(DOMAIN, "2125551234", extension="1001")
    assert (call.outcome, call.detail, call.answered_by) == ("refused", "INVALID_GATEWAY", "")


def test_a_number_that_no_route_takes_reaches_nobody(
    sandbox: SandboxFusionpbx, tenant: uuid.UUID
) -> None:
    assert sandbox.lookup_outbound(DOMAIN, "01144207946000", extension="1001").outcome == "nobody"


def test_a_new_route_is_invisible_until_the_context_s_file_is_deleted(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    assert sandbox.lookup_outbound(DOMAIN, "2125551234").outcome == "nobody"
    rows.outbound(tenant, DOMAIN, "sofia/external/$1@sip.example.net")
    assert sandbox.lookup_outbound(DOMAIN, "2125551234").outcome == "nobody"
    forget(sandbox, f"dialplan.{DOMAIN}")
    assert sandbox.lookup_outbound(DOMAIN, "2125551234").outcome == "rings"


def test_colleagues_ring_inside_the_tenant_and_the_direction_is_local(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    rows.extension(tenant, DOMAIN, "1002")
    call = sandbox.lookup_outbound(DOMAIN, "1002", extension="1001")
    assert call.answered_by == f"user/1002@{DOMAIN}"
    assert call.variables["call_direction"] == "local"


def test_tenants_with_equal_extensions_do_not_ring_each_other(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    other = rows.tenant("other.example")
    rows.extension(other, "other.example", "1001")
    call = sandbox.lookup_outbound("other.example", "1001", extension="1001")
    assert call.answered_by == "user/1001@other.example"


def test_a_wrong_user_context_sends_calls_out_through_the_other_tenant(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    rows.outbound(tenant, DOMAIN, "sofia/external/$1@acme-pays.example")
    other = rows.tenant("other.example")
    rows.extension(other, "other.example", "1001", context=DOMAIN)
    call = sandbox.lookup_outbound("other.example", "2125551234", extension="1001")
    assert call.answered_by == "sofia/external/2125551234@acme-pays.example"
    assert call.variables["domain_name"] == "other.example"


def test_an_unknown_telephone_may_not_dial(sandbox: SandboxFusionpbx, tenant: uuid.UUID) -> None:
    call = sandbox.lookup_outbound(DOMAIN, "1001", extension="1999")
    assert (call.outcome, call.detail) == ("refused", "403 no such extension")


def test_notices_and_refusals_show_in_what_the_switch_did(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    plan = uuid.uuid4()
    actions = (("answer", "", ""), ("playback", "notice.wav", ""), ("hangup", "CALL_REJECTED", ""))
    text = route_xml(plan, "911", "^(911|933)$", actions)
    rows.dialplan(plan, tenant, DOMAIN, OUTBOUND_APP, "911", 90, text)
    call = sandbox.lookup_outbound(DOMAIN, "911", extension="1001")
    assert (call.outcome, call.detail) == ("refused", "CALL_REJECTED")
    assert ("playback", "notice.wav") in call.actions


def test_features_of_the_template_work_by_their_codes(sandbox: SandboxFusionpbx) -> None:
    domain = sandbox.template_domain
    call = sandbox.lookup_outbound(domain, "*732")
    assert call.outcome == "application"
    assert ("lua", "sandbox.lua recordings") in call.actions
    assert sandbox.lookup_outbound(domain, "*9198").actions[-1][0] == "playback"
    parked = sandbox.lookup_outbound(domain, "park+*5901")
    assert parked.actions[-1] == ("valet_park", f"park@{domain} *5901")


def test_an_unanswered_extension_has_its_voicemail(
    sandbox: SandboxFusionpbx, tenant: uuid.UUID
) -> None:
    call = sandbox.lookup_outbound(DOMAIN, "*991001", extension="1001")
    assert (call.outcome, call.detail) == ("voicemail", f"default {DOMAIN} 1001")


def test_a_circle_of_transfers_ends(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    plan = uuid.uuid4()
    text = route_xml(plan, "loop", "^700$", (("transfer", f"700 XML {DOMAIN}", ""),))
    rows.dialplan(plan, tenant, DOMAIN, OUTBOUND_APP, "loop", 90, text)
    call = sandbox.lookup_outbound(DOMAIN, "700")
    assert (call.outcome, call.detail) == ("refused", "transferred in a circle")


def test_what_the_sandbox_cannot_judge_it_says(
    sandbox: SandboxFusionpbx, rows: Rows, tenant: uuid.UUID
) -> None:
    plan = uuid.uuid4()
    text = '<extension name="hours"><condition wday="2-6"/></extension>'
    rows.dialplan(plan, tenant, DOMAIN, OUTBOUND_APP, "hours", 90, text)
    call = sandbox.lookup_outbound(DOMAIN, "700")
    assert call.outcome == "broken"
    assert "cannot judge a condition with ['wday']" in call.detail


def test_the_event_socket_sees_the_same_directory(
    sandbox: SandboxFusionpbx, wire: Wire, tenant: uuid.UUID
) -> None:
    assert wire.api(f"user_exists id 1001 {DOMAIN}") == "true"
    assert wire.api(f"user_data 1001@{DOMAIN} var user_context") == DOMAIN
    assert f"directory.1001@{DOMAIN}" in cached(sandbox)
