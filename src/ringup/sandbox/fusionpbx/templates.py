"""Writes dialplans into the database, and with them the template tenant that others are cloned from."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import replace

import psycopg

from ringup.sandbox.fusionpbx import dialplans
from ringup.sandbox.fusionpbx.dialects import Dialect
from ringup.sandbox.fusionpbx.dialplans import Detail, Dialplan
from ringup.sandbox.fusionpbx.rows import Row, copy_in, new_uuid

_PIN_DIGITS = 8


def add_template_tenant(connection: psycopg.Connection, domain: str, dialect: Dialect) -> uuid.UUID:
    """A tenant with the default dialplans and nothing else. Returns its domain_uuid."""
    domain_uuid = new_uuid()
    row: Row = {
        "domain_uuid": domain_uuid,
        "domain_name": domain,
        "domain_enabled": True,
        "domain_description": "Template: new tenants get copies of its dialplans",
    }
    copy_in(connection, "v_domains", [row])
    filled = [_filled(plan, domain) for plan in dialplans.tenant_dialplans()]
    add_dialplans(connection, filled, dialect, tenant=(domain_uuid, domain))
    return domain_uuid


def add_dialplans(
    connection: psycopg.Connection,
    plans: Iterable[Dialplan],
    dialect: Dialect,
    *,
    tenant: tuple[uuid.UUID, str] | None = None,
) -> None:
    """Insert ``plans`` with their details and XML, for ``tenant`` (domain_uuid, name) or for all."""
    domain_uuid, domain_name = tenant or (None, None)
    heads: list[Row] = []
    rows: list[Row] = []
    for plan in plans:
        dialplan_uuid = new_uuid()
        public = plan.context == dialplans.PUBLIC
        first = dialplans.inbound_first(str(domain_uuid), domain_name) if tenant and public else []
        says = dialect.continue_word(plan.continue_)
        text = dialplans.xml(plan.name, str(dialplan_uuid), says, plan.details, first=first)
        heads.append(
            {
                "domain_uuid": domain_uuid,
                "dialplan_uuid": dialplan_uuid,
                "app_uuid": plan.app_uuid,
                "dialplan_context": plan.context,
                "dialplan_name": plan.name,
                "dialplan_number": plan.number,
                "dialplan_continue": plan.continue_,
                "dialplan_xml": text,
                "dialplan_order": plan.order,
                "dialplan_enabled": plan.enabled,
            }
        )
        rows += [_detail_row(one, domain_uuid, dialplan_uuid) for one in plan.details]
    copy_in(connection, "v_dialplans", heads)
    copy_in(connection, "v_dialplan_details", rows)


def _filled(plan: Dialplan, domain: str) -> Dialplan:
    pin = "".join(secrets.choice("0123456789") for _ in range(_PIN_DIGITS))

    def fill(text: str | None) -> str | None:
        return text and text.replace("{domain}", domain).replace("{pin}", pin)

    details = tuple(replace(one, data=fill(one.data)) for one in plan.details)
    return replace(plan, context=plan.context.replace("{domain}", domain), details=details)


def _detail_row(one: Detail, domain_uuid: uuid.UUID | None, dialplan_uuid: uuid.UUID) -> Row:
    return {
        "domain_uuid": domain_uuid,
        "dialplan_uuid": dialplan_uuid,
        "dialplan_detail_uuid": new_uuid(),
        "dialplan_detail_tag": one.tag,
        "dialplan_detail_type": one.type,
        "dialplan_detail_data": one.data or None,
        "dialplan_detail_break": one.break_,
        "dialplan_detail_inline": one.inline,
        "dialplan_detail_group": one.group,
        "dialplan_detail_order": one.order,
        "dialplan_detail_enabled": one.enabled,
    }
