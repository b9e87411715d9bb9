"""Speaking to the FusionPBX sandbox as a provisioner would: SQL, files and raw event socket bytes."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ringup.sandbox.fusionpbx import SandboxFusionpbx

INBOUND_APP = "c03b422e-13a8-bd1b-e42b-b6b9b4d27ce4"
OUTBOUND_APP = "8c914ec3-9fc0-8ab5-4cda-6c9288bdc9a3"


class Wire:
    """One connection to an event socket, without any cleverness."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=5)
        self.file = self.socket.makefile("rb")

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def send(self, text: str) -> None:
        self.socket.sendall(f"{text}\n\n".encode())

    def read(self) -> tuple[dict[str, str], str]:
        """One message: its headers and its body. Raises EOFError when the other side hung up."""
        headers: dict[str, str] = {}
        while True:
            line = self.file.readline().decode()
            if not line:
                raise EOFError
            if line == "\n":
                break
            name, _, value = line.rstrip("\n").partition(": ")
            headers[name] = value
        return headers, self.file.read(int(headers.get("Content-Length", "0"))).decode()

    def reply(self, text: str) -> str:
        """Send a command and return the text of its reply."""
        self.send(text)
        headers, _ = self.read()
        assert headers["Content-Type"] == "command/reply"
        return headers["Reply-Text"]

    def api(self, text: str) -> str:
        """Send an API command and return what it printed."""
        self.send(f"api {text}")
        headers, body = self.read()
        assert headers["Content-Type"] == "api/response"
        return body


@contextmanager
def connected(sandbox: SandboxFusionpbx) -> Iterator[Wire]:
    """A connection that has been greeted and has not said anything yet."""
    wire = Wire(sandbox.event_socket.host, sandbox.event_socket.port)
    try:
        assert wire.read() == ({"Content-Type": "auth/request"}, "")
        yield wire
    finally:
        wire.close()


@contextmanager
def signed_in(sandbox: SandboxFusionpbx) -> Iterator[Wire]:
    """A connection that knew the password."""
    with connected(sandbox) as wire:
        assert wire.reply(f"auth {sandbox.event_socket.password}") == "+OK accepted"
        yield wire


