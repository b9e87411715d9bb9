"""Writes a whole tenant, or one more number for a tenant, in one transaction with its marker."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from psycopg.sql import SQL

from ringup.core.failures import NothingHappened, NotOurs, OurFault, OutcomeUnknown, Refused
from ringup.pbx.fusionpbx import checking, locks, markers, writing
from ringup.pbx.fusionpbx.database import Database
from ringup.pbx.fusionpbx.identifiers import Identifiers
from ringup.pbx.fusionpbx.markers import Marker, Refresh
from ringup.pbx.fusionpbx.permissions import REFUSED_GROUPS, USER_GROUP
from ringup.pbx.fusionpbx.rows.administrator import administrator_rows
from ringup.pbx.fusionpbx.rows.cloned import cloned_rows
from ringup.pbx.fusionpbx.rows.domain import domain_rows
from ringup.pbx.fusionpbx.rows.extensions import extension_rows
from ringup.pbx.fusionpbx.rows.gateway import gateway_rows
from ringup.pbx.fusionpbx.rows.inbound import inbound_rows
from ringup.pbx.fusionpbx.rows.outbound import outbound_rows
from ringup.pbx.fusionpbx.rows.refusals import refusal_rows
from ringup.pbx.fusionpbx.rows.table_rows import TableRows, gathered
from ringup.pbx.fusionpbx.template import read_template
from ringup.pbx.fusionpbx.tenant_rules import check_destination, check_tenant
from ringup.pbx.port import (
    AdministratorGroup,
    Destination,
    PbxConnection,
    Tenant,
    destination_key,
    tenant_key,
)

_EXTENSIONS = SQL("SELECT extension FROM v_extensions WHERE domain_uuid = %(domain_uuid)s")
_DOMAIN_NAME = SQL("SELECT domain_name FROM v_domains WHERE domain_uuid = %(domain_uuid)s")


_ADMINISTRATORS = {AdministratorGroup.ADMIN: "administrator", AdministratorGroup.USER: "user"}


class RemovalUnfinished(NothingHappened):
    """An earlier change of the same key was undone and its traces are not cleared yet."""


def build_tenant(
    database: Database, server: PbxConnection, tenant: Tenant, *, run: str, digest: str
) -> Marker:
    """Everything or nothing; the marker that is there already when it was built before."""
    group_name = _group_of(server, tenant)
    check_tenant(tenant)
    key = tenant_key(tenant.uid)
    ids = Identifiers(tenant.uid, tenant.generation)
    with database.transaction():
        locks.lock_tenant(database, tenant.uid)
        locks.lock_names(database)
        marker = _built_before(database, key, tenant.generation, digest)
        if marker is None:
            group = checking.check_before_building(database, tenant, group_name, ids.domain)
            rows = _tenant_rows(database, server, tenant, group)
            marker = Marker(
                key=key,
                generation=tenant.generation,
                run=run,
                digest=digest,
                made=writing.made(database.dialect, rows),
                parts=_parts(tenant, rows),
                refresh=Refresh(
                    domain=tenant.domain,
                    extensions=[extension.extension for extension in tenant.extensions],
                    numbers=[destination.e164 for destination in tenant.destinations],
                    gateway=ids.gateway,
                    profile=tenant.gateway.settings.profile,
                ),
            )
            _write(database, rows, marker)
    with _committed():
        checking.check_after_commit(database, tenant, ids.domain)
    return marker


def _group_of(server: PbxConnection, tenant: Tenant) -> str:
    """The server's reduced group, or the stock group of users."""
    if tenant.administrator.group is AdministratorGroup.USER:
        return USER_GROUP
    if server.administrators_group.strip().lower() in REFUSED_GROUPS:
        raise OurFault(f"a tenant's administrator is never put into {server.administrators_group}")
    return server.administrators_group


