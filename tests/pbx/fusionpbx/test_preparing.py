"""What a server needs once: our schema, the reduced group, the carriers' access list."""

from __future__ import annotations

import uuid
from dataclasses import replace

import psycopg
import pytest

from ringup.core.failures import OurFault
from ringup.pbx.fusionpbx.adapter import FusionPbx
from ringup.pbx.fusionpbx.permissions import forbidden, given
from ringup.pbx.port import AdministratorGroup, tenant_key
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld
from tests.pbx.wishes import wished_tenant

pytestmark = pytest.mark.once

GROUP = "ringup_tenant_admin"


def rights(world: FusionpbxWorld, group: str = GROUP) -> set[str]:
    rows = world.rows(
        "SELECT permission_name FROM v_group_permissions WHERE group_name = %s", group
    )
    return {row["permission_name"] for row in rows}


def test_the_group_can_work_with_phones_and_nothing_of_the_server(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    names = rights(world)
    assert {"extension_edit", "voicemail_view", "ring_group_add", "ivr_menu_edit"} <= names
    assert names < rights(world, "admin")
    for name in names:
        assert not name.startswith(("user_", "group_", "dialplan_", "inbound_route_", "domain_"))
    assert not names & {
        "destination_add", "destination_edit", "destination_delete", "extension_caller_id",
        "extension_accountcode", "extension_user_context", "bridge_add", "gateway_view",
        "time_condition_edit", "click_to_call_call", "xml_cdr_all",
    }  # fmt: skip
    (group,) = world.rows("SELECT * FROM v_groups WHERE group_name = %s", GROUP)
    assert group["domain_uuid"] is None
    assert 40 <= group["group_level"] < 50


def test_superadmin_like_rights_are_known_by_name() -> None:
    names = [
        "user_all", "user_add", "users_view", "domain_select", "extension_all", "gateway_all",
        "sip_profile_view", "default_setting_edit", "upgrade_schema", "database_view",
        "dialplan_all", "ring_group_context", "module_view", "var_edit", "api_key", "exec_command",
        "access_control_add", "destination_edit", "destination_domain", "bridge_destinations",
    ]  # fmt: skip
    assert forbidden(names) == sorted(names)
    harmless = [
        "extension_view", "device_domain_all", "conference_room_view_all", "xml_cdr_domain",
        "voicemail_domain", "destination_view", "destination_destinations", "contact_group_add",
    ]  # fmt: skip
    assert forbidden(harmless) == []
    assert given([*names, *harmless, "extension_caller_id"]) == sorted(harmless)


def test_rights_that_staff_took_away_stay_away_and_dangerous_ones_go(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    world.rows(
        "DELETE FROM v_group_permissions WHERE group_name = %s AND permission_name = 'fax_send'",
        GROUP,
    )
    world.rows(
        "INSERT INTO v_group_permissions (group_permission_uuid, group_name, permission_name,"
        " permission_assigned) VALUES (%s, %s, 'user_add', 'true')",
        uuid.uuid4(),
        GROUP,
    )
    world.rows("UPDATE v_groups SET group_level = 80 WHERE group_name = %s", GROUP)
    report = pbx.inspect()
    assert not report.prepared
    assert any("rights" in problem for problem in report.problems)
    with pytest.raises(OurFault, match="1 permissions too many, level 80"):
        pbx.build_tenant(wished_tenant(), run="run-1", digest="d1")
    assert pbx.prepare().problems == ()
    assert not rights(world) & {"user_add", "fax_send"}
    assert pbx.build_tenant(wished_tenant(), run="run-1", digest="d1")


@pytest.mark.parametrize("group", ["superadmin", "admin", "SuperAdmin "])
def test_a_tenant_never_gets_a_stock_administrator(world: FusionpbxWorld, group: str) -> None:
    with world.adapter(administrators_group=group) as pbx:
        with pytest.raises(OurFault, match="never"):
            pbx.prepare()
        with pytest.raises(OurFault, match="never"):
            pbx.build_tenant(wished_tenant(), run="run-1", digest="d1")
    assert world.tenants() == set()


def test_the_administrator_is_in_the_reduced_group_alone(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    pbx.build_tenant(wished_tenant(), run="run-1", digest="d1")
    rows = world.rows(
        "SELECT ug.group_name, ug.group_uuid = g.group_uuid AS same, u.username, u.user_enabled::text"
        " FROM v_user_groups ug JOIN v_users u USING (user_uuid)"
        " JOIN v_groups g ON g.group_name = ug.group_name"
    )
    assert rows == [
        {"group_name": GROUP, "same": True, "username": "alice", "user_enabled": "true"}
    ]


def test_an_access_list_of_the_server_is_used_as_it_is(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    (row,) = world.rows("SELECT * FROM v_access_controls WHERE access_control_name = 'providers'")
    world.rows(
        "INSERT INTO v_access_control_nodes (access_control_node_uuid, access_control_uuid,"
        " node_type, node_cidr) VALUES (%s, %s, 'allow', '203.0.113.0/24'), (%s, %s, 'allow', 'x')",
        uuid.uuid4(),
        row["access_control_uuid"],
        uuid.uuid4(),
        row["access_control_uuid"],
    )
    assert pbx.allow_addresses(["203.0.113.9", "2001:db8::/64"], note="Carrier") == 1
    assert pbx.addresses_allowed(["203.0.113.9/32", "2001:db8::5"])
    for unusable in ("sip.example", "0.0.0.0/0", "::/0", "10.0.0.0/8"):
        with pytest.raises(OurFault, match=r"address|too wide"):
            pbx.allow_addresses([unusable], note="Carrier")


def test_a_missing_access_list_is_made_and_allows_nobody(world: FusionpbxWorld) -> None:
    world.rows("DELETE FROM v_access_controls")
    with world.adapter(access_list="carriers") as pbx:
        with pytest.raises(OurFault, match="carriers"):
            pbx.addresses_allowed(["203.0.113.9"])
        assert pbx.prepare().prepared
        assert not pbx.addresses_allowed(["203.0.113.9"])
    (row,) = world.rows("SELECT * FROM v_access_controls")
    assert row["access_control_default"] == "deny"


def test_an_access_list_that_was_not_reloaded_is_not_allowed_yet(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    with world.adapter(event_port=9) as deaf:
        with pytest.raises(Exception, match="event socket"):
            deaf.allow_addresses(["203.0.113.9"], note="Carrier")
        assert not deaf.addresses_allowed(["203.0.113.9"])
        (key,) = deaf.unrefreshed()
    pbx.refresh(key)
    assert pbx.addresses_allowed(["203.0.113.9"])


def test_the_group_sees_the_pages_that_it_may_open(world: FusionpbxWorld) -> None:
    for page in ("/app/extensions/extensions.php", "/core/users/users.php", None):
        item = uuid.uuid4()
        world.rows(
            "INSERT INTO v_menu_items (menu_item_uuid, menu_item_link) VALUES (%s, %s)", item, page
        )
        for group in ("admin", "superadmin"):
            world.rows(
                "INSERT INTO v_menu_item_groups (menu_item_group_uuid, menu_item_uuid, group_name)"
                " VALUES (%s, %s, %s)",
                uuid.uuid4(),
                item,
                group,
            )
    with world.adapter() as pbx:
        pbx.prepare()
        pbx.prepare()
    links = world.rows(
        "SELECT menu_item_link AS page FROM v_menu_item_groups JOIN v_menu_items"
        " USING (menu_item_uuid) WHERE group_name = %s ORDER BY 1",
        GROUP,
    )
    assert [row["page"] for row in links] == ["/app/extensions/extensions.php", None]


def test_a_role_without_rights_is_our_fault_and_is_told_what_it_lacks(
    own_world: FusionpbxWorld,
) -> None:
    world = own_world
    world.rows("DROP ROLE IF EXISTS ringup_powerless")
    world.rows("CREATE ROLE ringup_powerless LOGIN PASSWORD 'Some7Secret'")
    world.rows("GRANT SELECT ON ALL TABLES IN SCHEMA public TO ringup_powerless")
    dsn = psycopg.conninfo.make_conninfo(
        world.sandbox.dsn, user="ringup_powerless", password="Some7Secret"
    )
    try:
        with world.adapter(dsn=dsn) as pbx, pytest.raises(OurFault, match="permission denied"):
            pbx.prepare()
    finally:
        world.rows("DROP OWNED BY ringup_powerless")
        world.rows("DROP ROLE ringup_powerless")


def test_a_tenants_removal_keeps_what_the_server_needs(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    tenant = wished_tenant()
    pbx.build_tenant(tenant, run="run-1", digest="d1")
    before = rights(world)
    pbx.undo(tenant_key(tenant.uid))
    assert rights(world) == before
    assert pbx.inspect().prepared


def test_a_plain_user_is_in_the_stock_group_of_users_and_has_his_extension(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    before = world.sandbox.state()
    tenant = wished_tenant()
    person = replace(
        tenant.administrator, email="SEAT2@acme.example", group=AdministratorGroup.USER
    )
    tenant = replace(tenant, administrator=person)
    record = pbx.build_tenant(tenant, run="run-1", digest="d1")
    assert "user alice" in record.parts
    rows = world.rows(
        "SELECT ug.group_name, ug.group_uuid = g.group_uuid AS same, e.extension"
        " FROM v_user_groups ug JOIN v_extension_users eu USING (user_uuid)"
        " JOIN v_extensions e USING (extension_uuid)"
        " JOIN v_groups g ON g.group_name = ug.group_name AND g.domain_uuid IS NULL"
    )
    assert rows == [{"group_name": "user", "same": True, "extension": "1002"}]
    pbx.undo(tenant_key(tenant.uid))
    assert world.sandbox.state() == before


def test_a_group_of_users_that_may_do_too_much_is_not_used(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    world.rows(
        "INSERT INTO v_group_permissions (group_permission_uuid, group_name, permission_name,"
        " permission_assigned) VALUES (%s, 'user', 'user_add', 'true')",
        uuid.uuid4(),
    )
    tenant = wished_tenant()
    person = replace(tenant.administrator, group=AdministratorGroup.USER)
    with pytest.raises(OurFault, match="Take them away in FusionPBX"):
        pbx.build_tenant(replace(tenant, administrator=person), run="run-1", digest="d1")
