"""The rows of a tenant, without a database."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from ringup.pbx.fusionpbx import app_uuids
from ringup.pbx.fusionpbx.dialplan import Dialplan, action, condition
from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.rows.administrator import administrator_rows
from ringup.pbx.fusionpbx.rows.cloned import Template, cloned_rows
from ringup.pbx.fusionpbx.rows.domain import domain_rows
from ringup.pbx.fusionpbx.rows.extensions import extension_rows
from ringup.pbx.fusionpbx.rows.gateway import gateway_rows
from ringup.pbx.fusionpbx.rows.inbound import inbound_rows
from ringup.pbx.fusionpbx.rows.outbound import outbound_rows
from ringup.pbx.fusionpbx.rows.refusals import refusal_rows
from ringup.pbx.fusionpbx.rows.table_rows import Row, TableRows, gathered
from ringup.pbx.fusionpbx.wording import display_name, route_label
from ringup.pbx.port import DialPattern, Gateway, Tenant, gateway_uuid
from tests.pbx.wishes import DOMAIN, secrets_of, wished_tenant

pytestmark = pytest.mark.once

TEMPLATE_DOMAIN = "golden.pbx.example"


def all_rows(tenant: Tenant) -> TableRows:
    ids = Identifiers(tenant.uid, tenant.generation)
    return gathered(
        [
            domain_rows(tenant),
            administrator_rows(
                tenant, group_name="g", group_uuid="u", now=datetime(2026, 1, 2, tzinfo=UTC)
            ),
            extension_rows(tenant),
            gateway_rows(tenant),
            *(inbound_rows(ids, tenant.domain, one) for one in tenant.destinations),
            outbound_rows(tenant),
            refusal_rows(tenant),
        ]
    )


def by_name(rows: TableRows) -> dict[str, Row]:
    return {str(row["dialplan_name"]): row for row in rows["v_dialplans"]}


def details_of(rows: TableRows, dialplan: Row) -> list[Row]:
    wanted = dialplan["dialplan_uuid"]
    return [row for row in rows["v_dialplan_details"] if row["dialplan_uuid"] == wanted]


# -- identity -------------------------------------------------------------------------------------


def test_the_same_wish_gives_the_same_rows_and_another_generation_gives_others() -> None:
    tenant = wished_tenant()
    assert all_rows(tenant) == all_rows(tenant)
    second = replace(tenant, generation=2)
    identities = [
        {str(value) for rows in all_rows(one).values() for row in rows for value in row.values()
         if isinstance(value, str) and value.count("-") == 4}
        for one in (tenant, second)
    ]  # fmt: skip
    shared = identities[0] & identities[1]
    assert shared <= {app_uuids.INBOUND, app_uuids.OUTBOUND, app_uuids.REFUSAL}


def test_no_two_rows_share_a_primary_key() -> None:
    keys = {
        "v_domain_settings": "domain_setting_uuid",
        "v_extensions": "extension_uuid",
        "v_voicemails": "voicemail_uuid",
        "v_dialplans": "dialplan_uuid",
        "v_dialplan_details": "dialplan_detail_uuid",
        "v_user_settings": "user_setting_uuid",
    }
    rows = all_rows(wished_tenant(seats=20))
    for table, key in keys.items():
        found = [row[key] for row in rows[table]]
        assert len(set(found)) == len(found), table


# -- phones ---------------------------------------------------------------------------------------


def test_every_extension_has_its_own_password_caller_id_and_box() -> None:
    tenant = wished_tenant(seats=12)
    rows = extension_rows(tenant)
    for column in (
        "password",
        "effective_caller_id_number",
        "extension",
        "effective_caller_id_name",
    ):
        assert len({row[column] for row in rows["v_extensions"]}) == 12
    assert len({row["voicemail_password"] for row in rows["v_voicemails"]}) == 12
    assert {row["outbound_caller_id_number"] for row in rows["v_extensions"]} == {"2085550100"}
    assert {row["user_context"] for row in rows["v_extensions"]} == {DOMAIN}


def test_an_emergency_caller_id_is_there_only_when_it_was_confirmed() -> None:
    without = extension_rows(wished_tenant())["v_extensions"][0]
    assert without["emergency_caller_id_number"] is None
    confirmed = wished_tenant(emergency_caller_id="+12085550199")
    assert (
        extension_rows(confirmed)["v_extensions"][0]["emergency_caller_id_number"] == "2085550199"
    )


def test_names_are_harmless_in_xml() -> None:
    assert display_name("Acme & Sons") == "Acme and Sons"
    assert display_name('<a href="x">$${evil}</a>') == "a hrefxevil/a"
    assert display_name("Müller Straße 5") == "Müller Straße 5"
    assert display_name("  \t ") == ""
    assert len(display_name("x" * 200)) == 60
    assert route_label("Voice & Co. (East)") == "voice-co-east"
    assert route_label("***") == "trunk"


# -- the gateway ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transport", "port", "proxy"),
    [
        ("udp", 5060, "sip.example"),
        ("tcp", 5060, "sip.example"),
        ("tls", 5061, "sip.example"),
        ("udp", 5080, "sip.example:5080"),
        ("tls", 5060, "sip.example:5060"),
    ],
)
def test_a_gateway_names_its_port_only_when_unusual(transport: str, port: int, proxy: str) -> None:
    gateway = Gateway("Carrier", "user", "sip.example", port, transport, "Secret")
    tenant = wished_tenant(gateway=gateway)
    row = gateway_rows(tenant)["v_gateways"][0]
    assert (row["proxy"], row["register_transport"], row["register"]) == (proxy, transport, True)
    assert row["gateway_uuid"] == str(gateway_uuid(tenant.uid, 1))


# -- dialplans ------------------------------------------------------------------------------------


def test_xml_and_details_of_every_dialplan_say_the_same() -> None:
    rows = all_rows(wished_tenant(open_patterns=frozenset(DialPattern)))
    for row in rows["v_dialplans"]:
        root: Element = fromstring(str(row["dialplan_xml"]))
        assert root.attrib["name"] == row["dialplan_name"]
        assert root.attrib["uuid"] == row["dialplan_uuid"]
        said = [
            (element.tag, element.get("field") or element.get("application"),
             element.get("expression") or element.get("data") or "")
            for element in root.iter() if element.tag in ("condition", "action")
        ]  # fmt: skip
        details = [
            (line["dialplan_detail_tag"], line["dialplan_detail_type"],
             line["dialplan_detail_data"] or "")
            for line in details_of(rows, row) if line["dialplan_detail_enabled"]
        ]  # fmt: skip
        attribution = 3 if row["dialplan_context"] == "public" else 0
        assert len(said) == len(details) + attribution
        assert [one for one in said if one not in details] == said[1 : 1 + attribution]


def test_inbound_calls_are_attributed_to_the_tenant() -> None:
    tenant = wished_tenant()
    rows = all_rows(tenant)
    row = by_name(rows)["2085550100"]
    domain_uuid = rows["v_domains"][0]["domain_uuid"]
    actions = [one.attrib for one in fromstring(str(row["dialplan_xml"])).iter("action")]
    assert actions == [
        {"application": "export", "data": "call_direction=inbound", "inline": "true"},
        {"application": "set", "data": f"domain_uuid={domain_uuid}", "inline": "true"},
        {"application": "set", "data": f"domain_name={DOMAIN}", "inline": "true"},
        {"application": "transfer", "data": f"1001 XML {DOMAIN}"},
    ]
    destination = rows["v_destinations"][0]
    assert destination["dialplan_uuid"] == row["dialplan_uuid"]
    assert (destination["destination_prefix"], destination["destination_number"]) == (
        "1", "2085550100",
    )  # fmt: skip


def test_calls_to_the_outside_are_limited_and_emergency_calls_are_not() -> None:
    tenant = wished_tenant(emergency_caller_id="+12085550199", max_outbound_calls=7)
    rows = outbound_rows(tenant)
    names = by_name(rows)
    for name, limited in (("carrier-one.nanp", True), ("carrier-one.911", False)):
        lines = {
            line["dialplan_detail_data"]: line["dialplan_detail_enabled"]
            for line in details_of(rows, names[name])
        }
        assert lines["limit_max=7"] is limited
        assert lines["hash ${domain_name} outbound ${limit_max} !USER_BUSY"] is limited


def test_routes_to_the_carrier_come_after_every_refusal() -> None:
    rows = all_rows(wished_tenant(emergency_caller_id=""))
    orders = {str(row["dialplan_name"]): int(str(row["dialplan_order"])) for row in
              rows["v_dialplans"]}  # fmt: skip
    bridges = [order for name, order in orders.items() if name.startswith("carrier-one.")]
    refusals = [order for name, order in orders.items()
                if name.startswith("refused.") and name != "refused.seven-digits"]  # fmt: skip
    assert max(refusals) < min(bridges)
    # Seven digits may be somebody's menu or ring group, which stand at 101 and above.
    assert orders["refused.seven-digits"] > 500


def test_a_refusal_never_reaches_a_gateway_and_is_no_route() -> None:
    rows = refusal_rows(wished_tenant(open_patterns=frozenset()))
    assert {row["app_uuid"] for row in rows["v_dialplans"]} == {app_uuids.REFUSAL}
    assert "bridge" not in {row["dialplan_detail_type"] for row in rows["v_dialplan_details"]}
    assert {row["dialplan_detail_type"] for row in rows["v_dialplan_details"]} >= {
        "hangup",
        "playback",
    }


def test_what_would_break_a_dialplan_cannot_be_written() -> None:
    for text in ("a&b", "<x>", 'say "hi"', "$${x}", "a\nb"):
        with pytest.raises(ValueError, match="cannot stand"):
            action("set", text, 10)
        with pytest.raises(ValueError, match="cannot stand"):
            condition("destination_number", text, 10)


def test_groups_become_conditions_of_their_own() -> None:
    dialplan = Dialplan(
        key="k", uuid="u", domain_uuid="d", domain_name=DOMAIN, app_uuid="a", context=DOMAIN,
        name="n", order=10,
        lines=(
            condition("a", "^1$", 10), condition("b", "^2$", 20), action("set", "x=1", 30),
            action("set", "off=1", 40, enabled=False), replace(condition("c", "", 10), group=1),
            action("hangup", "", 20, group=1),
        ),
    )  # fmt: skip
    root = fromstring(dialplan.xml())
    shape = [(one.get("field"), len(one)) for one in root.findall("condition")]
    assert shape == [("a", 0), ("b", 1), ("c", 1)]


# -- copies of the template -----------------------------------------------------------------------


def template() -> Template:
    dialplan = {
        "dialplan_uuid": "11111111-1111-4111-8111-111111111111",
        "domain_uuid": "22222222-2222-4222-8222-222222222222",
        "app_uuid": "430737df-5385-42d1-b933-22600d3fb79e",
        "dialplan_context": TEMPLATE_DOMAIN,
        "dialplan_name": "recordings",
        "dialplan_xml": '<extension name="recordings" uuid="11111111-1111-4111-8111-111111111111">'
        f"pin_number=12345678 {TEMPLATE_DOMAIN} not.{TEMPLATE_DOMAIN} {TEMPLATE_DOMAIN}.au"
        " 22222222-2222-4222-8222-222222222222</extension>",
        "insert_date": "2020-01-01", "update_user": "somebody", "unknown_column": 7,
    }  # fmt: skip
    conference = dialplan | {
        "dialplan_uuid": "33333333-3333-4333-8333-333333333333",
        "dialplan_context": f"conf-xfer@{TEMPLATE_DOMAIN}",
        "dialplan_xml": None,
    }
    detail = {
        "dialplan_detail_uuid": "44444444-4444-4444-8444-444444444444",
        "dialplan_uuid": dialplan["dialplan_uuid"],
        "domain_uuid": dialplan["domain_uuid"],
        "dialplan_detail_tag": "action",
        "dialplan_detail_data": "pin_number=12345678",
    }
    return Template(
        "22222222-2222-4222-8222-222222222222",
        TEMPLATE_DOMAIN,
        [dialplan, conference],
        {str(dialplan["dialplan_uuid"]): [detail]},
    )


def test_a_copy_belongs_to_the_tenant_in_every_column() -> None:
    tenant = wished_tenant()
    ids = Identifiers(tenant.uid, 1)
    rows = cloned_rows(tenant, template())
    first, conference = rows["v_dialplans"]
    detail = rows["v_dialplan_details"][0]
    assert first["domain_uuid"] == conference["domain_uuid"] == detail["domain_uuid"] == ids.domain
    assert first["dialplan_context"] == DOMAIN
    assert conference["dialplan_context"] == f"conf-xfer@{DOMAIN}"
    assert conference["dialplan_xml"] is None
    xml = str(first["dialplan_xml"])
    assert f'uuid="{first["dialplan_uuid"]}"' in xml
    assert f" {DOMAIN} not.{TEMPLATE_DOMAIN} {TEMPLATE_DOMAIN}.au {ids.domain}<" in xml
    assert detail["dialplan_uuid"] == first["dialplan_uuid"]
    assert (first["insert_date"], first["update_user"], first["unknown_column"]) == (None, None, 7)


def test_a_copy_has_a_pin_of_its_own_in_xml_and_details() -> None:
    rows = cloned_rows(wished_tenant(), template())
    written = str(rows["v_dialplan_details"][0]["dialplan_detail_data"])
    assert written != "pin_number=12345678"
    assert len(written) == len("pin_number=12345678")
    assert written in str(rows["v_dialplans"][0]["dialplan_xml"])
    other = cloned_rows(wished_tenant(), template())
    assert other["v_dialplan_details"][0]["dialplan_detail_data"] != written


def test_secrets_stand_in_their_rows_and_not_in_a_representation() -> None:
    tenant = wished_tenant()
    written = json.dumps(all_rows(tenant))
    for secret in secrets_of(tenant):
        assert secret in written
        assert secret not in repr(tenant)
