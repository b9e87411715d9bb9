"""PostgreSQL's errors in the port's four words. Only texts that cannot quote a value are passed on."""

from __future__ import annotations

import re

import psycopg

from ringup.core.failures import NothingHappened, NotOurs, OurFault, OutcomeUnknown, PortFailure

# Classes whose message names objects and limits but never a row's contents.
_NAMES_ONLY = ("25", "28", "3D", "42", "53", "55", "57", "58")
_PASSING = ("08", "40", "53", "55", "57", "58")
_UNIQUE = "23505"
_NO_TABLE = "42P01"
# What libpq, psycopg and PostgreSQL say when a connection fails (there is no SQLSTATE then), and what
# it means to staff. A server in another language falls through to the general sentence.
_WRONG_ADDRESS = (
    (
        r"authentication failed|no password supplied",
        "authentication failed. Check user and password",
    ),
    (r'database ".*" does not exist', "it has no database of this name. Check the name at the end"),
    (r'role ".*" does not exist', "it knows no such user. Check the user"),
    (r"is not permitted to log in", "this user may not log in. Take a role with LOGIN"),
)
_NOT_LET_IN = re.compile(r'no pg_hba.conf entry for host "([0-9a-fA-F.:]+)"')
_AWAY = (
    (r"resolve host|translate host name", "no machine has its host name. Check the host"),
    (
        r"[Cc]onnection refused",
        "nothing listens at its host and port. Check both, and PostgreSQL's listen_addresses",
    ),
    (
        r"[Tt]imeout|timed out",
        "no answer in time. A firewall may drop the packets: check host and port",
    ),
    (
        r"No such file or directory",
        "there is no socket of PostgreSQL on this machine. Name its host",
    ),
    (r"SSL|certificate", "the two do not agree about TLS. Check sslmode and the certificate"),
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
    if found := _NOT_LET_IN.search(text):
        return OurFault(
            "the PBX's database refused the connection: its pg_hba.conf does not let us in. Add our "
            f"address {found[1]} there"
        )
    for pattern, words in _WRONG_ADDRESS:
        if re.search(pattern, text):
            return OurFault(
                f"the PBX's database refused the connection: {words} in its address (DSN)"
            )
    for pattern, words in _AWAY:
        if re.search(pattern, text):
            return NothingHappened(f"the PBX's database cannot be reached: {words}")
    return NothingHappened("the PBX's database cannot be reached")


def _told(error: psycopg.Error, state: str) -> str:
    if state.startswith(_NAMES_ONLY) and error.diag.message_primary:
        return f": {error.diag.message_primary}"
    place = ".".join(part for part in (error.diag.table_name, error.diag.column_name) if part)
    return f" at {place}" if place else ""
