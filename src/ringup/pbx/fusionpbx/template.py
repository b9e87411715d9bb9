"""Reads the default dialplans of the template tenant."""

from __future__ import annotations

from psycopg.sql import SQL

from ringup.core.failures import OurFault
from ringup.pbx.fusionpbx import app_uuids
from ringup.pbx.fusionpbx.database import Database
from ringup.pbx.fusionpbx.rows.cloned import Template

# Rows without a context are left over by FusionPBX's import and mean nothing (reference 2).
_TEMPLATE = SQL(
    """
    WITH domain AS (
      SELECT domain_uuid, domain_name FROM v_domains
      WHERE lower(domain_name) = lower(%(domain)s) LIMIT 1
    ), chosen AS (
      SELECT p.* FROM v_dialplans p JOIN domain d USING (domain_uuid)
      WHERE lower(p.dialplan_context) IN (lower(d.domain_name), 'conf-xfer@' || lower(d.domain_name))
        AND NOT coalesce(p.app_uuid::text, '') = ANY(%(not_cloned)s)
    )
    SELECT d.domain_uuid::text, d.domain_name,
      (SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.dialplan_order, c.dialplan_name), '[]')
         FROM chosen c) AS dialplans,
      (SELECT coalesce(jsonb_object_agg(x.dialplan_uuid, x.rows), '{}') FROM (
         SELECT s.dialplan_uuid,
           jsonb_agg(to_jsonb(s) ORDER BY s.dialplan_detail_group, s.dialplan_detail_order) AS rows
         FROM v_dialplan_details s JOIN chosen c USING (dialplan_uuid) GROUP BY 1) x) AS details
    FROM domain d
    """
)


def read_template(database: Database, domain: str) -> Template:
    """The template tenant's default dialplans. One statement. ``OurFault`` when there are none."""
    if not domain:
        raise OurFault("this PBX server has no template tenant: enter the domain of one")
    parameters = {"domain": domain, "not_cloned": sorted(app_uuids.NOT_CLONED)}
    found = database.row(_TEMPLATE, parameters)
    if found is None:
        raise OurFault(
            f"the template tenant {domain} does not exist on the PBX: create it in FusionPBX, "
            "or enter the domain of another"
        )
    if not found["dialplans"]:
        raise OurFault(
            f"the template tenant {domain} has no dialplans: run FusionPBX's upgrade with "
            "--defaults on the PBX, or enter the domain of another tenant"
        )
    return Template(
        domain_uuid=found["domain_uuid"],
        domain_name=found["domain_name"],
        dialplans=found["dialplans"],
        details=found["details"],
    )
