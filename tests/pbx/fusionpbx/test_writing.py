"""How many statements a tenant takes, and what stands in the columns afterwards."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import psycopg
import pytest
from defusedxml.ElementTree import fromstring

from ringup.core.failures import NotOurs, Refused
from ringup.pbx.fusionpbx.adapter import FusionPbx
from ringup.pbx.port import Administrator, DialPattern
from ringup.sandbox.fusionpbx import Options
from ringup.sandbox.postgres import PostgresServer
from tests.pbx.fusionpbx.fresh_worlds import FreshWorlds
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld, fusionpbx_world
from tests.pbx.pbx_world import built
from tests.pbx.wishes import DOMAIN, destination, wished_tenant

pytestmark = pytest.mark.once


@pytest.fixture(params=["5.5", "5.4"])
def each_version(request: pytest.FixtureRequest, worlds: FreshWorlds) -> FusionpbxWorld:
    return worlds.fresh(Options(version=request.param))


def test_ten_and_a_hundred_extensions_take_the_same_work(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    taken = []
    pbx.unrefreshed()  # opens the connection, which takes statements too
    for seats in (10, 100):
        statements, commands = pbx.statements, pbx.commands
        tenant = wished_tenant(
            seats=seats,
            domain=f"t{seats}.pbx.example",
            destinations=(destination(f"+1208555{seats:04d}"),),
        )
        built(pbx, tenant)
        taken.append((pbx.statements - statements, pbx.commands - commands))
    assert taken[0] == taken[1]
    assert taken[0][0] <= 30
    assert taken[0][1] <= 8


def test_details_and_xml_of_every_dialplan_agree_in_fusionpbxs_own_eyes(
    each_version: FusionpbxWorld,
) -> None:
    """What its editor would generate from the details is what stands there."""
    world = each_version
    with world.adapter() as pbx:
        pbx.prepare()
        built(
            pbx,
            wished_tenant(open_patterns=frozenset(DialPattern), emergency_caller_id="+12085550199"),
        )
    rows = world.rows(
        "SELECT p.dialplan_uuid, p.dialplan_name, p.dialplan_xml FROM v_dialplans p"
        " JOIN v_domains d USING (domain_uuid) WHERE d.domain_name = %s AND dialplan_xml IS NOT NULL",
        DOMAIN,
    )
    assert len(rows) > 40
    for row in rows:
        regenerated = world.sandbox.regenerated_xml(row["dialplan_uuid"])
        assert plain(regenerated) == plain(row["dialplan_xml"]), row["dialplan_name"]


def test_copies_of_the_template_name_only_the_new_tenant(each_version: FusionpbxWorld) -> None:
    world = each_version
    with world.adapter() as pbx:
        pbx.prepare()
        built(pbx, wished_tenant())
    template = world.sandbox.template_domain
    copied = world.rows(
        "SELECT d.domain_name, p::text AS row FROM v_dialplans p JOIN v_domains d USING (domain_uuid)"
        " WHERE p.dialplan_context IS NOT NULL"
    )
    mine = [row["row"] for row in copied if row["domain_name"] == DOMAIN]
    assert len(mine) > len(copied) - len(mine) > 30
    assert not [row for row in mine if template in row]
    pins = world.rows(
        "SELECT dialplan_detail_data AS pin, d.domain_name FROM v_dialplan_details"
        " JOIN v_domains d USING (domain_uuid) WHERE dialplan_detail_data ~ 'pin_number=[0-9]'"
    )
    ours = {row["pin"] for row in pins if row["domain_name"] == DOMAIN}
    assert ours
    assert not ours & {row["pin"] for row in pins if row["domain_name"] == template}


def test_an_extension_without_caller_id_gets_the_tenants(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    built(pbx, wished_tenant())
    world.clients_extension(DOMAIN, "2001")
    world.rows("UPDATE v_extensions SET user_context = %s, password = 'x'", DOMAIN)
    call = world.sandbox.lookup_outbound(DOMAIN, "3125550123", extension="2001")
    assert call.variables["default_outbound_caller_id_number"] == "2085550100"
    assert call.variables["default_outbound_caller_id_name"] == "Acme and Sons"


def test_yes_and_no_are_what_each_column_wants(each_version: FusionpbxWorld) -> None:
    world = each_version
    with world.adapter() as pbx:
        pbx.prepare()
        built(pbx, wished_tenant(seats=1))
    (extension,) = world.rows("SELECT enabled, call_screen_enabled FROM v_extensions")
    text = world.sandbox.dialect.version.startswith("5.4")
    assert (extension["enabled"], extension["call_screen_enabled"]) == (
        ("true", "false") if text else (True, False)
    )
    (gateway,) = world.rows("SELECT register, distinct_to FROM v_gateways")
    assert (gateway["register"], gateway["distinct_to"]) == (
        ("true", "false") if text else (True, False)
    )


def test_columns_that_an_older_version_lacks_are_left_out(pbx_postgres: PostgresServer) -> None:
    """As in 5.0: no audit columns, and some others that came later."""
    later = {
        "v_extensions": ["extension_type", "extension_dialect", "extension_voice"],
        "v_destinations": ["destination_actions", "destination_conditions"],
        "v_gateways": ["contact_in_ping", "contact_params"],
        "v_users": ["user_type", "user_totp_secret"],
    }
    with fusionpbx_world(pbx_postgres, Options(version="5.4")) as world:
        world.rows("DROP VIEW view_users, view_groups, view_extensions")
        for table in (*later, "v_domains", "v_dialplans", "v_dialplan_details", "v_voicemails",
                      "v_contacts", "v_groups", "v_group_permissions"):  # fmt: skip
            for column in ("insert_date", "insert_user", "update_date", "update_user"):
                world.rows(f"ALTER TABLE {table} DROP COLUMN {column}")
        for table, columns in later.items():
            for column in columns:
                world.rows(f"ALTER TABLE {table} DROP COLUMN {column}")
        with world.adapter() as pbx:
            assert pbx.prepare().problems == ()
            key = built(pbx, wished_tenant()).key
            assert world.call_in("2085550100").where == "1001"
            assert pbx.undo(key)
        assert world.tenants() == set()


def test_left_overs_of_a_former_tenant_stop_the_building(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    world.rows(
        "INSERT INTO v_dialplans (dialplan_uuid, dialplan_context, dialplan_name)"
        " VALUES (gen_random_uuid(), %s, 'old route')",
        DOMAIN,
    )
    with pytest.raises(NotOurs, match="former tenant"):
        pbx.build_tenant(wished_tenant(), run="run-1", digest="d1")


def test_a_row_under_an_identifier_of_ours_stops_the_building(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    tenant = wished_tenant()
    pbx.build_tenant(tenant, run="run-1", digest="d1")
    # The marker is lost, the rows and another name are there.
    world.rows("DELETE FROM ringup.change")
    for table, column in (
        ("v_domains", "domain_name"),
        ("v_dialplans", "dialplan_context"),
        ("v_extensions", "user_context"),
    ):
        renaming = f"UPDATE {table} SET {column} = 'renamed.example' WHERE {column} LIKE %s"
        world.rows(renaming, f"%{DOMAIN}")
    with pytest.raises(NotOurs, match="identifier of ours"):
        pbx.build_tenant(tenant, run="run-2", digest="d1")


def test_a_page_that_was_faster_is_noticed_after_the_commit(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    """FusionPBX's pages take no lock of ours, so the same name can appear meanwhile."""
    tenant = wished_tenant()
    pbx.build_tenant(tenant, run="run-1", digest="d1")
    world.somebodys_tenant(DOMAIN)
    with pytest.raises(NotOurs, match="same time"):
        pbx.build_tenant(tenant, run="run-1", digest="d1")
    added = destination("+12085550177", "1002")
    pbx.add_destination(tenant.uid, 1, added, run="run-2", digest="d2")
    world.somebodys_number("12085550177")
    with pytest.raises(NotOurs, match="12085550177"):
        pbx.add_destination(tenant.uid, 1, added, run="run-2", digest="d2")


