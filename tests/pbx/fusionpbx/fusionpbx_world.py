"""FusionPBX's own side: our sandbox of it, and what staff and clients do there by hand."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ringup.pbx.fusionpbx.adapter import FusionPbx
from ringup.pbx.port import PbxConnection
from ringup.sandbox.fusionpbx import ANY, NEVER, Call, Options, SandboxFusionpbx, running_fusionpbx
from ringup.sandbox.postgres import PostgresServer
from tests.pbx.pbx_world import Ringing

# Nobody listens on the port of the discard protocol here.
NOBODY = 9


@dataclass(frozen=True)
class FusionpbxWorld:
    """Implements ``tests.pbx.contract.PbxWorld``."""

    sandbox: SandboxFusionpbx

    def connection(self, **changes: Any) -> PbxConnection:
        socket = self.sandbox.event_socket
        given = {
            "dsn": self.sandbox.dsn,
            "event_host": socket.host,
            "event_port": socket.port,
            "event_password": socket.password,
            "cache_dir": str(self.sandbox.cache_dir),
            "recordings_dir": str(self.sandbox.recordings_dir),
            "voicemail_dir": str(self.sandbox.voicemail_dir),
            "template_domain": self.sandbox.template_domain,
        }
        return PbxConnection(**(given | changes))

    def adapter(self, **changes: Any) -> FusionPbx:
        return FusionPbx(self.connection(**changes))

    def open(self, *, reachable: bool = True, right_password: bool = True) -> FusionPbx:
        changes: dict[str, Any] = {}
        if not reachable:
            dsn = psycopg.conninfo.make_conninfo(self.sandbox.dsn, host="127.0.0.1", port=NOBODY)
            changes = {"dsn": dsn, "event_port": NOBODY}
        if not right_password:
            dsn = psycopg.conninfo.make_conninfo(self.sandbox.dsn, password="Wrong1234")
            changes = {"dsn": dsn, "event_password": "Wrong1234"}
        return self.adapter(**changes)

    # -- calls ------------------------------------------------------------------------------------

    def call_in(self, number: str, *, source: str | None = None) -> Ringing:
        return ringing(self.sandbox.lookup_inbound(number, source=source))

    def call_out(self, domain: str, extension: str, number: str) -> Ringing:
        return ringing(self.sandbox.lookup_outbound(domain, number, extension=extension))

    # -- the truth --------------------------------------------------------------------------------

    def tenants(self) -> set[str]:
        return set(self.sandbox.state()) - {"global", self.sandbox.template_domain}

    def directories(self) -> set[str]:
        roots = (self.sandbox.recordings_dir, self.sandbox.voicemail_dir / "default")
        return {str(path) for root in roots for path in root.rglob("*") if path.is_dir()}

    def loaded_gateways(self) -> set[str]:
        return {str(gateway["name"]) for gateway in self.sandbox.gateways()}

    def registrations_answered(self, answered: bool) -> None:
        self.sandbox.registrar = ANY if answered else NEVER

    def rows(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        with psycopg.connect(self.sandbox.dsn, row_factory=dict_row) as connection:
            cursor = connection.execute(query, parameters)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    # -- what people do by hand -------------------------------------------------------------------

    def somebodys_tenant(self, domain: str) -> None:
        self.rows(
            "INSERT INTO v_domains (domain_uuid, domain_name, domain_enabled)"
            " VALUES (%s, %s, 'true')",
            uuid.uuid4(),
            domain,
        )

    def somebodys_number(self, number: str) -> Callable[[], None]:
        identity = uuid.uuid4()
        self.rows(
            "INSERT INTO v_destinations (destination_uuid, domain_uuid, dialplan_uuid,"
            " destination_type, destination_number, destination_context, destination_enabled)"
            " SELECT %s, domain_uuid, %s, 'inbound', %s, 'public', 'true' FROM v_domains"
            " ORDER BY domain_name DESC LIMIT 1",
            identity,
            uuid.uuid4(),
            number,
        )

        def take_away() -> None:
            self.rows("DELETE FROM v_destinations WHERE destination_uuid = %s", identity)

        return take_away

    def clients_extension(self, domain: str, extension: str) -> Callable[[], None]:
        identity = uuid.uuid4()
        self.rows(
            "INSERT INTO v_extensions (extension_uuid, domain_uuid, extension, enabled)"
            " SELECT %s, domain_uuid, %s, 'true' FROM v_domains WHERE domain_name = %s",
            identity,
            extension,
            domain,
        )

        def take_away() -> None:
            self.rows("DELETE FROM v_extensions WHERE extension_uuid = %s", identity)

        return take_away


def ringing(call: Call) -> Ringing:
    """A call of the sandbox in the contract's words."""
    assert call.outcome != "broken", call.detail
    where = ""
    if call.answered_by.startswith("user/"):
        where = call.answered_by.removeprefix("user/").partition("@")[0]
    elif call.answered_by:
        where = call.answered_by.rpartition("/")[2]
    heard = tuple(data for application, data in call.actions if application == "playback")
    caller_id = call.variables.get("effective_caller_id_number", "")
    return Ringing(where, caller_id, heard if not where else ())


@contextmanager
def fusionpbx_world(
    postgres: PostgresServer, options: Options | None = None
) -> Iterator[FusionpbxWorld]:
    with running_fusionpbx(options, postgres=postgres) as sandbox:
        yield FusionpbxWorld(sandbox)
