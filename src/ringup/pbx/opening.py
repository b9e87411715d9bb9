"""From a server's row to a living adapter. The table of adapters is a setting of strings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from ringup.core.failures import OurFault
from ringup.core.outside import outside_call
from ringup.pbx.models import PbxServer
from ringup.pbx.port import Pbx, PbxConnection


def kinds() -> list[tuple[str, str]]:
    """The kinds of PBX that settings name an adapter for, with their names."""
    table = settings.RINGUP_PBXES
    return [(kind, str(import_string(path).label)) for kind, path in table.items()]


@contextmanager
def pbx_for(server: PbxServer, *, seconds: float | None = None) -> Iterator[Pbx]:
    """The PBX behind a server's row, closed at the end. Refuses inside a transaction. Where a person
    waits, ``seconds`` is how long it may take to connect, and how long for each answer."""
    with outside_call(f"PBX {server.name}"):
        try:
            path = settings.RINGUP_PBXES[server.kind]
        except KeyError as error:
            raise OurFault(f"no PBX adapter is called {server.kind!r}") from error
        make = cast("type[_Makes]", import_string(path))
        connection = server.connection()
        if seconds is not None:
            connection = replace(
                connection, connect_timeout_seconds=seconds, statement_timeout_seconds=seconds
            )
        with closing(make(connection)) as pbx:
            yield pbx


class _Makes(Pbx):
    """What every adapter's constructor takes: the connection, nothing else."""

    def __init__(self, connection: PbxConnection) -> None: ...
