"""Every PBX server that is in use: reachable, in order, and with room."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from urllib.parse import unquote, urlsplit

from psycopg.conninfo import conninfo_to_dict

from ringup.core.sentences import counted
from ringup.flows.health.findings import Check, Group, Verdict, broken, doubtful, fine
from ringup.pbx.models import PbxServer
from ringup.pbx.opening import pbx_for
from ringup.pbx.port import ServerReport

NEARLY_FULL = 0.9


def server(row: PbxServer) -> Verdict:
    """The adapter's own inspection, and what still fits."""
    with pbx_for(row) as pbx:
        report = pbx.inspect()
    if report.problems:
        return broken(" ".join(report.problems[:3]), f"Mend it, then: ringup prepare_server {row}")
    tenants, extensions = _used(row, report)
    room = f"{max(0, row.max_tenants - tenants)} of {row.max_tenants} tenants free"
    sentence = f"FusionPBX {report.version}, {counted(report.tenants, 'tenant')}; {room}."
    shares = [
        used / most
        for used, most in ((tenants, row.max_tenants), (extensions, row.max_extensions))
        if most
    ]
    remedy = "Raise its capacity if it can carry more, or add another server."
    if not shares or max(shares) >= 1:
        return broken(f"It is full. {sentence}", remedy)
    if max(shares) >= NEARLY_FULL:
        return doubtful(f"It is nearly full. {sentence}", remedy)
    return fine(sentence)


def _used(row: PbxServer, report: ServerReport) -> tuple[int, int]:
    """Tenants and extensions: as counted there, or as claimed by our orders, whatever is more."""
    return (
        max(row.claimed_tenants, report.tenants),
        max(row.claimed_extensions, report.extensions),
    )


def _secrets(row: PbxServer) -> Iterable[str]:
    connection = row.connection()
    yield connection.event_password
    yield connection.dsn
    if "://" in connection.dsn:
        password = urlsplit(connection.dsn).password or ""
        yield from (password, unquote(password))
    elif connection.dsn:
        yield str(conninfo_to_dict(connection.dsn).get("password") or "")


def checks() -> list[Check]:
    """One per server; those switched off are left alone."""
    return [
        Check(
            Group.SERVERS,
            row.name,
            partial(server, row),
            is_outside=True,
            secrets=partial(_secrets, row),
        )
        for row in PbxServer.objects.filter(is_enabled=True).order_by("name")
    ]
