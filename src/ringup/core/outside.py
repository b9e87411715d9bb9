"""The rule that no outside call happens inside a transaction, as a check that cannot be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from ringup.core.turns import out_of_turn


class InsideTransaction(RuntimeError):
    """A port was about to be opened while a transaction of ours was open: a bug of the caller."""


@contextmanager
def outside_call(what: str) -> Iterator[None]:
    """Around everything that waits for somebody else: no transaction of ours is open, and other pages
    of this process go on meanwhile."""
    require_no_transaction(what)
    with out_of_turn():
        yield


def require_no_transaction(what: str) -> None:
    """Raise unless no transaction is open. Under pytest's own wrapping transaction too: use
    ``transaction=True`` in tests that reach a port."""
    if connection.in_atomic_block:
        raise InsideTransaction(f"{what} must not be called inside a transaction")
