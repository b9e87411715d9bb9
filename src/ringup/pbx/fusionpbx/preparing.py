"""Makes what every tenant of a server shares: our schema, the reduced group, the access list.

Repeatable: rights that staff took from the group stay away, rights that it must not have go.
"""

from __future__ import annotations

from datetime import UTC, datetime

from psycopg.sql import SQL, Identifier

from ringup.core.failures import OurFault
from ringup.core.ids import RINGUP, outside_uuid
from ringup.pbx.fusionpbx import access_list, locks, markers, permissions, writing
from ringup.pbx.fusionpbx.database import Database
from ringup.pbx.fusionpbx.permissions import (
    GROUP_LEVEL,
    HIDDEN_PAGES,
    REFUSED_GROUPS,
    SOURCE_GROUP,
)
from ringup.pbx.fusionpbx.rows.table_rows import Row, TableRows
from ringup.pbx.port import PbxConnection

_GROUP = SQL(
    "SELECT group_uuid::text AS uuid FROM v_groups"
    " WHERE group_name = %(name)s AND domain_uuid IS NULL LIMIT 1"
)
_LIST = SQL("SELECT 1 AS one FROM v_access_controls WHERE access_control_name = %(name)s LIMIT 1")
_RIGHTS = SQL(
    "SELECT DISTINCT permission_name AS name FROM v_group_permissions"
    " WHERE group_name = %(name)s AND domain_uuid IS NULL"
    " AND coalesce(permission_assigned, 'true') = 'true'"
)
_TAKE_AWAY = SQL(
    "DELETE FROM v_group_permissions"
    " WHERE group_name = %(name)s AND permission_name = ANY(%(rights)s)"
)
_LEVEL = SQL("UPDATE v_groups SET group_level = %(level)s WHERE group_uuid = %(uuid)s::uuid")
# Menu entries of the source group that lead somewhere: without any, a user sees an empty page.
_MENU = SQL(
    """
    SELECT g.menu_uuid::text, g.menu_item_uuid::text
    FROM v_menu_item_groups g JOIN v_menu_items i USING (menu_item_uuid)
    WHERE g.group_name = %(source)s AND NOT coalesce(i.menu_item_link, '') = ANY(%(hidden)s)
    """
)


def prepare(database: Database, server: PbxConnection) -> tuple[str, ...]:
    """Everything in one transaction; what of it was missing, for people. ``OurFault`` when the role
    may not."""
    name = server.administrators_group
    if name.strip().lower() in REFUSED_GROUPS:
        raise OurFault(f"a tenant's administrator is never put into {name}")
    made = []
    with database.transaction():
        locks.lock_server(database)
        if not _marker_table_exists(database):
            for statement in markers.CREATE:
                database.rows(statement)
            made.append("Schema ringup with the table change, which records what Ringup makes")
        if said := _prepare_group(database, name):
            made.append(said)
        if database.row(_LIST, {"name": server.access_list}) is None:
            rows = access_list.list_rows(server.access_list)
            database.batch(writing.inserts(database.dialect, rows, now=datetime.now(UTC)))
            made.append(f"Access list {server.access_list}, which denies by default")
    return tuple(made)


def _marker_table_exists(database: Database) -> bool:
    row = database.row(markers.EXISTS)
    return bool(row and row["found"])


def _prepare_group(database: Database, name: str) -> str:
    """What was made or taken away; empty where nothing was."""
    found = database.row(_GROUP, {"name": name})
    if found is not None:
        too_many = permissions.forbidden(_rights(database, name))
        database.rows(_TAKE_AWAY, {"name": name, "rights": too_many})
        database.rows(_LEVEL, {"level": GROUP_LEVEL, "uuid": found["uuid"]})
        return f"Took {len(too_many)} dangerous rights from the group {name}" if too_many else ""
    rights = permissions.given(_rights(database, SOURCE_GROUP))
    if not rights:
        raise OurFault(f"the PBX's group {SOURCE_GROUP} has no permissions to begin with")
    group_uuid = str(outside_uuid(RINGUP, 0, "administrators-group", name))
    group: Row = {
        "group_uuid": group_uuid,
        "group_name": name,
        # FusionPBX's restoring of default permissions then leaves the group alone.
        "group_protected": True,
        "group_level": GROUP_LEVEL,
        "group_description": "Administrators of tenants that Ringup made",
    }
    permission_rows: list[Row] = [
        {
            "group_permission_uuid": str(
                outside_uuid(RINGUP, 0, "administrators-permission", f"{name}/{right}")
            ),
            "group_uuid": group_uuid,
            "group_name": name,
            "permission_name": right,
            "permission_assigned": "true",
            "permission_protected": "true",
        }
        for right in rights
    ]
    rows: TableRows = {"v_groups": [group], "v_group_permissions": permission_rows}
    database.batch(writing.inserts(database.dialect, rows, now=datetime.now(UTC)))
    _show_menu(database, name, group_uuid)
    _show_dashboards(database, name, group_uuid)
    return f"Group {name} with {len(rights)} rights, for the tenants' administrators"


def _rights(database: Database, name: str) -> list[str]:
    return [str(row["name"]) for row in database.rows(_RIGHTS, {"name": name})]


def _show_menu(database: Database, name: str, group_uuid: str) -> None:
    if not database.dialect.has("v_menu_item_groups", "group_name"):
        return
    entries = database.rows(_MENU, {"source": SOURCE_GROUP, "hidden": list(HIDDEN_PAGES)})
    rows = [
        {
            "menu_item_group_uuid": str(
                outside_uuid(RINGUP, 0, "administrators-menu", f"{name}/{entry['menu_item_uuid']}")
            ),
            "menu_uuid": entry["menu_uuid"],
            "menu_item_uuid": entry["menu_item_uuid"],
            "group_name": name,
            "group_uuid": group_uuid,
        }
        for entry in {entry["menu_item_uuid"]: entry for entry in entries}.values()
    ]
    statements = writing.inserts(
        database.dialect, {"v_menu_item_groups": rows}, now=datetime.now(UTC)
    )
    database.batch(statements)


def _show_dashboards(database: Database, name: str, group_uuid: str) -> None:
    """5.5 keeps the widgets of the first page by group; before, they had other tables."""
    table = "v_dashboard_widget_groups"
    if not database.dialect.has(table, "group_uuid"):
        return
    source = database.row(_GROUP, {"name": SOURCE_GROUP})
    statement = SQL("SELECT * FROM {} WHERE group_uuid = %(source)s::uuid").format(
        Identifier(table)
    )
    widgets = database.rows(statement, {"source": source["uuid"] if source else None})
    rows: list[Row] = [
        {
            "dashboard_widget_group_uuid": str(
                outside_uuid(
                    RINGUP, 0, "administrators-widget", f"{name}/{widget['dashboard_widget_uuid']}"
                )
            ),
            "dashboard_uuid": str(widget["dashboard_uuid"]),
            "dashboard_widget_uuid": str(widget["dashboard_widget_uuid"]),
            "group_uuid": group_uuid,
        }
        for widget in widgets
    ]
    database.batch(writing.inserts(database.dialect, {table: rows}, now=datetime.now(UTC)))
