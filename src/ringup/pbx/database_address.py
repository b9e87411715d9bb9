"""The address of a PBX's database (libpq's DSN), read without showing its password. No Django here."""

from __future__ import annotations

import ipaddress
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

HIDDEN = "••••"


class NotAnAddress(ValueError):
    """This text is no address of a PostgreSQL database. The message says what to type."""


def check_address(dsn: str) -> None:
    """``NotAnAddress`` unless it names a database, and ports are ports. Never quotes it."""
    parts = _parts(dsn)
    if not parts.get("dbname"):
        raise NotAnAddress(
            "Name the database, for example postgresql://fusionpbx:password@127.0.0.1/fusionpbx."
        )
    ports = str(parts.get("port") or "5432").split(",")
    if not all(port.isascii() and port.isdigit() and 0 < int(port) < 65536 for port in ports):
        raise NotAnAddress("The port of the database is a number from 1 to 65535.")


def masked(dsn: str) -> str:
    """``postgresql://fusionpbx:••••@host/db``: where it leads, and no secret of it."""
    if not dsn:
        return ""
    try:
        parts = _parts(dsn)
    except NotAnAddress:
        return HIDDEN
    user, host = str(parts.get("user") or ""), str(parts.get("host") or "")
    if parts.get("password"):
        user = f"{user}:{HIDDEN}"
    who = f"{user}@" if user else ""
    port = f":{parts['port']}" if parts.get("port") else ""
    where = quote(host, safe=",") if host.startswith("/") else _bracketed(host)
    return f"postgresql://{who}{where}{port}/{parts.get('dbname') or ''}"


def _parts(dsn: str) -> dict[str, object]:
    try:
        if "\x00" in dsn:
            raise ValueError  # the C library would stop reading there
        return dict(conninfo_to_dict(dsn))
    except (psycopg.Error, ValueError):
        # The driver's text quotes pieces of the address.
        problem = NotAnAddress(
            "This cannot be read. Type an address such as "
            "postgresql://fusionpbx:password@127.0.0.1/fusionpbx; signs like @ or / in the password "
            "are written %40 and %2F."
        )
    raise problem


def _bracketed(host: str) -> str:
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host
