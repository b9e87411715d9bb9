"""Worlds that many tests begin with: each is built once in a process, and brought back after.

What is brought back is the database, the PBX and the carrier, all three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import replace

from ringup.catalog.models import Bundle, Product
from ringup.pbx.models import PbxServer
from ringup.sandbox.fusionpbx import running_fusionpbx
from ringup.sandbox.postgres import PostgresServer
from ringup.sandbox.voipms import running_voipms
from tests.emptying import empty
from tests.kept_carrier import KeptCarrier
from tests.kept_pbx import KeptPbx
from tests.kept_rows import KeptRows
from tests.world import Peers, World

Builder = Callable[[Peers], World]


class Stages:
    """The stages of a test process, by the function that builds each."""

    def __init__(self, postgres: PostgresServer) -> None:
        self._postgres = postgres
        self._stack = ExitStack()
        self._stages: dict[Builder, _Stage] = {}

    def close(self) -> None:
        self._stack.close()

    @contextmanager
    def at(self, build: Builder) -> Iterator[World]:
        """The world that ``build`` makes of an empty database and fresh peers."""
        if build not in self._stages:
            self._stages[build] = _Stage(self._postgres, build, self._stack)
        with self._stages[build].again() as world:
            yield world


class _Stage:
    def __init__(self, postgres: PostgresServer, build: Builder, stack: ExitStack) -> None:
        self._fusionpbx = stack.enter_context(running_fusionpbx(postgres=postgres))
        with running_voipms() as voipms:
            world = build(Peers(voipms, self._fusionpbx))
            self._carrier = KeptCarrier(voipms, world.account)
        self._world = replace(
            world,
            server=PbxServer.objects.get(pk=world.server.pk),
            bundle=Bundle.objects.get(pk=world.bundle.pk),
            number=Product.objects.get(pk=world.number.pk),
        )
        self._rows = KeptRows()
        self._pbx = KeptPbx(self._fusionpbx)
        stack.callback(self._pbx.close)
        # From here on the first test is like all others.
        empty()

    @contextmanager
    def again(self) -> Iterator[World]:
        self._pbx.bring_back()
        self._rows.bring_back()
        with self._carrier.again() as (voipms, account):
            yield replace(
                self._world,
                peers=Peers(voipms, self._fusionpbx),
                account=account,
                server=deepcopy(self._world.server),
                bundle=deepcopy(self._world.bundle),
                number=deepcopy(self._world.number),
            )
