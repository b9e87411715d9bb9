"""Takes one change back: the rows that its marker names, and nothing of anybody else."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

from psycopg.sql import SQL, Composed, Identifier, Literal, Placeholder

from ringup.core.failures import Refused
from ringup.pbx.fusionpbx import locks, markers
from ringup.pbx.fusionpbx.database import Database, Record, Statement
from ringup.pbx.fusionpbx.dialect import Dialect
from ringup.pbx.fusionpbx.markers import Marker

# What a removed tenant leaves behind on purpose: records of calls and of who did what.
_HISTORY = (
    "v_xml_cdr",
    "v_user_logs",
    "v_database_transactions",
    "v_event_guard",
    "v_email_queue",
    "v_emergency_logs",
    "v_fax_logs",
    "v_conference_session",
)
# Rows that mean nothing without the row of ours that they hang on: they go with it, whoever wrote
# them. FusionPBX's pages delete and rewrite such rows under new uuids on every save.
_DEPENDENTS = {
    "v_dialplan_details": ("dialplan_uuid", "v_dialplans"),
    "v_extension_users": ("user_uuid", "v_users"),
    "v_user_groups": ("user_uuid", "v_users"),
    "v_user_settings": ("user_uuid", "v_users"),
    "v_contact_emails": ("contact_uuid", "v_contacts"),
}
# Columns that name a row for people; the first that is filled.
_NAMES = (
    "gateway",
    "extension",
    "destination_number",
    "username",
    "domain_name",
    "voicemail_id",
    "ring_group_name",
    "ivr_menu_name",
    "queue_name",
    "device_address",
    "device_mac_address",
    "device_label",
    "dialplan_name",
    "domain_setting_subcategory",
    "contact_organization",
    "contact_nickname",
    "recording_name",
    "fax_name",
    "conference_name",
    "caller_id_name",
    "call_flow_name",
    "bridge_name",
)
_SHOWN = 5
# What staff reads about; the other tables hold parts of these.
_WORDS = {
    "v_domains": ("domain", "domains"),
    "v_users": ("administrator", "administrators"),
    "v_extensions": ("extension", "extensions"),
    "v_voicemails": ("voicemail box", "voicemail boxes"),
    "v_gateways": ("gateway", "gateways"),
    "v_destinations": ("number's route", "numbers' routes"),
    "v_dialplans": ("dialplan", "dialplans"),
}


def take_back(database: Database, key: str) -> tuple[Marker | None, tuple[str, ...]]:
    """Delete the rows of one change. Returns its marker, undone, and sentences for staff.

    A change that is undone already, but not cleared, comes back with no sentences.
    """
    tenant = _tenant_of(key)
    with database.transaction():
        if tenant is not None:
            locks.lock_tenant(database, tenant)
            locks.lock_names(database)
        marker = markers.find(database, key, locked=True)
        if marker is None or marker.undone_at is not None:
            return marker, ()
        domain_uuid = next(iter(marker.made.get("v_domains", ())), None)
        if domain_uuid is not None:
            _refuse_later_numbers(database, key)
            _refuse_orphans(database, marker, domain_uuid)
        sentences = _delete(database, marker)
        markers.set_undone(database, key)
    return marker, sentences


def about_kept(kept: Sequence[Path]) -> list[str]:
    """Sentences about directories that stay."""
    return [f"{path} stays, because it is not empty" for path in kept]


def _tenant_of(key: str) -> uuid.UUID | None:
    kind, _, rest = key.partition("/")
    if kind not in ("tenant", "destination"):
        return None
    return uuid.UUID(rest.partition("/")[0])


def _refuse_later_numbers(database: Database, key: str) -> None:
    start = "destination" + key.removeprefix("tenant") + "/"
    later = markers.beginning_with(database, start)
    if later:
        what = "; ".join(part for marker in later for part in marker.parts)
        raise Refused(f"numbers were added to this tenant later, take them back first: {what}")


def _refuse_orphans(database: Database, marker: Marker, domain_uuid: str) -> None:
    found = database.rows(*_strangers(database.dialect, marker, domain_uuid))
    if found:
        named = "; ".join(_named(row) for row in found)
        raise Refused(f"rows that Ringup did not make would be orphaned: {named}")


def _strangers(dialect: Dialect, marker: Marker, domain_uuid: str) -> tuple[Statement, Record]:
    """One statement that looks for others' rows through every table of tenants."""
    parts = []
    parameters: Record = {"domain_uuid": domain_uuid}
    for number, table in enumerate(dialect.tenant_tables()):
        if table.startswith(_HISTORY):
            continue
        parameters[f"made{number}"] = list(marker.made.get(table, ()))
        ours = _among(dialect.key(table), f"made{number}")
        if table in _DEPENDENTS:
            column, parent = _DEPENDENTS[table]
            parameters[f"parents{number}"] = list(marker.made.get(parent, ()))
            ours = SQL("({} OR {})").format(ours, _among(column, f"parents{number}"))
        parts.append(
            SQL(
                'SELECT {name} AS "table", count(*) AS count,'
                " (array_agg({label} ORDER BY {label}))[1:{shown}] AS labels"
                " FROM {table} WHERE domain_uuid = %(domain_uuid)s::uuid AND NOT {ours}"
                " HAVING count(*) > 0"
            ).format(
                name=Literal(table),
                label=_label(dialect, table),
                shown=Literal(_SHOWN),
                table=Identifier(table),
                ours=ours,
            )
        )
    return SQL(" UNION ALL ").join(parts), parameters


def _among(column: str, parameter: str) -> Composed:
    # Compared as uuids, so that an index serves.
    return SQL("coalesce({} = ANY({}::uuid[]), false)").format(
        Identifier(column), Placeholder(parameter)
    )


def _label(dialect: Dialect, table: str) -> Statement:
    known = [Identifier(name) for name in _NAMES if dialect.has(table, name)]
    texts = [SQL("nullif({}::text, '')").format(name) for name in known]
    return SQL("coalesce({})").format(SQL(", ").join([*texts, SQL("NULL::text")]))


def _named(row: Record) -> str:
    labels = [label for label in row["labels"] or () if label]
    more = row["count"] - len(labels)
    text = f"{row['count']} in {row['table']}"
    if labels:
        text += f" ({', '.join(labels)}{f' and {more} more' if more else ''})"
    return text


def _delete(database: Database, marker: Marker) -> tuple[str, ...]:
    """Delete by primary key, and say what was really there to delete."""
    sentences = []
    for table, keys in reversed(list(marker.made.items())):
        count = _deleted(database, table, database.dialect.key(table), keys)
        _delete_dependents(database, table, keys)
        if table in _WORDS:
            sentences.append(_sentence(_WORDS[table], count, len(keys)))
    return tuple(sentences)


def _sentence(words: tuple[str, str], count: int, made: int) -> str:
    one, many = words
    removed = f"{count} {one if count == 1 else many} removed"
    return removed if count == made else f"{removed}, {made - count} gone already"


def _delete_dependents(database: Database, parent: str, keys: Sequence[str]) -> None:
    for table, (column, of) in _DEPENDENTS.items():
        if of == parent and database.dialect.has(table, column):
            _deleted(database, table, column, keys)


def _deleted(database: Database, table: str, column: str, keys: Sequence[str]) -> int:
    statement = SQL(
        "WITH gone AS (DELETE FROM {} WHERE {} = ANY(%(keys)s::uuid[]) RETURNING 1)"
        " SELECT count(*) AS count FROM gone"
    ).format(Identifier(table), Identifier(column))
    row = database.row(statement, {"keys": list(keys)})
    return int(row["count"]) if row else 0