def test_without_a_lock_looking_first_would_not_be_enough(world: FusionpbxWorld) -> None:
    """The twin of the contract's races: the database itself refuses no second domain."""
    look = "SELECT count(*) FROM v_domains WHERE domain_name = %s"
    write = (
        "INSERT INTO v_domains (domain_uuid, domain_name, domain_enabled)"
        " VALUES (gen_random_uuid(), %s, true)"
    )
    dsn = world.sandbox.dsn
    with psycopg.connect(dsn) as one, psycopg.connect(dsn) as other:
        assert [each.execute(look, [DOMAIN]).fetchone() for each in (one, other)] == [(0,), (0,)]
        one.execute(write, [DOMAIN])
        other.execute(write, [DOMAIN])
    assert world.rows(look, DOMAIN) == [{"count": 2}]


def test_user_names_are_unique_where_the_server_says_so(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    pbx.build_tenant(wished_tenant(), run="run-1", digest="d1")
    second = wished_tenant(domain="two.pbx.example", destinations=())
    world.rows(
        "INSERT INTO v_default_settings (default_setting_uuid, default_setting_category,"
        " default_setting_subcategory, default_setting_value, default_setting_enabled)"
        " VALUES (gen_random_uuid(), 'users', 'unique', 'global', true)"
    )
    with pytest.raises(Refused, match="alice"):
        pbx.build_tenant(second, run="run-2", digest="d2")
    world.rows("UPDATE v_default_settings SET default_setting_enabled = false")
    assert pbx.build_tenant(second, run="run-2", digest="d2")


def test_a_user_name_that_names_another_tenant_is_refused(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    world.somebodys_tenant("other.example")
    person = Administrator(
        "alice@other.example", "a@b.example", "A", wished_tenant().administrator.password_hash
    )
    with pytest.raises(Refused, match=r"alice@other\.example"):
        pbx.build_tenant(wished_tenant(administrator=person), run="run-1", digest="d1")


def plain(xml: str) -> list[object]:
    """XML without formatting and without the two ways to write a yes."""

    def walk(element: Element) -> list[object]:
        words = {"1": "true", "": "false"}
        attributes = {
            name: words.get(value, value) if name == "continue" else value
            for name, value in element.attrib.items()
            if (name, value) != ("inline", "false")
        }
        return [element.tag, attributes, [walk(child) for child in element]]

    return walk(fromstring(xml))