def add_destination(
    database: Database,
    tenant: uuid.UUID,
    generation: int,
    destination: Destination,
    *,
    run: str,
    digest: str,
) -> Marker:
    """One more number for a tenant that we built and that still stands."""
    key = destination_key(tenant, destination.owned)
    ids = Identifiers(tenant, generation)
    with database.transaction():
        locks.lock_tenant(database, tenant)
        locks.lock_names(database)
        marker = _built_before(database, key, generation, digest)
        if marker is None:
            domain = _standing_domain(database, tenant, generation)
            extensions = database.rows(_EXTENSIONS, {"domain_uuid": ids.domain})
            check_destination(destination, {str(row["extension"]) for row in extensions})
            checking.check_numbers_free(database, [destination.e164], besides=None)
            rows = inbound_rows(ids, domain, destination)
            marker = Marker(
                key=key,
                generation=generation,
                run=run,
                digest=digest,
                made=writing.made(database.dialect, rows),
                parts=[f"{destination.e164} rings {destination.extension} at {domain}"],
                refresh=Refresh(numbers=[destination.e164]),
            )
            _write(database, rows, marker)
    with _committed():
        checking.check_numbers_free(database, [destination.e164], besides=ids.domain)
    return marker


@contextmanager
def _committed() -> Iterator[None]:
    """Behind a COMMIT that succeeded, a lost connection is not "nothing happened"."""
    try:
        yield
    except NothingHappened as failure:
        raise OutcomeUnknown(f"written, but not looked at again: {failure}") from failure


def _built_before(database: Database, key: str, generation: int, digest: str) -> Marker | None:
    marker = markers.find(database, key)
    if marker is None:
        return None
    if marker.undone_at is not None:
        raise RemovalUnfinished(f"the removal of an earlier {key} is not finished")
    if (marker.generation, marker.digest) != (generation, digest):
        raise NotOurs(
            f"{key} stands on the PBX as generation {marker.generation} with other contents, "
            f"made by run {marker.run}; undo that first"
        )
    return marker


def _standing_domain(database: Database, tenant: uuid.UUID, generation: int) -> str:
    marker = markers.live(database, tenant_key(tenant))
    if marker is None or marker.generation != generation:
        raise NotOurs(f"{tenant_key(tenant)} of generation {generation} is not on this PBX")
    found = database.row(_DOMAIN_NAME, {"domain_uuid": Identifiers(tenant, generation).domain})
    if found is None:
        raise NotOurs(
            f"the domain of {tenant_key(tenant)} was removed from the PBX by somebody else"
        )
    if found["domain_name"] != marker.refresh.domain:
        raise Refused(
            f"the domain of {tenant_key(tenant)} is called {found['domain_name']} now and not "
            f"{marker.refresh.domain}; rename it back"
        )
    return str(found["domain_name"])


def _tenant_rows(
    database: Database, server: PbxConnection, tenant: Tenant, group: checking.Group
) -> TableRows:
    template = read_template(database, server.template_domain)
    ids = Identifiers(tenant.uid, tenant.generation)
    administrator = administrator_rows(
        tenant, group_name=group.name, group_uuid=group.uuid, now=datetime.now(UTC)
    )
    inbound = [inbound_rows(ids, tenant.domain, destination) for destination in tenant.destinations]
    return gathered(
        [
            domain_rows(tenant),
            administrator,
            extension_rows(tenant),
            gateway_rows(tenant),
            *inbound,
            outbound_rows(tenant),
            refusal_rows(tenant),
            cloned_rows(tenant, template),
        ]
    )


def _write(database: Database, rows: TableRows, marker: Marker) -> None:
    statements = writing.inserts(database.dialect, rows, now=datetime.now(UTC))
    database.batch([*statements, markers.insertion(marker)])


def _parts(tenant: Tenant, rows: TableRows) -> list[str]:
    numbers = ", ".join(destination.e164 for destination in tenant.destinations)
    open_patterns = ", ".join(sorted(pattern.value for pattern in tenant.open_patterns))
    emergency = tenant.emergency_caller_id
    parts = [
        f"tenant {tenant.domain}",
        f"{len(rows['v_dialplans'])} dialplans",
        f"{_ADMINISTRATORS[tenant.administrator.group]} {tenant.administrator.username}",
        f"{len(tenant.extensions)} extensions with voicemail",
        f"gateway {tenant.gateway.label}",
        f"numbers {numbers}" if numbers else "no number",
        f"outbound calls: {open_patterns or 'none'}, {tenant.max_outbound_calls} at a time",
        f"emergency calls as {emergency}" if emergency else "emergency calls play a notice",
    ]
    return parts
