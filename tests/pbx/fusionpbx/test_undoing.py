"""Undo removes exactly what was ours."""

from __future__ import annotations

import uuid

import pytest

from ringup.core.failures import Refused
from ringup.pbx.fusionpbx.adapter import FusionPbx
from ringup.pbx.port import tenant_key
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld
from tests.pbx.pbx_world import built
from tests.pbx.wishes import DOMAIN, destination, wished_tenant

pytestmark = pytest.mark.once


def rest(world: FusionpbxWorld) -> dict[str, int]:
    """Rows of tenants other than the template, by table."""
    counts: dict[str, int] = {}
    for tenant, tables in world.sandbox.state().items():
        if tenant not in ("global", world.sandbox.template_domain):
            for table, count in tables.items():
                counts[table] = counts.get(table, 0) + count
    return counts


def test_the_sandbox_is_as_it_was(world: FusionpbxWorld, pbx: FusionPbx) -> None:
    before = world.sandbox.state()
    built(pbx, wished_tenant())
    tenant = wished_tenant(domain="other.pbx.example", destinations=(destination("+12085550111"),))
    built(pbx, tenant)
    assert pbx.undo(tenant_key(tenant.uid))
    assert set(world.sandbox.state()) == {*before, DOMAIN}
    (mine,) = world.rows("SELECT key FROM ringup.change")
    assert pbx.undo(mine["key"])
    assert world.sandbox.state() == before


def test_rows_of_others_are_named_and_kept(world: FusionpbxWorld, pbx: FusionPbx) -> None:
    record = built(pbx, wished_tenant())
    before = rest(world)
    for table, key, name in (
        ("v_ring_groups", "ring_group_uuid", "ring_group_name"),
        ("v_ivr_menus", "ivr_menu_uuid", "ivr_menu_name"),
        ("v_devices", "device_uuid", "device_label"),
        ("v_dialplans", "dialplan_uuid", "dialplan_name"),
        ("v_destinations", "destination_uuid", "destination_number"),
        ("v_gateways", "gateway_uuid", "gateway"),
        ("v_users", "user_uuid", "username"),
        ("v_domain_settings", "domain_setting_uuid", "domain_setting_subcategory"),
        ("v_voicemail_messages", "voicemail_message_uuid", "caller_id_name"),
    ):
        world.rows(
            f"INSERT INTO {table} ({key}, domain_uuid, {name})"
            " SELECT %s, domain_uuid, 'Sales' FROM v_domains WHERE domain_name = %s",
            uuid.uuid4(),
            DOMAIN,
        )
        with pytest.raises(Refused, match=rf"1 in {table} \(Sales\)"):
            pbx.undo(record.key)
        assert rest(world) == before | {table: before.get(table, 0) + 1}
        world.rows(f"DELETE FROM {table} WHERE {name} = 'Sales'")
    assert pbx.unrefreshed() == []
    assert pbx.undo(record.key)


def test_history_does_not_hold_a_tenant_back_and_stays(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    record = built(pbx, wished_tenant())
    for table, key in (("v_xml_cdr", "xml_cdr_uuid"), ("v_user_logs", "user_log_uuid")):
        world.rows(
            f"INSERT INTO {table} ({key}, domain_uuid) SELECT %s, domain_uuid FROM v_domains"
            " WHERE domain_name = %s",
            uuid.uuid4(),
            DOMAIN,
        )
    assert pbx.undo(record.key)
    assert rest(world) == {"v_xml_cdr": 1, "v_user_logs": 1}


def test_what_a_page_rewrote_goes_with_the_row_it_hangs_on(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    record = built(pbx, wished_tenant())
    # FusionPBX's destination page deletes and rewrites detail rows under new uuids.
    world.rows(
        "UPDATE v_dialplan_details SET dialplan_detail_uuid = gen_random_uuid() WHERE dialplan_uuid"
        " IN (SELECT dialplan_uuid FROM v_destinations)"
    )
    world.rows(
        "INSERT INTO v_user_settings (user_setting_uuid, user_uuid, domain_uuid)"
        " SELECT %s, user_uuid, domain_uuid FROM v_users WHERE username = 'alice'",
        uuid.uuid4(),
    )
    assert pbx.undo(record.key)
    assert rest(world) == {}


def test_what_the_client_changed_in_our_rows_does_not_hold_us_back(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    record = built(pbx, wished_tenant())
    world.rows("UPDATE v_extensions SET effective_caller_id_name = 'Changed', password = 'x'")
    assert pbx.undo(record.key)
    assert rest(world) == {}


def test_what_somebody_removed_before_us_is_said(world: FusionpbxWorld, pbx: FusionPbx) -> None:
    record = built(pbx, wished_tenant(seats=3))
    world.rows("DELETE FROM v_extensions WHERE extension = '1002'")
    told = pbx.undo(record.key)
    assert "2 extensions removed, 1 gone already" in told
    assert "3 voicemail boxes removed" in told
    assert "1 domain removed" in told


def test_directories_with_recordings_stay_and_are_named(
    world: FusionpbxWorld, pbx: FusionPbx
) -> None:
    record = built(pbx, wished_tenant(seats=2))
    box = world.sandbox.voicemail_dir / "default" / DOMAIN / "1001"
    (box / "greeting_1.wav").touch()
    told = pbx.undo(record.key)
    assert any(str(box) in sentence and "not empty" in sentence for sentence in told)
    assert world.directories() == {str(box), str(box.parent)}


def test_undoing_a_number_leaves_the_clients_menus(world: FusionpbxWorld, pbx: FusionPbx) -> None:
    tenant = wished_tenant()
    built(pbx, tenant)
    added = destination("+12085550177", "1002")
    record = pbx.add_destination(tenant.uid, 1, added, run="run-2", digest="d2")
    world.clients_extension(DOMAIN, "2001")
    before = rest(world)
    assert pbx.undo(record.key)
    assert rest(world) == before | {
        "v_destinations": before["v_destinations"] - 1,
        "v_dialplans": before["v_dialplans"] - 1,
        "v_dialplan_details": before["v_dialplan_details"] - 2,
    }
