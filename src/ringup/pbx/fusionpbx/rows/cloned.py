"""The default dialplans of a new tenant: copies of the template tenant's (reference 2.1, way b)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ringup.pbx.fusionpbx import app_uuids
from ringup.pbx.fusionpbx.dialplan import Dialplan, Line, action
from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.number_forms import caller_id, number_forms
from ringup.pbx.fusionpbx.rows.table_rows import Row, TableRows
from ringup.pbx.fusionpbx.wording import display_name
from ringup.pbx.port import Tenant

_PIN = re.compile(r"(?<=pin_number=)\d+")
_TAG_ORDER = {"condition": 0, "regex": 1, "action": 2, "anti-action": 3}
_AUDIT = {"insert_date": None, "insert_user": None, "update_date": None, "update_user": None}


@dataclass(frozen=True, slots=True)
class Template:
    """The template tenant as read from the database; ``details`` by dialplan uuid."""

    domain_uuid: str
    domain_name: str
    dialplans: Sequence[Mapping[str, object]]
    details: Mapping[str, Sequence[Mapping[str, object]]]


def cloned_rows(tenant: Tenant, template: Template) -> TableRows:
    """Copies with our uuids, the tenant's names and fresh PINs, in XML and details alike."""
    ids = Identifiers(tenant.uid, tenant.generation)
    dialplans: list[Row] = []
    details: list[Row] = []
    for original in template.dialplans:
        renaming = _Renaming(tenant.domain, ids, template, str(original["dialplan_uuid"]))
        copy = renaming.of_row(original)
        parts = [
            renaming.of_detail(detail) for detail in template.details.get(renaming.original, ())
        ]
        if str(original["app_uuid"]) == app_uuids.DOMAIN_VARIABLES and parts:
            copy, parts = _with_caller_ids(tenant, copy, parts)
        dialplans.append(copy)
        details.extend(parts)
    return {"v_dialplans": dialplans, "v_dialplan_details": details}


class _Renaming:
    """Turns everything of one template dialplan into the new tenant's."""

    def __init__(self, domain: str, ids: Identifiers, template: Template, original: str) -> None:
        self.original = original
        self.uuid = ids.of("cloned-dialplan", original)
        self._ids = ids
        self._domain = domain
        # Neither part of a longer name, nor a name with a further label behind it.
        self._name = re.compile(
            rf"(?<![\w.-]){re.escape(template.domain_name)}(?![\w-]|\.\w)", re.IGNORECASE
        )
        self._plain = template.domain_name.lower()
        self._uuids = {template.domain_uuid: ids.domain, original: self.uuid}
        self._pin = f"{secrets.randbelow(10**8):08d}"

    def of_row(self, row: Mapping[str, object]) -> Row:
        return {name: self._value(value) for name, value in row.items()} | _AUDIT

    def of_detail(self, row: Mapping[str, object]) -> Row:
        uuid = self._ids.of("cloned-detail", str(row["dialplan_detail_uuid"]))
        return self.of_row(row) | {"dialplan_detail_uuid": uuid}

    def _value(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        text = self._name.sub(self._domain, value) if self._plain in value.lower() else value
        for old, new in self._uuids.items():
            text = text.replace(old, new)
        return _PIN.sub(self._pin, text) if "pin_number=" in text else text


def _with_caller_ids(tenant: Tenant, copy: Row, parts: list[Row]) -> tuple[Row, list[Row]]:
    """Add the tenant's caller id for extensions without one of their own, such as later ones."""
    ids = Identifiers(tenant.uid, tenant.generation)
    lines = sorted(
        (_line(part) for part in parts),
        key=lambda line: (line.group, _TAG_ORDER.get(line.tag, 4), line.order),
    )
    last = lines[-1]
    added = [
        action("set", data, last.order + 5 * step, group=last.group)
        for step, data in enumerate(_caller_ids(tenant), start=1)
    ]
    dialplan = Dialplan(
        key="caller-ids",
        uuid=str(copy["dialplan_uuid"]),
        domain_uuid=ids.domain,
        domain_name=tenant.domain,
        app_uuid=app_uuids.DOMAIN_VARIABLES,
        context=tenant.domain,
        name=str(copy["dialplan_name"]),
        order=0,
        goes_on=True,
        lines=(*lines, *added),
    )
    new_parts = dialplan.details(ids)[len(lines) :]
    return copy | {"dialplan_xml": dialplan.xml()}, [*parts, *new_parts]


def _caller_ids(tenant: Tenant) -> list[str]:
    name = display_name(tenant.company)
    values = [
        f"default_outbound_caller_id_name={name}",
        f"default_outbound_caller_id_number={caller_id(tenant.caller_id)}",
    ]
    if tenant.emergency_caller_id:
        number = number_forms(tenant.emergency_caller_id).caller_id
        values.append(f"default_emergency_caller_id_name={name}")
        values.append(f"default_emergency_caller_id_number={number}")
    return values


def _line(row: Mapping[str, object]) -> Line:
    return Line(
        tag=str(row["dialplan_detail_tag"]),
        type=str(row["dialplan_detail_type"] or ""),
        data=str(row["dialplan_detail_data"] or ""),
        order=int(float(str(row["dialplan_detail_order"] or 0))),
        inline=str(row["dialplan_detail_inline"] or "").lower(),
        enabled=str(row["dialplan_detail_enabled"]).lower() != "false",
        group=int(float(str(row["dialplan_detail_group"] or 0))),
        break_on=str(row["dialplan_detail_break"] or ""),
    )
