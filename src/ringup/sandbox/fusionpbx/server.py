"""A whole FusionPBX sandbox: database, files, event socket, control; started and taken down."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from ringup.sandbox.fusionpbx import dialplans
from ringup.sandbox.fusionpbx.cache import Cache, FileCache, MemoryCache
from ringup.sandbox.fusionpbx.calls import Call, Caller
from ringup.sandbox.fusionpbx.commands import Commands
from ringup.sandbox.fusionpbx.control import controls
from ringup.sandbox.fusionpbx.dialects import Dialect, dialect
from ringup.sandbox.fusionpbx.event_socket import CommandLog, SentCommand, event_socket
from ringup.sandbox.fusionpbx.faults import Faults
from ringup.sandbox.fusionpbx.installation import (
    Kind,
    Places,
    count_rows,
    new_database,
    write_config,
)
from ringup.sandbox.fusionpbx.switch import ANY, Registrar, Switch
from ringup.sandbox.fusionpbx.xml_handler import XmlHandler
from ringup.sandbox.listening import listening
from ringup.sandbox.postgres import PostgresServer, running_postgres
from ringup.sandbox.scratch import Scratch

TEMPLATE_DOMAIN = "template.ringup.example"
HOSTNAME = "sandbox-pbx"


@dataclass(frozen=True, slots=True)
class Options:
    """What to start. ``dialplan_mode`` empty: the mode of a fresh installation of that version."""

    version: str = "5.5"
    dialplan_mode: str = ""
    template_domain: str = TEMPLATE_DOMAIN
    cache_method: str = "file"
    hostname: str = HOSTNAME
    event_socket_port: int = 0
    control_port: int = 0
    registrar: Registrar = ANY


@dataclass(frozen=True, slots=True)
class EventSocket:
    """Where the event socket listens, and its password."""

    host: str
    port: int
    password: str = field(repr=False)


class SandboxFusionpbx:
    """A running sandbox. Attributes are what a client needs; methods look behind the scenes."""

    def __init__(self, dsn: str, places: Places, options: Options, server: PostgresServer) -> None:
        self.dsn = dsn
        self.postgres = server
        self.dialect: Dialect = dialect(options.version)
        self.hostname = options.hostname
        self.template_domain = options.template_domain
        self.cache_dir: Path = places.cache
        self.recordings_dir: Path = places.recordings
        self.voicemail_dir: Path = places.voicemail
        self.config_file: Path = places.config
        self.event_socket = EventSocket("127.0.0.1", 0, "")
        self.control = ""
        self.faults = Faults()
        self.log = CommandLog()
        self.cache: Cache = (
            MemoryCache() if options.cache_method == "memcache" else FileCache(places.cache)
        )
        handler = XmlHandler(dsn, self.cache, options.hostname, self.dialect)
        self.switch = Switch(handler, options.registrar)
        self._caller = Caller(self.switch)
        self.api = Commands(self.switch, self._caller)

    @property
    def registrar(self) -> Registrar:
        """How the world answers the gateways' registrations; may be set at any time."""
        return self.switch.registrar

    @registrar.setter
    def registrar(self, registrar: Registrar) -> None:
        self.switch.registrar = registrar

    def commands(self) -> list[SentCommand]:
        """Every command that came over the event socket."""
        return self.log.commands()

    def command_texts(self) -> list[str]:
        """The first lines of these commands, without ``auth`` and ``exit``."""
        return [one.text for one in self.log.commands() if one.text not in ("auth", "exit")]

    def forget_commands(self) -> None:
        self.log.clear()

    def gateways(self) -> list[dict[str, object]]:
        """The loaded gateways: name (uuid), profile, state, up, parameters without password."""
        found: list[dict[str, object]] = []
        for gateway in self.switch.gateways():
            state, up = self.switch.state(gateway)
            parameters = {k: v for k, v in gateway.parameters.items() if k != "password"}
            facts = {"name": gateway.name, "profile": gateway.profile, "state": state, "up": up}
            found.append(facts | {"parameters": parameters})
        return found

    def directory(self, extension: str, domain: str) -> dict[str, str] | None:
        """The SIP account that the switch sees (parameters and variables), or None."""
        return self._caller.account(extension, domain)

    def lookup_inbound(self, number: str, *, source: str | None = None) -> Call:
        """Who answers when a carrier calls ``number`` (from ``source``)? Uses and fills the cache."""
        return self._caller.inbound(number, source=source)

    def lookup_outbound(self, domain: str, number: str, *, extension: str | None = None) -> Call:
        """Where a call of tenant ``domain`` to ``number`` goes. Uses and fills the cache."""
        return self._caller.outbound(domain, number, extension=extension)

    def state(self) -> dict[str, dict[str, int]]:
        """Rows by tenant and table."""
        return count_rows(self.switch.handler)

    def regenerated_xml(self, dialplan_uuid: object) -> str:
        """The XML that FusionPBX's editor would make of a dialplan's detail rows on saving it."""
        sql = """
          SELECT p.dialplan_name, p.dialplan_uuid, p.dialplan_continue::text,
                 p.dialplan_context, p.domain_uuid, d.domain_name
          FROM v_dialplans p LEFT JOIN v_domains d USING (domain_uuid) WHERE p.dialplan_uuid = %s
        """
        details = """
          SELECT dialplan_detail_tag, dialplan_detail_type, dialplan_detail_data,
                 coalesce(dialplan_detail_group, 0)::int, coalesce(dialplan_detail_order, 0)::int,
                 dialplan_detail_break, dialplan_detail_inline,
                 coalesce(dialplan_detail_enabled, true)
          FROM v_dialplan_details WHERE dialplan_uuid = %s
        """
        with psycopg.connect(self.dsn) as connection:
            row = connection.execute(sql, [dialplan_uuid]).fetchone()
            rows = connection.execute(details, [dialplan_uuid]).fetchall()
        if row is None:
            raise LookupError(f"there is no dialplan {dialplan_uuid}")
        name, uuid, continues, context, domain_uuid, domain = row
        word = self.dialect.continue_word(None if continues is None else continues == "true")
        public = dialplans.inbound_first(domain_uuid and str(domain_uuid), domain)
        first = public if context == dialplans.PUBLIC else []
        return dialplans.xml(
            name, str(uuid), word, (dialplans.Detail(*r) for r in rows), first=first
        )

    def facts(self) -> dict[str, object]:
        """What is announced to whoever started the sandbox."""
        socket = self.event_socket
        return {
            "dsn": self.dsn,
            "event_socket": {
                "host": socket.host,
                "port": socket.port,
                "password": socket.password,
            },
            "cache_dir": str(self.cache_dir),
            "recordings_dir": str(self.recordings_dir),
            "voicemail_dir": str(self.voicemail_dir),
            "config_file": str(self.config_file),
            "hostname": self.hostname,
            "template_domain": self.template_domain,
            "version": self.dialect.version,
            "control": self.control,
        }


