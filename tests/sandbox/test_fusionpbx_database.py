"""The sandbox's tables and first rows are FusionPBX's; its dialplans agree with themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from ringup.sandbox.fusionpbx import Options, SandboxFusionpbx, running_fusionpbx
from ringup.sandbox.fusionpbx.seeds import permissions
from ringup.sandbox.postgres import PostgresServer
from tests.sandbox.fusionpbx_wire import Rows

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def sandbox(pbx_postgres: PostgresServer) -> Iterator[SandboxFusionpbx]:
    with running_fusionpbx(postgres=pbx_postgres) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def old(pbx_postgres: PostgresServer) -> Iterator[SandboxFusionpbx]:
    with running_fusionpbx(Options(version="5.4"), postgres=pbx_postgres) as sandbox:
        yield sandbox


Types = dict[tuple[str, str], str]


def types(sandbox: SandboxFusionpbx) -> Types:
    query = """
      SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
      JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
    """
    return {(str(t), str(c)): str(kind) for t, c, kind in Rows(sandbox).all(query)}


@pytest.fixture(scope="module")
def new_types(sandbox: SandboxFusionpbx) -> Types:
    return types(sandbox)


@pytest.fixture(scope="module")
def old_types(old: SandboxFusionpbx) -> Types:
    return types(old)


@pytest.mark.parametrize(
    ("column", "new", "before"),
    [
        ("v_domains.domain_enabled", "boolean", "boolean"),
        ("v_domain_settings.domain_setting_enabled", "boolean", "boolean"),
        ("v_dialplan_details.dialplan_detail_enabled", "boolean", "boolean"),
        ("v_dialplan_details.dialplan_detail_inline", "text", "text"),
        ("v_users.user_enabled", "boolean", "text"),
        ("v_users.api_key", "text", "text"),
        ("v_groups.group_protected", "boolean", "text"),
        ("v_group_permissions.permission_assigned", "text", "text"),
        ("v_extensions.enabled", "boolean", "text"),
        ("v_extensions.directory_visible", "boolean", "text"),
        ("v_extensions.limit_max", "text", "text"),
        ("v_extensions.call_timeout", "numeric", "numeric"),
        ("v_voicemails.voicemail_enabled", "boolean", "text"),
        ("v_voicemails.voicemail_attach_file", "text", "text"),
        ("v_gateways.register", "boolean", "text"),
        ("v_gateways.supress_cng", "boolean", "text"),
        ("v_gateways.expire_seconds", "numeric", "numeric"),
        ("v_gateways.ping", "text", "text"),
        ("v_destinations.destination_enabled", "boolean", "text"),
        ("v_destinations.destination_actions", "json", "json"),
        ("v_destinations.destination_type_voice", "numeric", "numeric"),
        ("v_dialplans.dialplan_enabled", "boolean", "text"),
        ("v_dialplans.dialplan_continue", "boolean", "text"),
        ("v_contact_emails.email_primary", "boolean", "numeric"),
        ("v_xml_cdr.xml_cdr_uuid", "uuid", "uuid"),
        ("v_xml_cdr.insert_date", "timestamp with time zone", "timestamp with time zone"),
    ],
)
def test_columns_have_their_types_of_5_5_and_of_5_4(
    new_types: Types, old_types: Types, column: str, new: str, before: str
) -> None:
    table, name = column.split(".")
    assert new_types[table, name] == new
    assert old_types[table, name] == before


def test_columns_that_came_with_5_5_are_not_in_5_4(new_types: Types, old_types: Types) -> None:
    new = {
        ("v_destinations", "provider_uuid"),
        ("v_voicemails", "voicemail_local_after_forward"),
        ("v_xml_cdr", "call_disposition"),
    }
    assert new <= new_types.keys()
    assert not new & old_types.keys()


def test_every_table_has_one_primary_key_and_the_audit_columns_and_no_other_constraint(
    sandbox: SandboxFusionpbx, new_types: Types
) -> None:
    columns = new_types
    tables = {table for table, _ in columns}
    assert len(tables) == 117
    audit = {"insert_date", "insert_user", "update_date", "update_user"}
    assert all({name for t, name in columns if t == table} >= audit for table in tables)
    query = """
      SELECT r.relname, c.contype FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
      WHERE c.contype <> 'n' AND c.connamespace = 'public'::regnamespace
    """
    assert sorted(Rows(sandbox).all(query)) == [(table, "p") for table in sorted(tables)]


def test_the_database_guards_nothing(sandbox: SandboxFusionpbx) -> None:
    rows = Rows(sandbox)
    rows.tenant("twice.example")
    other = rows.tenant("twice.example")
    rows.extension(other, "nowhere.example", "1001")
    count = rows.all("SELECT count(*) FROM v_domains WHERE domain_name = 'twice.example'")
    assert count == [(2,)]


def test_views_with_a_domain_uuid_lie_in_wait_for_whoever_deletes_by_column(
    sandbox: SandboxFusionpbx,
) -> None:
    found = Rows(sandbox).all(
        "SELECT table_name FROM information_schema.views WHERE table_schema = 'public' ORDER BY 1"
    )
    assert found == [("view_extensions",), ("view_groups",), ("view_users",)]
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        Rows(sandbox).run("DELETE FROM view_users WHERE domain_uuid IS NULL")


def test_stock_groups_have_their_levels_and_their_permissions(sandbox: SandboxFusionpbx) -> None:
    found = Rows(sandbox).all("""
      SELECT g.group_name, g.group_level::int, count(p.group_uuid) FROM v_groups g
      LEFT JOIN v_group_permissions p USING (group_uuid, group_name)
      WHERE g.domain_uuid IS NULL GROUP BY 1, 2 ORDER BY 2 DESC, 1
    """)
    assert found == [
        ("superadmin", 80, 852),
        ("admin", 50, 449),
        ("user", 30, 98),
        ("agent", 20, 0),
        ("fax", 20, 0),
        ("public", 10, 0),
    ]
    granted = permissions()
    assert granted["user"] < granted["admin"] < granted["superadmin"]
    assert {"user_add", "extension_edit", "do_not_disturb"} <= granted["admin"]
    every_tenant = {"domain_all", "domain_select", "default_setting_view", "gateway_add"}
    assert every_tenant <= granted["superadmin"] - granted["admin"]
    assert not any("domain_delete" in names for names in granted.values())


def test_settings_name_this_installation_s_own_places(sandbox: SandboxFusionpbx) -> None:
    found = Rows(sandbox).all("""
      SELECT default_setting_category || '/' || default_setting_subcategory, default_setting_value
      FROM v_default_settings WHERE default_setting_enabled
    """)
    settings = dict(found)
    assert settings["cache/method"] == "file"
    assert settings["cache/location"] == str(sandbox.cache_dir)
    assert settings["switch/recordings"] == str(sandbox.recordings_dir)
    assert settings["switch/voicemail"] == str(sandbox.voicemail_dir)
    assert settings["destinations/dialplan_mode"] == "single"
    assert not [value for _, value in found if re.search(r"^\{\w+\}$", str(value or ""))]
    assert sandbox.cache_dir.is_dir()
    assert sandbox.recordings_dir.is_dir()
    assert (sandbox.voicemail_dir / "default").is_dir()


def test_config_conf_leads_to_database_event_socket_and_cache(sandbox: SandboxFusionpbx) -> None:
    lines = sandbox.config_file.read_text().splitlines()
    config = dict(line.split(" = ", 1) for line in lines)
    assert config["switch.event_socket.port"] == str(sandbox.event_socket.port)
    assert config["switch.event_socket.password"] == sandbox.event_socket.password
    assert config["cache.location"] == str(sandbox.cache_dir)
    parts = {key.removeprefix("database.0."): value for key, value in config.items()}
    with psycopg.connect(
        host=parts["host"],
        port=parts["port"],
        dbname=parts["name"],
        user=parts["username"],
        password=parts["password"],
    ) as connection:
        assert connection.info.dbname in sandbox.dsn
    assert sandbox.config_file.stat().st_mode & 0o077 == 0


def test_the_template_tenant_has_as_many_dialplans_as_a_real_new_tenant(
    sandbox: SandboxFusionpbx,
) -> None:
    assert sandbox.state()[sandbox.template_domain] == {
        "v_domains": 1,
        "v_dialplans": 34,
        "v_dialplan_details": 347,
    }
    contexts = Rows(sandbox).all("""
      SELECT replace(dialplan_context, domain_name, '*'), count(*)
      FROM v_dialplans JOIN v_domains USING (domain_uuid) GROUP BY 1 ORDER BY 2
    """)
    assert contexts == [("conf-xfer@*", 1), ("*", 33)]


def test_what_a_clone_must_replace_is_in_the_template(sandbox: SandboxFusionpbx) -> None:
    [(in_xml, in_details, pins, own_uuid)] = Rows(sandbox).all(
        """
      SELECT count(*) FILTER (WHERE dialplan_xml LIKE '%%' || %s || '%%'),
             (SELECT count(*) FROM v_dialplan_details
              WHERE dialplan_detail_data LIKE '%%' || %s || '%%'),
             count(*) FILTER (WHERE dialplan_xml ~ 'pin_number=\\d{8}"'),
             count(*) FILTER (WHERE dialplan_xml LIKE '%%uuid="' || dialplan_uuid || '"%%')
      FROM v_dialplans WHERE domain_uuid IS NOT NULL
    """,
        sandbox.template_domain,
        sandbox.template_domain,
    )
    assert in_xml == 13
    assert in_details == 22
    assert pins == 7
    assert own_uuid == 34
    distinct = Rows(sandbox).all("""
      SELECT count(DISTINCT dialplan_detail_data) FROM v_dialplan_details
      WHERE dialplan_detail_data ~ '^pin_number=\\d{8}$'
    """)
    assert distinct == [(7,)]


@pytest.mark.parametrize("version", ["5.5", "5.4"])
def test_dialplan_xml_is_what_the_editor_would_make_of_the_details(
    sandbox: SandboxFusionpbx, old: SandboxFusionpbx, version: str
) -> None:
    pbx = sandbox if version == "5.5" else old
    plans = Rows(pbx).all("""
      SELECT dialplan_uuid, dialplan_xml FROM v_dialplans WHERE dialplan_name <> 'not-found'
        AND (dialplan_context <> 'public') ORDER BY 1
    """)
    assert len(plans) == 48
    assert [pbx.regenerated_xml(uuid) for uuid, _ in plans] == [xml for _, xml in plans]


def test_booleans_in_xml_are_php_s_in_5_5_and_words_in_5_4(
    sandbox: SandboxFusionpbx, old: SandboxFusionpbx
) -> None:
    query = """
      SELECT DISTINCT substring(dialplan_xml FROM 'continue="[^"]*"') FROM v_dialplans
      ORDER BY 1
    """
    assert Rows(sandbox).all(query) == [('continue=""',), ('continue="1"',)]
    assert Rows(old).all(query) == [
        ('continue=""',),
        ('continue="false"',),
        ('continue="true"',),
    ]
    enabled = "SELECT DISTINCT dialplan_enabled FROM v_dialplans ORDER BY 1"
    assert Rows(sandbox).all(enabled) == [(False,), (True,)]
    assert Rows(old).all(enabled) == [("false",), ("true",)]


def test_state_counts_rows_of_tenants_and_shows_orphans(sandbox: SandboxFusionpbx) -> None:
    rows = Rows(sandbox)
    tenant = rows.tenant("counted.example")
    rows.extension(tenant, "counted.example", "1001")
    assert sandbox.state()["counted.example"] == {"v_domains": 1, "v_extensions": 1}
    rows.run("DELETE FROM v_domains WHERE domain_uuid = %s", tenant)
    state = sandbox.state()
    assert "counted.example" not in state
    assert state[str(tenant)] == {"v_extensions": 1}


def test_the_version_is_where_fusionpbx_keeps_it(
    sandbox: SandboxFusionpbx, old: SandboxFusionpbx
) -> None:
    query = "SELECT software_version FROM v_software WHERE software_name = 'FusionPBX'"
    assert Rows(sandbox).all(query) == [("5.5.13",)]
    assert Rows(old).all(query) == [("5.4.4",)]


def test_two_sandboxes_on_one_server_do_not_meet(
    sandbox: SandboxFusionpbx, pbx_postgres: PostgresServer
) -> None:
    with running_fusionpbx(postgres=pbx_postgres) as other:
        Rows(other).tenant("only-here.example")
        assert "only-here.example" in other.state()
        assert "only-here.example" not in sandbox.state()
        assert other.cache_dir != sandbox.cache_dir
        dsn, directory = other.dsn, other.cache_dir.parent
    assert not directory.exists()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(dsn)
