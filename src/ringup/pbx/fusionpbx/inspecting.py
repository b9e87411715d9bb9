"""Looks at a server, and says in sentences what is in the way. Reading only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg.sql import SQL

from ringup.core.failures import PortFailure
from ringup.pbx.fusionpbx import app_uuids
from ringup.pbx.fusionpbx.caching import MEMCACHE
from ringup.pbx.fusionpbx.database import Database, Record
from ringup.pbx.fusionpbx.event_socket import EventSocket
from ringup.pbx.fusionpbx.permissions import HIGHEST_LEVEL, forbidden
from ringup.pbx.fusionpbx.server_settings import ServerSettings, read_settings
from ringup.pbx.port import PbxConnection, ServerReport

_FACTS = SQL(
    """
    SELECT
      (SELECT max(software_version) FROM v_software) AS version,
      (SELECT count(*) FROM v_domains) AS tenants,
      (SELECT count(*) FROM v_extensions) AS extensions,
      to_regclass('ringup.change') IS NOT NULL AS marked,
      (SELECT count(*) FROM v_groups
        WHERE group_name = %(group)s AND domain_uuid IS NULL AND group_level <= %(level)s) AS groups,
      (SELECT coalesce(jsonb_agg(permission_name), '[]') FROM v_group_permissions
        WHERE group_name = %(group)s
          AND coalesce(permission_assigned, 'true') = 'true') AS permissions,
      (SELECT access_control_default FROM v_access_controls
        WHERE access_control_name = %(list)s LIMIT 1) AS otherwise,
      (SELECT count(*) FROM v_domains WHERE lower(domain_name) = lower(%(template)s)) AS templates,
      (SELECT count(*) FROM v_dialplans p JOIN v_domains d USING (domain_uuid)
        WHERE lower(d.domain_name) = lower(%(template)s) AND p.dialplan_context IS NOT NULL
          AND NOT coalesce(p.app_uuid::text, '') = ANY(%(not_cloned)s)) AS template_dialplans
    """
)
# Tenants of the change rows are ours; what their administrators made in them counts as ours too.
_OTHERS = SQL(
    """
    SELECT count(*) AS tenants, coalesce(sum(extensions), 0)::integer AS extensions FROM (
      SELECT (SELECT count(*) FROM v_extensions e WHERE e.domain_uuid = d.domain_uuid) AS extensions
      FROM v_domains d
      WHERE NOT EXISTS (
        SELECT 1 FROM ringup.change c
        WHERE starts_with(c.key, 'tenant/') AND c.undone_at IS NULL
          AND c.made -> 'v_domains' ? d.domain_uuid::text)
    ) others
    """
)


@dataclass(frozen=True, slots=True)
class _Telephone:
    hostname: str
    problem: str


def inspect(database: Database, server: PbxConnection) -> ServerReport:
    """Needs the database; everything else that is missing becomes a sentence."""
    facts = database.row(
        _FACTS,
        {
            "group": server.administrators_group,
            "level": HIGHEST_LEVEL,
            "list": server.access_list,
            "template": server.template_domain,
            "not_cloned": sorted(app_uuids.NOT_CLONED),
        },
    )
    assert facts is not None
    others = database.row(_OTHERS) if facts["marked"] else facts
    assert others is not None
    settings = read_settings(database)
    telephone = _telephone(server)
    problems = [
        *([telephone.problem] if telephone.problem else []),
        *_database_problems(server, facts),
        *_file_problems(server, settings),
    ]
    return ServerReport(
        version=facts["version"] or "unknown",
        dialect=database.dialect.booleans,
        dialplan_mode=settings.dialplan_mode,
        cache_method=settings.cache_method,
        hostname=telephone.hostname,
        prepared=_prepared(facts),
        tenants=facts["tenants"],
        extensions=facts["extensions"],
        others_tenants=others["tenants"],
        others_extensions=others["extensions"],
        problems=tuple(problems),
    )


def _prepared(facts: Record) -> bool:
    return bool(
        facts["marked"]
        and facts["groups"]
        and facts["otherwise"]
        and not forbidden(facts["permissions"])
    )


def _telephone(server: PbxConnection) -> _Telephone:
    try:
        with EventSocket(server) as events:
            return _Telephone(events.api("hostname"), "")
    except PortFailure as failure:
        return _Telephone("", f"The telephone side does not answer: {failure}.")


def _database_problems(server: PbxConnection, facts: Record) -> Iterator[str]:
    if not facts["marked"] or not facts["groups"] or facts["otherwise"] is None:
        yield "The server is not prepared yet: choose “prepare server”."
    if too_many := forbidden(facts["permissions"]):
        yield (
            f"The group {server.administrators_group} has {len(too_many)} rights that a "
            "tenant's administrator must not have: choose “prepare server” again."
        )
    if facts["otherwise"] not in (None, "deny"):
        yield f"The access list {server.access_list} allows everybody: set its default to deny."
    if not server.template_domain:
        yield "No template tenant is named: its dialplans are copied for every new tenant."
    elif not facts["templates"]:
        yield f"The template tenant {server.template_domain} does not exist on the PBX."
    elif not facts["template_dialplans"]:
        yield (
            f"The template tenant {server.template_domain} has no dialplans: run FusionPBX's "
            "upgrade with --defaults on the PBX."
        )


def _file_problems(server: PbxConnection, settings: ServerSettings) -> Iterator[str]:
    if settings.cache_method != MEMCACHE:
        yield from _cache_problems(server, settings)
    for what, path in (
        ("recordings", server.recordings_dir),
        ("voicemail", server.voicemail_dir),
    ):
        if not path:
            yield f"The directory for {what} is not reachable from here, so none are made."
        elif not os.access(path, os.W_OK | os.X_OK):
            yield f"The directory for {what}, {path}, does not exist or cannot be written."


def _cache_problems(server: PbxConnection, settings: ServerSettings) -> Iterator[str]:
    path = server.cache_dir
    if not path:
        yield (
            "The PBX keeps its cache in files that are not reachable from here, so changes would "
            "not take effect: enter the cache directory, or run Ringup's agent on the PBX."
        )
        return
    if not os.access(path, os.W_OK | os.X_OK):
        yield f"The cache directory {path} does not exist or cannot be written."
    elif settings.cache_location and not _same(settings.cache_location, path):
        yield (
            f"FusionPBX's pages clear their cache in {settings.cache_location} and Ringup in "
            f"{path}: one of the two is wrong."
        )


def _same(one: str, other: str) -> bool:
    return Path(one).resolve() == Path(other).resolve()