@contextmanager
def running_fusionpbx(
    options: Options | None = None, *, postgres: PostgresServer | None = None
) -> Iterator[SandboxFusionpbx]:
    """A fresh FusionPBX; at the end nothing of it is left.

    ``postgres`` is a running server to put its database on (many tests may share one, then a
    sandbox starts in a tenth of a second); without it one is started.
    """
    options = options or Options()
    kind_of = dialect(options.version)
    mode = options.dialplan_mode or kind_of.dialplan_mode
    with ExitStack() as stack:
        server = postgres or stack.enter_context(running_postgres(user="fusionpbx"))
        scratch = Scratch("fusionpbx")
        stack.callback(scratch.close)
        places = Places(scratch.path)
        places.make()
        kind = Kind(kind_of, mode, options.template_domain)
        values = _values(places, options)
        name = new_database(server, kind, values, shared=postgres is not None)
        stack.callback(server.drop_database, name)
        sandbox = SandboxFusionpbx(server.dsn(name), places, options, server)
        stack.callback(sandbox.switch.handler.close)
        sandbox.switch.start()
        password = secrets.token_hex(12)
        port = stack.enter_context(
            event_socket(
                sandbox.api,
                sandbox.faults,
                sandbox.log,
                password=password,
                port=options.event_socket_port,
            )
        )
        sandbox.event_socket = EventSocket("127.0.0.1", port, password)
        method = options.cache_method
        write_config(places, sandbox.dsn, method=method, port=port, password=password)
        sandbox.control = stack.enter_context(
            listening(controls(sandbox), port=options.control_port)
        )
        yield sandbox


def _values(places: Places, options: Options) -> dict[str, str]:
    return {
        "cache_method": options.cache_method,
        "cache_dir": str(places.cache),
        "recordings_dir": str(places.recordings),
        "storage_dir": str(places.storage),
        "voicemail_dir": str(places.voicemail),
    }
