"""The rule that no outside call happens inside a transaction, as a check that cannot be forgotten."""

from __future__ import annotations

from django.db import connection


class InsideTransaction(RuntimeError):
    """A port was about to be opened while a transaction of ours was open: a bug of the caller."""


def require_no_transaction(what: str) -> None:
    """Raise unless no transaction is open. Under pytest's own wrapping transaction too: use
    ``transaction=True`` in tests that reach a port."""
    if connection.in_atomic_block:
        raise InsideTransaction(f"{what} must not be called inside a transaction")
