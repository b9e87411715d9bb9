"""Worlds that many tests begin with: each is built once in a process, and brought back after.

What is brought back is the database, the PBX and the carrier, all three. The carrier is a new server
each time, so that an answer which a test did not wait for changes nothing in the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy, deepcopy
from dataclasses import replace
from typing import Any

from django.core.management import call_command

from ringup.carriers.models import CarrierAccount
from ringup.pbx.models import PbxServer
from ringup.sandbox.fusionpbx import running_fusionpbx
from ringup.sandbox.postgres import PostgresServer
from ringup.sandbox.voipms import Setup, VoipmsSandbox, running_voipms
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
        self._setup = Setup()
        self._fusionpbx = stack.enter_context(running_fusionpbx(postgres=postgres))
        with running_voipms(setup=self._setup) as voipms:
            self._world = build(Peers(voipms, self._fusionpbx))
            self._carrier = _facts(voipms)
        self._rows = KeptRows()
        self._pbx = KeptPbx(self._fusionpbx)
        stack.callback(self._pbx.close)
        # From here on the first test is like all others.
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)

    @contextmanager
    def again(self) -> Iterator[World]:
        self._pbx.bring_back()
        self._rows.bring_back()
        with running_voipms(setup=self._setup) as voipms:
            vars(voipms.state).update(_copied(self._carrier))
            CarrierAccount.objects.filter(pk=self._world.account.pk).update(url=voipms.url)
            yield replace(
                self._world,
                peers=Peers(voipms, self._fusionpbx),
                account=CarrierAccount.objects.get(pk=self._world.account.pk),
                server=PbxServer.objects.get(pk=self._world.server.pk),
                bundle=type(self._world.bundle).objects.get(pk=self._world.bundle.pk),
                number=type(self._world.number).objects.get(pk=self._world.number.pk),
            )


def _facts(voipms: VoipmsSandbox) -> dict[str, Any]:
    """What the carrier knows, without the lock on it."""
    with voipms.state.lock:
        return {name: value for name, value in vars(voipms.state).items() if name != "lock"}


def _copied(facts: dict[str, Any]) -> dict[str, Any]:
    # Of thousands of numbers on sale none is ever changed: they are taken and put.
    stock = copy(facts["stock"])
    stock.numbers, stock.sold = stock.numbers.copy(), stock.sold.copy()
    return deepcopy(facts | {"stock": None}) | {"stock": stock}
