"""Tenants built with templates: the columns, the calls, and what FusionPBX's editor would make of it."""

from __future__ import annotations

from typing import Any

import pytest

from ringup.core.failures import OurFault
from ringup.pbx.fusionpbx.adapter import FusionPbx
from ringup.pbx.fusionpbx.previewing import MASK
from ringup.pbx.merging import (
    OrderValues,
    checked,
    gateway_label,
    gateway_settings,
    inbound_settings,
    open_sets,
    outbound_settings,
)
from ringup.pbx.port import DialPattern, Gateway, Tenant
from ringup.pbx.template_fields import GATEWAY, INBOUND, OUTBOUND
from ringup.pbx.tenant_settings import (
    CustomRoute,
    GatewaySettings,
    InboundSettings,
    OutboundSettings,
)
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld
from tests.pbx.fusionpbx.test_writing import plain
from tests.pbx.pbx_world import built
from tests.pbx.wishes import DOMAIN, E164, GATEWAY_PASSWORD, destination, wished_tenant

pytestmark = pytest.mark.once

ORDER = OrderValues(DOMAIN, "Acme & Sons", "100000_acme", "sip.example", 5060, "udp", E164,
                    "2085550100")  # fmt: skip
GATEWAY_TEMPLATE = {
    "gateway": "{domain}-trunk", "username": "{username}", "auth_username": "auth-{username}",
    "from_user": "{national}", "from_domain": "{domain}", "realm": "{host}", "proxy": "{host}:5080",
    "register_proxy": "r.{host}", "outbound_proxy": "o.{host}", "register": False,
    "register_transport": "tcp", "expire_seconds": 600, "retry_seconds": 60, "ping": 25,
    "ping_min": 1, "ping_max": 3, "contact_in_ping": True, "contact_params": "tport={transport}",
    "extension": "{e164}", "extension_in_contact": "true", "distinct_to": True,
    "caller_id_in_from": False, "sip_cid_type": "pid", "supress_cng": True,
    "codec_prefs": "PCMU,PCMA", "channels": 9, "context": "public@{domain}", "profile": "internal",
    "hostname": "pbx1", "enabled": True, "description": "Trunk of {company}",
}  # fmt: skip
INBOUND_TEMPLATE = {
    "order": 120, "caller_id_name_prefix": "Sales {national}", "record": True,
    "record_format": "wav", "account_code": "{domain}", "hold_music": "local_stream://{domain}",
    "distinctive_ring": "Bellcore-dr2", "condition_field": "destination_number",
    "description": "Numbers of {company}",
}  # fmt: skip
OUTBOUND_TEMPLATE = {
    "open": ["nanp", "international"], "calls": 2, "prefix": "77#", "national_prefix": "1",
    "international_prefix": "+", "account_code": "{domain}", "order": 130,
    "routes": [{"name": "short", "expression": r"^7(\d{3})$", "sent": "2085557$1"}],
}  # fmt: skip


def templated(**changes: Any) -> Tenant:
    """A tenant as provisioning makes it of the three templates."""
    gateway, inbound = checked(GATEWAY, GATEWAY_TEMPLATE), checked(INBOUND, INBOUND_TEMPLATE)
    outbound = checked(OUTBOUND, OUTBOUND_TEMPLATE)
    number = destination()
    given: dict[str, Any] = {
        "gateway": Gateway(
            gateway_label(gateway, ORDER), "100000_acme", "sip.example", 5060, "udp",
            GATEWAY_PASSWORD, gateway_settings(gateway, ORDER),
        ),
        "destinations": (
            type(number)(number.owned, E164, "1001", inbound_settings(inbound, ORDER)),
        ),
        "outbound": outbound_settings(outbound, ORDER),
        "open_patterns": frozenset(DialPattern(name) for name in open_sets(outbound)),
        "max_outbound_calls": outbound["calls"],
    }  # fmt: skip
    return wished_tenant(**(given | changes))


