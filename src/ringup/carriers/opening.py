"""From an account's row to a living adapter. The table of adapters is a setting of strings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import Carrier, CarrierConnection
from ringup.core.failures import OurFault
from ringup.core.outside import require_no_transaction


def adapter_class(kind: str) -> type[Carrier]:
    """The adapter that settings name for ``kind``."""
    try:
        path = settings.RINGUP_CARRIERS[kind]
    except KeyError as error:
        raise OurFault(f"no carrier adapter is called {kind!r}") from error
    return cast("type[Carrier]", import_string(path))


@contextmanager
def carrier_for(account: CarrierAccount) -> Iterator[Carrier]:
    """The carrier behind an account, closed at the end. Refuses inside a transaction."""
    require_no_transaction(f"carrier {account.name}")
    make = cast("type[_Makes]", adapter_class(account.kind))
    carrier = make(account.connection())
    try:
        yield carrier
    finally:
        carrier.close()


class _Makes(Carrier):
    """What every adapter's constructor takes: the connection, nothing else."""

    def __init__(self, connection: CarrierConnection) -> None: ...