class Rows:
    """Writes FusionPBX's tables by hand; as a context manager over one connection."""

    def __init__(self, sandbox: SandboxFusionpbx) -> None:
        self.sandbox = sandbox
        self.connection: psycopg.Connection | None = None

    def __enter__(self) -> Rows:
        self.connection = psycopg.connect(self.sandbox.dsn, autocommit=True)
        return self

    def __exit__(self, *_: object) -> None:
        assert self.connection is not None
        self.connection.close()

    def insert(self, table: str, **values: object) -> None:
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
        )
        # Words, not booleans: 5.4 keeps them as text.
        words = [str(one).lower() if isinstance(one, bool) else one for one in values.values()]
        self._execute(statement, words)

    def run(self, statement: str, *values: object) -> None:
        self._execute(statement, values)

    def all(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self._execute(query, values)

    def _execute(self, statement: Any, values: Sequence[object]) -> list[tuple[Any, ...]]:
        if self.connection is None:
            with Rows(self.sandbox) as rows:
                return rows._execute(statement, values)
        cursor = self.connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []

    def tenant(self, domain: str) -> uuid.UUID:
        domain_uuid = uuid.uuid4()
        self.insert("v_domains", domain_uuid=domain_uuid, domain_name=domain, domain_enabled=True)
        return domain_uuid

    def extension(
        self, domain_uuid: uuid.UUID, domain: str, number: str, *, context: str = "", **more: object
    ) -> None:
        self.insert(
            "v_extensions",
            extension_uuid=uuid.uuid4(),
            domain_uuid=domain_uuid,
            extension=number,
            password="Abc123Abc123Abc123Ab",
            user_context=context or domain,
            enabled=True,
            **more,
        )

    def gateway(self, domain_uuid: uuid.UUID, **more: object) -> uuid.UUID:
        gateway_uuid = uuid.uuid4()
        facts: dict[str, object] = {
            "username": "trunk",
            "password": "Secret1234",
            "proxy": "sip.example.net",
            "profile": "external",
            "context": "public",
            "register": True,
            "enabled": True,
        }
        keys = {"gateway_uuid": gateway_uuid, "domain_uuid": domain_uuid}
        self.insert("v_gateways", **keys, **facts | more)
        return gateway_uuid

    def number(
        self,
        domain_uuid: uuid.UUID,
        domain: str,
        number: str,
        extension: str,
        *,
        prefix: str | None = "1",
    ) -> uuid.UUID:
        """An inbound route as FusionPBX's page writes it: destination and public dialplan."""
        plan = uuid.uuid4()
        regex = rf"^\+?{prefix}?({number})$" if prefix else f"^({number})$"
        actions = (
            ("export", "call_direction=inbound", ' inline="true"'),
            ("set", f"domain_uuid={domain_uuid}", ' inline="true"'),
            ("set", f"domain_name={domain}", ' inline="true"'),
            ("transfer", f"{extension} XML {domain}", ""),
        )
        text = route_xml(plan, number, regex, actions)
        self.dialplan(plan, domain_uuid, "public", INBOUND_APP, number, 100, text)
        self.insert(
            "v_destinations",
            destination_uuid=uuid.uuid4(),
            domain_uuid=domain_uuid,
            dialplan_uuid=plan,
            destination_type="inbound",
            destination_prefix=prefix,
            destination_number=number,
            destination_context="public",
            destination_enabled=True,
        )
        return plan

    def outbound(self, domain_uuid: uuid.UUID, domain: str, *bridges: str) -> None:
        """An outbound route for ten digits: the direction's row and the bridge's row."""
        regex = r"^(?:\+1|1)?([2-9]\d{9})$"
        direction, route = uuid.uuid4(), uuid.uuid4()
        outside = '<condition field="${user_exists}" expression="false"/>'
        marked = (("export", "call_direction=outbound", ' inline="true"'),)
        text = route_xml(direction, "call_direction-outbound", regex, marked, outside, "true")
        self.dialplan(direction, domain_uuid, domain, OUTBOUND_APP, "direction", 22, text)
        actions = (
            ("set", "effective_caller_id_number=${outbound_caller_id_number}", ""),
            ("set", "continue_on_fail=1,2,3", ""),
            *(("bridge", bridge, "") for bridge in bridges),
        )
        text = route_xml(route, "nanp", regex, actions, outside)
        self.dialplan(route, domain_uuid, domain, OUTBOUND_APP, "nanp", 100, text)

    def dialplan(
        self,
        plan: uuid.UUID,
        domain_uuid: uuid.UUID,
        context: str,
        app: str,
        name: str,
        order: int,
        text: str,
    ) -> None:
        self.insert(
            "v_dialplans",
            dialplan_uuid=plan,
            domain_uuid=domain_uuid,
            app_uuid=app,
            dialplan_context=context,
            dialplan_name=name,
            dialplan_order=order,
            dialplan_enabled=True,
            dialplan_xml=text,
        )


def route_xml(
    plan: uuid.UUID,
    name: str,
    regex: str,
    actions: tuple[tuple[str, str, str], ...],
    before: str = "",
    continues: str = "false",
) -> str:
    body = "".join(
        f'<action application="{application}" data="{data}"{more}/>'
        for application, data, more in actions
    )
    return (
        f'<extension name="{name}" continue="{continues}" uuid="{plan}">{before}'
        f'<condition field="destination_number" expression="{regex}">{body}</condition></extension>'
    )


def cached(sandbox: SandboxFusionpbx) -> set[str]:
    """The names of the files in the cache."""
    return {path.name for path in sandbox.cache_dir.iterdir()}


def forget(sandbox: SandboxFusionpbx, *names: str) -> None:
    """Delete files of the cache."""
    for name in names:
        Path(sandbox.cache_dir, name).unlink()