def test_a_gateway_has_exactly_the_columns_of_its_template(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    tenant = templated()
    pbx.build_tenant(tenant, run="run-1", digest="d1")
    (row,) = world.rows("SELECT * FROM v_gateways")
    for name in ("gateway_uuid", "domain_uuid", "insert_date"):
        assert row.pop(name)
    assert {name: str(value) for name, value in row.items() if value is not None} == {
        "gateway": f"{DOMAIN}-trunk", "username": "100000_acme", "password": GATEWAY_PASSWORD,
        "auth_username": "auth-100000_acme", "from_user": "2085550100", "from_domain": DOMAIN,
        "realm": "sip.example", "proxy": "sip.example:5080", "register_proxy": "r.sip.example",
        "outbound_proxy": "o.sip.example", "register": "False", "register_transport": "tcp",
        "expire_seconds": "600", "retry_seconds": "60", "ping": "25", "ping_min": "1",
        "ping_max": "3", "contact_in_ping": "True", "contact_params": "tport=udp",
        "extension": E164, "extension_in_contact": "true", "distinct_to": "True",
        "caller_id_in_from": "False", "sip_cid_type": "pid", "supress_cng": "True",
        "codec_prefs": "PCMU,PCMA", "channels": "9", "context": f"public@{DOMAIN}",
        "profile": "internal", "hostname": "pbx1", "enabled": "True",
        "description": "Trunk of Acme and Sons",
    }  # fmt: skip
    # The profile of the gateway is the one that is made to look again.
    world.sandbox.forget_commands()
    pbx.refresh(f"tenant/{tenant.uid}")
    assert "api sofia profile internal rescan" in world.sandbox.command_texts()
    assert pbx.undo(f"tenant/{tenant.uid}")
    assert world.tenants() == set()
    assert world.rows("SELECT 1 FROM v_gateways") == []


def test_a_gateway_without_a_template_has_the_columns_that_it_always_had(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    pbx.build_tenant(wished_tenant(), run="run-1", digest="d1")
    (row,) = world.rows("SELECT * FROM v_gateways")
    filled = {name for name, value in row.items() if value is not None}
    assert filled == {
        "gateway_uuid", "domain_uuid", "gateway", "username", "password", "proxy", "register",
        "register_transport", "expire_seconds", "retry_seconds", "extension", "context", "profile",
        "channels", "caller_id_in_from", "distinct_to", "contact_in_ping", "supress_cng", "enabled",
        "insert_date",
    }  # fmt: skip


def test_a_number_has_the_columns_and_lines_of_its_template(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    pbx.build_tenant(templated(), run="run-1", digest="d1")
    (row,) = world.rows("SELECT * FROM v_destinations")
    assert {
        name.removeprefix("destination_"): row[name]
        for name in row
        if row[name] is not None and not name.endswith(("_uuid", "_date"))
    } == {
        "type": "inbound", "prefix": "1", "number": "2085550100",
        "number_regex": r"^\+?1?(2085550100)$", "context": "public", "app": "transfer",
        "data": f"1001 XML {DOMAIN}", "order": 120, "record": True, "enabled": True,
        "actions": [{"destination_app": "transfer", "destination_data": f"1001 XML {DOMAIN}"}],
        "condition_field": "destination_number", "cid_name_prefix": "Sales 2085550100",
        "accountcode": DOMAIN, "hold_music": f"local_stream://{DOMAIN}",
        "distinctive_ring": "Bellcore-dr2", "description": "Numbers of Acme and Sons",
    }  # fmt: skip
    lines = world.rows(
        "SELECT dialplan_detail_type AS type, dialplan_detail_data AS data, dialplan_detail_inline"
        " AS inline, dialplan_detail_order::int AS place FROM v_dialplan_details"
        " WHERE dialplan_uuid = %s ORDER BY dialplan_detail_order",
        row["dialplan_uuid"],
    )
    # In the sequence, numbering and spelling of FusionPBX's destination editor (5.5.13).
    assert [
        (one["place"], one["type"], one["data"].partition("=")[0], one["inline"]) for one in lines
    ] == [
        (20, "destination_number", r"^\+?1?(2085550100)$", None),
        (40, "set", "effective_caller_id_name", "true"),
        (50, "export", "accountcode", "true"),
        (60, "export", "hold_music", "true"),
        (70, "export", "sip_h_Alert-Info", "true"),
        (80, "set", "record_path", "true"),
        (90, "set", "record_name", "true"),
        (100, "set", "record_append", "true"),
        (110, "set", "record_in_progress", "true"),
        (120, "set", "record_stereo", "true"),
        (130, "set", "recording_follow_transfer", "true"),
        (140, "record_session", "${record_path}/${record_name}", "false"),
        (150, "transfer", f"1001 XML {DOMAIN}", None),
    ]  # fmt: skip
    assert lines[6]["data"] == "record_name=${uuid}.wav"


def test_a_number_of_another_country_is_stored_as_fusionpbxs_editor_would_store_it_again(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    built(pbx, wished_tenant(destinations=(destination("+442079460000"),)))
    (row,) = world.rows(
        "SELECT destination_prefix AS prefix, destination_number AS number,"
        " destination_number_regex AS expression, dialplan_detail_data AS data"
        " FROM v_destinations JOIN v_dialplan_details USING (dialplan_uuid)"
        " WHERE dialplan_detail_tag = 'condition'"
    )
    # With an empty prefix, 5.5.13's editor made ^(442079460000)$ of it: no call with + any more.
    assert (row["prefix"], row["number"]) == ("+", "442079460000")
    assert row["expression"] == row["data"] == r"^\+?(?:)?(442079460000)$"
    for form, where in (("442079460000", "1001"), ("+442079460000", "1001"), ("2079460000", "")):
        assert world.call_in(form).where == where, form


def test_details_and_xml_agree_in_fusionpbxs_own_eyes_with_templates_too(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    key = built(pbx, templated(emergency_caller_id="+12085550199")).key
    rows = world.rows(
        "SELECT p.dialplan_uuid, p.dialplan_name, p.dialplan_xml, p.dialplan_order::int AS place"
        " FROM v_dialplans p JOIN v_domains d USING (domain_uuid)"
        " WHERE d.domain_name = %s AND dialplan_xml IS NOT NULL",
        DOMAIN,
    )
    assert len(rows) > 40
    for row in rows:
        regenerated = world.sandbox.regenerated_xml(row["dialplan_uuid"])
        assert plain(regenerated) == plain(row["dialplan_xml"]), row["dialplan_name"]
    places = {row["dialplan_name"]: row["place"] for row in rows}
    label = "acme-pbx-example-trunk"
    assert places[f"{label}.911"] < places["refused.islands"] < places[f"{label}.custom-short"]
    assert places[f"{label}.nanp"] == places[f"{label}.988"] == 130
    assert pbx.undo(key)
    assert world.tenants() == set()


def test_calls_go_through_with_inbound_and_outbound_templates(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    # With a gateway that FreeSWITCH loads: the template's other columns do not matter here.
    gateway = wished_tenant().gateway
    built(pbx, templated(gateway=gateway, emergency_caller_id="+12085550199"))
    for form in ("2085550100", "12085550100", "+12085550100"):
        assert world.call_in(form).where == "1001"
    call = world.sandbox.lookup_inbound("2085550100")
    assert "record_session" in [application for application, _ in call.actions]
    assert call.variables["effective_caller_id_name"].startswith("Sales 2085550100#")
    assert call.variables["accountcode"] == DOMAIN
    for dialled, sent in (
        ("3125550123", "77#13125550123"),
        ("011442079460000", "77#+442079460000"),
        ("7123", "77#2085557123"),
        # Emergency calls and 988 are sent as they are.
        ("911", "911"),
        ("988", "18002738255"),
    ):
        assert world.call_out(DOMAIN, "1001", dialled).where == sent, dialled
    for closed in ("8005550123", "8095550123", "9005550123", "7123456"):
        assert world.call_out(DOMAIN, "1001", closed).where == "", closed
    outgoing = world.sandbox.lookup_outbound(DOMAIN, "3125550123", extension="1001")
    assert outgoing.variables["sip_h_accountcode"] == DOMAIN
    assert outgoing.variables["limit_max"] == "2"


def test_a_number_added_later_has_settings_of_its_own(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    tenant = wished_tenant()
    built(pbx, tenant)
    added = destination("+12085550177")
    settings = inbound_settings(checked(INBOUND, INBOUND_TEMPLATE), ORDER)
    added = type(added)(added.owned, added.e164, "1002", settings)
    record = pbx.add_destination(tenant.uid, 1, added, run="run-2", digest="d2")
    pbx.refresh(record.key)
    assert world.call_in("2085550177").where == "1002"
    rows = world.rows(
        "SELECT destination_number, destination_record FROM v_destinations ORDER BY 1"
    )
    assert [row["destination_record"] for row in rows] == [False, True]


def test_a_preview_is_what_is_written_and_shows_no_password(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    tenant = templated()
    shown = FusionPbx.preview(tenant)
    assert {row.part for row in shown} == {"gateway", "inbound", "outbound"}
    assert GATEWAY_PASSWORD not in repr(shown)
    (gateway,) = (row for row in shown if row.part == "gateway")
    assert ("password", MASK) in gateway.columns
    pbx.build_tenant(tenant, run="run-1", digest="d1")
    (written,) = world.rows("SELECT * FROM v_gateways")
    for name, text in gateway.columns:
        value = written[name]
        told = str(value).lower() if isinstance(value, bool) else str(value)
        assert name == "password" or told == text, name
    dialplans = {
        row["dialplan_uuid"]: row["dialplan_xml"]
        for row in world.rows("SELECT dialplan_uuid::text, dialplan_xml FROM v_dialplans")
    }
    previewed = [row for row in shown if row.table == "v_dialplans"]
    assert len(previewed) > 10
    for row in previewed:
        assert dialplans[dict(row.columns)["dialplan_uuid"]] == row.xml
    (entry,) = FusionPbx.preview_addresses(["203.0.113.0/24"], note="Carrier: Backbone")
    assert ("node_cidr", "203.0.113.0/24") in entry.columns


@pytest.mark.parametrize(
    "changes",
    [
        {"gateway": GatewaySettings(context="default")},
        {"gateway": GatewaySettings(realm='a"b')},
        {"gateway": GatewaySettings(description="${evil}")},
        {"gateway": GatewaySettings(register_transport="sctp")},
        {"gateway": GatewaySettings(profile="")},
        {"inbound": InboundSettings(hold_music="${evil}")},
        {"inbound": InboundSettings(condition_field="${caller_id_name}")},
        {"inbound": InboundSettings(order=5)},
        {"inbound": InboundSettings(caller_id_name_prefix="a\nb")},
        {"outbound": OutboundSettings(order=50)},
        {"outbound": OutboundSettings(prefix="1&")},
        {"outbound": OutboundSettings(account_code="<x>")},
        {"outbound": OutboundSettings(routes=(CustomRoute("x", "^(1/2)$", "$1"),))},
        {"outbound": OutboundSettings(routes=(CustomRoute("x", "^(12)$", "${x}"),))},
        {"outbound": OutboundSettings(routes=(CustomRoute("X y", "^(12)$", "$1"),))},
    ],
)
def test_what_slipped_past_a_template_is_refused_before_anything_is_written(
    changes: dict[str, Any],
) -> None:
    gateway, number = wished_tenant().gateway, destination()
    given: dict[str, Any] = {}
    if "gateway" in changes:
        given["gateway"] = Gateway(
            gateway.label, gateway.username, gateway.host, 5060, "udp", GATEWAY_PASSWORD,
            changes["gateway"],
        )  # fmt: skip
    if "inbound" in changes:
        given["destinations"] = (type(number)(number.owned, E164, "1001", changes["inbound"]),)
    if "outbound" in changes:
        given["outbound"] = changes["outbound"]
    with pytest.raises(OurFault):
        FusionPbx.preview(wished_tenant(**given))
