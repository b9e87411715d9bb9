"""The rows that a wish would become, for people to read before anything is written."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ringup.pbx.fusionpbx.access_list import networks, node_rows
from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.rows.gateway import gateway_rows
from ringup.pbx.fusionpbx.rows.inbound import inbound_rows
from ringup.pbx.fusionpbx.rows.outbound import outbound_rows
from ringup.pbx.fusionpbx.rows.refusals import refusal_rows
from ringup.pbx.fusionpbx.rows.table_rows import Row, TableRows, gathered
from ringup.pbx.fusionpbx.tenant_rules import check_tenant
from ringup.pbx.port import Tenant, WrittenRow

MASK = "\N{BULLET}" * 8
_SECRET = frozenset({"password"})
_TITLES = ("gateway", "dialplan_name", "destination_number", "node_cidr")
# The detail rows say what the XML says.
_LEFT_OUT = frozenset({"v_dialplan_details"})


def preview(tenant: Tenant) -> tuple[WrittenRow, ...]:
    """Gateway, numbers and routes of ``tenant``, as they would stand in the tables."""
    check_tenant(tenant)
    ids = Identifiers(tenant.uid, tenant.generation)
    inbound = [inbound_rows(ids, tenant.domain, one) for one in tenant.destinations]
    outbound = [outbound_rows(tenant), refusal_rows(tenant)]
    return (
        *_shown("gateway", gateway_rows(tenant)),
        *_shown("inbound", gathered(inbound)),
        *_shown("outbound", gathered(outbound)),
    )


def preview_addresses(cidrs: list[str], *, note: str) -> tuple[WrittenRow, ...]:
    """Entries of the access list. ``access_control_uuid`` is the list's, known on the server."""
    rows = node_rows("the list's own", networks(cidrs), note)
    for row in rows["v_access_control_nodes"]:
        row["access_control_node_uuid"] = "made when written"
    return tuple(_shown("access", rows))


def _shown(part: str, rows: TableRows) -> Iterator[WrittenRow]:
    for table, some in rows.items():
        if table not in _LEFT_OUT:
            for row in some:
                xml = str(row.get("dialplan_xml", ""))
                yield WrittenRow(part, table, _title(row), _columns(row), xml)


def _title(row: Row) -> str:
    return next((str(row[name]) for name in _TITLES if row.get(name)), "")


def _columns(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, MASK if name in _SECRET else _text(value))
        for name, value in row.items()
        if value is not None and name != "dialplan_xml"
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
