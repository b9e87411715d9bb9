"""Advisory locks on the PBX's database: one per tenant, one for all names and numbers."""

from __future__ import annotations

import hashlib
import uuid

from psycopg.sql import SQL

from ringup.pbx.fusionpbx.database import Database

_NAMES = "ringup/names"
_PREPARING = "ringup/preparing"
_LOCK = SQL("SELECT pg_advisory_xact_lock(%(lock)s)")


def lock_tenant(database: Database, tenant: uuid.UUID) -> None:
    """Wait until no other transaction of ours works on this tenant. Ends with the transaction."""
    database.rows(_LOCK, {"lock": _number(f"ringup/tenant/{tenant}")})


def lock_names(database: Database) -> None:
    """Wait until no other transaction of ours gives out domain names or numbers.

    Taken after the tenant's lock, always, so that two transactions cannot wait for each other.
    """
    database.rows(_LOCK, {"lock": _number(_NAMES)})


def lock_server(database: Database) -> None:
    """Wait until no other transaction of ours prepares the server."""
    database.rows(_LOCK, {"lock": _number(_PREPARING)})


def _number(name: str) -> int:
    # Computed here and not by the server, whose hash functions differ between versions.
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
