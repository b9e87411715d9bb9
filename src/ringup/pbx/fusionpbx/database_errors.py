"""PostgreSQL's errors in the port's four words. Only texts that cannot quote a value are passed on."""

from __future__ import annotations

import psycopg

from ringup.core.failures import NothingHappened, NotOurs, OurFault, OutcomeUnknown, PortFailure

# Classes whose message names objects and limits but never a row's contents.
_NAMES_ONLY = ("25", "28", "3D", "42", "53", "55", "57", "58")
_PASSING = ("08", "40", "53", "55", "57", "58")
_UNIQUE = "23505"
_NO_TABLE = "42P01"
_WRONG_ADDRESS = (
    "authentication failed",
    "does not exist",
    "no pg_hba.conf entry",
    "is not permitted to log in",
    "could not translate host name",
    "no password supplied",
)


def before_commit(error: psycopg.Error) -> PortFailure:
    """What an error inside a transaction means: the server has rolled it back, or will."""
    state = error.sqlstate or ""
    table = error.diag.table_name or ""
    if not state:
        return NothingHappened("the connection to the PBX's database was lost")
    if state == _UNIQUE:
        return NotOurs(f"{table} already holds a row under an identifier of ours")
    if state == _NO_TABLE and "ringup.change" in (error.diag.message_primary or ""):
        return OurFault(
            "this PBX is not prepared: there is no table ringup.change. Prepare it first"
        )
    text = f"the PBX's database said {state}{_told(error, state)}"
    if state.startswith(_PASSING):
        return NothingHappened(text)
    return OurFault(text)


def of_commit(error: psycopg.Error, *, broken: bool) -> PortFailure:
    """What an error of COMMIT itself means."""
    state = error.sqlstate or ""
    if broken or not state or state.startswith(("08", "57")):
        return OutcomeUnknown("the connection to the PBX's database was lost around COMMIT")
    return before_commit(error)


def of_connecting(error: psycopg.Error) -> PortFailure:
    """What a failed connection means. libpq's text can quote the address, so it stays inside."""
    if isinstance(error, psycopg.ProgrammingError):
        return OurFault("the PBX's database address (DSN) cannot be read")
    text = str(error)
    for words in _WRONG_ADDRESS:
        if words in text:
            return OurFault(f"the PBX's database refused the connection: {words}")
    return NothingHappened("the PBX's database cannot be reached")


def _told(error: psycopg.Error, state: str) -> str:
    if state.startswith(_NAMES_ONLY) and error.diag.message_primary:
        return f": {error.diag.message_primary}"
    place = ".".join(part for part in (error.diag.table_name, error.diag.column_name) if part)
    return f" at {place}" if place else ""
