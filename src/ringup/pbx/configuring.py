"""Saving a PBX server: the rules that no form can be trusted with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.pbx.database_address import NotAnAddress, check_address
from ringup.pbx.models import PbxServer

SAME_NAME = "Another server has this name already. Choose another one. Nothing was changed."
NO_ADDRESS = "Type the address of the PBX's database. Nothing was changed."
NEW_HOST = (
    "The event socket is another one now. Type its password again: a stored one is never sent to a "
    "host that it was not stored for. Nothing was changed."
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What was typed; None keeps what is stored."""

    dsn: str | None = field(default=None, repr=False)
    event_password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Saved:
    """The row as it is now, and sentences about what staff should know."""

    server: PbxServer
    warnings: tuple[str, ...]


def save_server(
    server: PbxServer,
    values: Mapping[str, Any],
    *,
    secrets: Secrets,
    actor: Actor,
    changes: Mapping[str, Any],
) -> Saved:
    """Write ``values`` (column -> value) to the server, a stored or a new one. Orders count their
    room on the same row meanwhile, so nothing else of it is written.

    ``changes`` is for the activity log, without secrets. A change of what a test looked at forgets
    that it was tested. Refuses, with nothing changed: another suffix or environment while tenants
    live there, a suffix or a name twice, a new event socket with a stored password.
    """
    try:
        with transaction.atomic():
            row = _row(server)
            before = PbxServer.objects.get(pk=row.pk) if row.pk else None
            for column, value in values.items():
                setattr(row, column, value)
            _check_suffix(row)
            _check_tenants(row, before)
            _set_secrets(row, before, secrets)
            if before is not None and row.tested_with() != before.tested_with():
                row.tested = None
            _write(row, [*values, "secrets_sealed", "tested"])
            what = f"Changed PBX server {row.name}" if before else f"Added PBX server {row.name}"
            if changes or secrets != Secrets() or not before:
                Activity.record(actor, f"server:{row.uid}", what, **changes)
    except IntegrityError as error:
        raise Refusal(SAME_NAME, field="name") from error
    return Saved(row, tuple(_warnings(row, before)))


def set_enabled(server: PbxServer, *, is_enabled: bool, actor: Actor) -> None:
    """Take the server out of the choice for new tenants, or back in. What lives there goes on."""
    what = "Enabled" if is_enabled else "Disabled"
    with transaction.atomic():
        rows = PbxServer.objects.filter(pk=server.pk, is_enabled=not is_enabled)
        if rows.update(is_enabled=is_enabled):
            detail = {"is_enabled": [str(not is_enabled), str(is_enabled)]}
            Activity.record(
                actor, f"server:{server.uid}", f"{what} PBX server {server.name}", **detail
            )


def _row(server: PbxServer) -> PbxServer:
    """The row as it is now, kept from others until the end of the transaction; or the new one."""
    if server.pk is None:
        return PbxServer(kind=server.kind)
    return PbxServer.objects.select_for_update().get(pk=server.pk)


def _write(row: PbxServer, columns: list[str]) -> None:
    if row.pk is None:
        row.save()
    else:
        row.save(update_fields=columns)


def _check_suffix(row: PbxServer) -> None:
    """A name leads to one machine: two servers with one suffix would make one tenant twice."""
    others = PbxServer.objects.filter(domain_suffix=row.domain_suffix).exclude(pk=row.pk)
    if other := others.first():
        raise Refusal(
            f"{row.domain_suffix} is the suffix of {other.name}, and a name can lead to one server "
            "only. Choose another suffix. Nothing was changed.",
            field="domain_suffix",
        )


def _check_tenants(row: PbxServer, before: PbxServer | None) -> None:
    if before is None or not before.claimed_tenants:
        return
    tenants = _tenants(before.claimed_tenants)
    if row.domain_suffix != before.domain_suffix:
        raise Refusal(
            f"{tenants} on this server under {before.domain_suffix}, and their addresses would not "
            "change. Nothing was changed. Add the new suffix as a server of its own.",
            field="domain_suffix",
        )
    if (row.environment, row.kind) != (before.environment, before.kind):
        raise Refusal(
            f"{tenants} on this server from {before.environment} orders. Nothing was changed. Add "
            "another server for the other environment.",
            field="environment" if row.kind == before.kind else "kind",
        )


def _set_secrets(row: PbxServer, before: PbxServer | None, typed: Secrets) -> None:
    """Who may change settings may still not read secrets: not even by having them sent elsewhere."""
    kept = before.connection() if before else None
    dsn = typed.dsn if typed.dsn is not None else (kept.dsn if kept else "")
    if not dsn:
        raise Refusal(NO_ADDRESS, field="dsn")
    if typed.dsn is not None:
        try:
            check_address(typed.dsn)
        except NotAnAddress as error:
            raise Refusal(f"{error} Nothing was changed.", field="dsn") from None
    password = kept.event_password if kept else ""
    if typed.event_password is not None:
        password = typed.event_password
    elif (
        kept and password and (kept.event_host, kept.event_port) != (row.event_host, row.event_port)
    ):
        raise Refusal(NEW_HOST, field="event_password")
    if before is None or typed != Secrets():
        row.set_secrets(dsn=dsn, event_password=password)


def _warnings(row: PbxServer, before: PbxServer | None) -> Iterator[str]:
    for words, room, claimed in (
        ("tenants", row.max_tenants, row.claimed_tenants),
        ("extensions", row.max_extensions, row.claimed_extensions),
    ):
        if room < claimed:
            yield (
                f"{claimed} {words} are promised on {row.name} and it is set to hold {room}: it takes "
                "no new ones. Those that it has go on."
            )
    if before and before.claimed_tenants and row.sip_host != before.sip_host:
        yield (
            f"Phones of {before.claimed_tenants} tenants were told {before.sip_host}: keep that name "
            "alive in DNS."
        )


def _tenants(count: int) -> str:
    return "1 tenant lives" if count == 1 else f"{count} tenants live"
