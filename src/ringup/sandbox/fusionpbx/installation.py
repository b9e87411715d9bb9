"""One fresh FusionPBX: its database, its directories and its config.conf."""

from __future__ import annotations

import secrets
import threading
import weakref
from dataclasses import dataclass
from pathlib import Path

import psycopg

from ringup.sandbox.fusionpbx import schema, seeds, templates
from ringup.sandbox.fusionpbx.dialects import Dialect
from ringup.sandbox.fusionpbx.xml_handler import XmlHandler
from ringup.sandbox.postgres import PostgresServer

_seeding = threading.Lock()
_seeded: weakref.WeakKeyDictionary[PostgresServer, dict[Kind, str]] = weakref.WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes the contents of two fresh databases equal."""

    dialect: Dialect
    dialplan_mode: str
    template_domain: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where an installation keeps its files, all below one directory."""

    root: Path

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def recordings(self) -> Path:
        return self.root / "recordings"

    @property
    def storage(self) -> Path:
        return self.root / "storage"

    @property
    def voicemail(self) -> Path:
        return self.storage / "voicemail"

    @property
    def config(self) -> Path:
        return self.root / "config.conf"

    def make(self) -> None:
        """The directories that an installed FusionPBX and a started FreeSWITCH have."""
        for directory in (self.cache, self.recordings, self.voicemail / "default"):
            directory.mkdir(parents=True)
            directory.chmod(0o770)


def new_database(
    server: PostgresServer, kind: Kind, values: dict[str, str], *, shared: bool
) -> str:
    """A database with FusionPBX's tables and their first rows. Returns its name on ``server``.

    On a ``shared`` server more are expected: each is a copy of one that is made only once.
    """
    name = f"fusionpbx_{secrets.token_hex(4)}"
    if shared:
        with _seeding:
            server.create_database(name, template=_seed(server, kind))
    else:
        _plant(server.create_database(name), kind)
    with psycopg.connect(server.dsn(name)) as connection:
        seeds.settle(connection, values)
    return name


def write_config(places: Places, dsn: str, *, method: str, port: int, password: str) -> None:
    """FusionPBX's config.conf, with what a program beside it may want to know from it."""
    facts = psycopg.conninfo.conninfo_to_dict(dsn)
    lines = {
        "database.0.type": "pgsql",
        "database.0.host": facts.get("host"),
        "database.0.port": facts.get("port"),
        "database.0.name": facts.get("dbname"),
        "database.0.username": facts.get("user"),
        "database.0.password": facts.get("password"),
        "switch.recordings.dir": places.recordings,
        "switch.storage.dir": places.storage,
        "switch.voicemail.dir": places.voicemail,
        "switch.event_socket.host": "127.0.0.1",
        "switch.event_socket.port": port,
        "switch.event_socket.password": password,
        "cache.method": method,
        "cache.location": places.cache,
    }
    text = "".join(f"{name} = {value}\n" for name, value in lines.items())
    places.config.touch(mode=0o600)
    places.config.write_text(text)


def count_rows(handler: XmlHandler) -> dict[str, dict[str, int]]:
    """Rows by tenant and table; rows of no tenant under ``global``, of a lost one under its uuid.

    On the handler's connection: a new one spends most of its time on getting to know the tables.
    """
    parts = [
        f"SELECT '{table.name}' AS name, t.domain_uuid, count(*) FROM {table.name} t GROUP BY 2"  # noqa: S608 - names of our own
        if table.has_domain
        else f"SELECT '{table.name}', NULL::uuid, count(*) FROM {table.name}"  # noqa: S608 - likewise
        for table in schema.tables(handler.dialect)
    ]
    counts: dict[str, dict[str, int]] = {}
    names = handler.rows("SELECT domain_uuid, domain_name FROM v_domains", {})
    tenants = {row["domain_uuid"]: str(row["domain_name"]) for row in names}
    for row in handler.rows(" UNION ALL ".join(parts), {}):
        domain_uuid, count = row["domain_uuid"], row["count"]
        if count:
            assert isinstance(count, int)
            tenant = tenants.get(domain_uuid, str(domain_uuid)) if domain_uuid else "global"
            counts.setdefault(tenant, {})[str(row["name"])] = count
    return counts


def _seed(server: PostgresServer, kind: Kind) -> str:
    known = _seeded.setdefault(server, {})
    if kind not in known:
        name = f"fusionpbx_seed_{secrets.token_hex(4)}"
        _plant(server.create_database(name), kind)
        known[kind] = name
    return known[kind]


def _plant(dsn: str, kind: Kind) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(schema.create_all(kind.dialect))
        seeds.plant(connection, kind.dialect, dialplan_mode=kind.dialplan_mode)
        templates.add_template_tenant(connection, kind.template_domain, kind.dialect)
