"""What must be true before a change: names free, numbers free, the server prepared.

FusionPBX has no unique constraints; its own pages only look before they write. So we look under
our lock, write in the same transaction, and look once more after COMMIT for what a page did
meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.sql import SQL

from ringup.core.failures import NotOurs, OurFault, Refused
from ringup.pbx.fusionpbx.database import Database
from ringup.pbx.fusionpbx.number_forms import number_forms
from ringup.pbx.fusionpbx.permissions import HIGHEST_LEVEL, USER_GROUP, forbidden
from ringup.pbx.port import Tenant

_DOMAIN_OWNER = SQL(
    "SELECT domain_uuid FROM v_domains WHERE lower(domain_name) = lower(%(domain)s) LIMIT 1"
)
# Every form under which FusionPBX would find a stored destination for a dialled number.
_TAKEN_NUMBERS = """
    SELECT coalesce(jsonb_agg(DISTINCT found.number), '[]') FROM (
      SELECT d.destination_number AS number FROM v_destinations d
      WHERE d.domain_uuid IS DISTINCT FROM %(domain_uuid)s AND ARRAY[
          ltrim(concat(destination_prefix, destination_area_code, destination_number), '+'),
          ltrim(concat(destination_trunk_prefix, destination_area_code, destination_number), '+'),
          ltrim(concat(destination_prefix, destination_number), '+'),
          ltrim(concat(destination_area_code, destination_number), '+'),
          ltrim(destination_number, '+')
        ] && %(forms)s::text[]
      UNION ALL
      SELECT p.dialplan_name FROM v_dialplans p
      WHERE p.domain_uuid IS DISTINCT FROM %(domain_uuid)s AND p.dialplan_context = 'public'
        AND p.dialplan_enabled::text = 'true' AND (ltrim(p.dialplan_name, '+') = ANY(%(forms)s)
        OR ltrim(p.dialplan_number, '+') = ANY(%(forms)s))
    ) found
"""
_NUMBERS_TAKEN = SQL(f"SELECT ({_TAKEN_NUMBERS}) AS taken")
_BEFORE = SQL(
    f"""
    SELECT
      (SELECT domain_uuid FROM v_domains WHERE lower(domain_name) = %(domain)s LIMIT 1) AS owner,
      (SELECT count(*) FROM v_dialplans
        WHERE lower(dialplan_context) = ANY(%(contexts)s)) AS leftovers,
      (SELECT count(*) FROM v_extensions
        WHERE lower(user_context) = %(domain)s) AS strangers,
      ({_TAKEN_NUMBERS}) AS taken,
      (SELECT jsonb_build_object('uuid', group_uuid, 'level', group_level) FROM v_groups
        WHERE group_name = %(group)s AND domain_uuid IS NULL LIMIT 1) AS "group",
      (SELECT coalesce(jsonb_agg(permission_name), '[]') FROM v_group_permissions
        WHERE group_name = %(group)s
          AND coalesce(permission_assigned, 'true') = 'true') AS permissions,
      EXISTS (SELECT FROM v_domains WHERE lower(domain_name) = lower(%(user_tail)s)) AS split,
      (SELECT count(*) FROM v_users u
        WHERE (lower(u.username) = lower(%(username)s) OR lower(u.user_email) = lower(%(email)s))
          AND EXISTS (SELECT FROM v_default_settings s
            WHERE s.default_setting_category = 'users' AND s.default_setting_subcategory = 'unique'
              AND s.default_setting_value = 'global'
              AND s.default_setting_enabled::text = 'true')) AS same_users
    """  # noqa: S608 - a constant
)
_AFTER = SQL(
    f"""
    SELECT
      (SELECT count(*) FROM v_domains
        WHERE lower(domain_name) = %(domain)s AND domain_uuid <> %(domain_uuid)s) AS others,
      ({_TAKEN_NUMBERS}) AS taken
    """  # noqa: S608 - a constant
)


@dataclass(frozen=True, slots=True)
class Group:
    """The group of a tenant's administrator on this server."""

    name: str
    uuid: str


def domain_owner(database: Database, domain: str) -> str | None:
    row = database.row(_DOMAIN_OWNER, {"domain": domain})
    return str(row["domain_uuid"]) if row else None


def check_before_building(
    database: Database, tenant: Tenant, group: str, domain_uuid: str
) -> Group:
    """Look whether the tenant may be written, and return the group of its administrator.

    Inside the transaction, under the lock of names. One statement.
    """
    found = database.row(
        _BEFORE,
        {
            "domain": tenant.domain,
            "domain_uuid": domain_uuid,
            "contexts": [tenant.domain, f"conf-xfer@{tenant.domain}"],
            "forms": _forms(destination.e164 for destination in tenant.destinations),
            "group": group,
            "user_tail": tenant.administrator.username.rpartition("@")[2],
            "username": tenant.administrator.username,
            "email": tenant.administrator.email,
        },
    )
    assert found is not None
    if found["owner"] is not None:
        raise NotOurs(
            f"the domain {tenant.domain} exists on the PBX and no change of ours made it",
            user_message="That address is taken. Nothing was charged. Choose another.",
        )
    if found["leftovers"] or found["strangers"]:
        raise NotOurs(
            f"dialplans or extensions of a former tenant {tenant.domain} still stand on the PBX; "
            "remove them first"
        )
    _check_numbers(found["taken"])
    if found["same_users"] or found["split"]:
        raise Refused(
            f"the user name {tenant.administrator.username!r} or its e-mail address is taken or "
            "names another tenant on this PBX",
            user_message="That user name is taken. Nothing was charged. Choose another.",
        )
    return _checked_group(group, found["group"], forbidden(found["permissions"]))


def check_numbers_free(database: Database, numbers: Iterable[str], *, besides: str | None) -> None:
    """``NotOurs`` when a number already goes somewhere on this PBX, in any of its forms.

    ``besides`` is a domain's uuid whose own routes do not count.
    """
    found = database.row(_NUMBERS_TAKEN, {"domain_uuid": besides, "forms": _forms(numbers)})
    assert found is not None
    _check_numbers(found["taken"])


def check_after_commit(database: Database, tenant: Tenant, domain_uuid: str) -> None:
    """``NotOurs`` when a page of FusionPBX gave out the same name or number meanwhile."""
    found = database.row(
        _AFTER,
        {
            "domain": tenant.domain,
            "domain_uuid": domain_uuid,
            "forms": _forms(destination.e164 for destination in tenant.destinations),
        },
    )
    assert found is not None
    if found["others"]:
        raise NotOurs(f"somebody made the domain {tenant.domain} on the PBX at the same time")
    _check_numbers(found["taken"])


def _check_numbers(taken: list[str]) -> None:
    if taken:
        raise NotOurs(f"already routed on this PBX by somebody else: {', '.join(sorted(taken))}")


def _checked_group(name: str, found: dict[str, object] | None, too_many: list[str]) -> Group:
    is_stock = name == USER_GROUP
    if found is None:
        advice = "make it in FusionPBX" if is_stock else "prepare the server first"
        raise OurFault(f"this PBX has no group {name}: {advice}")
    level = float(str(found["level"] or 0))
    if too_many or level > HIGHEST_LEVEL:
        advice = "Take them away in FusionPBX" if is_stock else "Prepare the server again"
        raise OurFault(
            f"the group {name} may do more than a tenant's administrator must: "
            f"{len(too_many)} permissions too many, level {level:g}. {advice}"
        )
    return Group(name, str(found["uuid"]))


def _forms(numbers: Iterable[str]) -> list[str]:
    return sorted({form.lstrip("+") for number in numbers for form in number_forms(number).dialled})
