"""Sandboxes that are made fresh again between tests, which is ten times faster than new ones.

A test that changes tables or roles, and not only rows, starts a sandbox of its own instead.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack

from ringup.sandbox.fusionpbx import ANY, Options
from ringup.sandbox.postgres import PostgresServer
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld, fusionpbx_world
from tests.pristine import Pristine


class FreshWorlds:
    """One sandbox for each kind that is asked for, kept until the end of the test session."""

    def __init__(self, postgres: PostgresServer) -> None:
        self._postgres = postgres
        self._stack = ExitStack()
        self._worlds: dict[str, tuple[FusionpbxWorld, Pristine]] = {}

    def close(self) -> None:
        self._stack.close()

    def fresh(self, options: Options | None = None, *, prepared: bool = False) -> FusionpbxWorld:
        """A sandbox as if it had just been started, or just been prepared by us."""
        options = options or Options()
        kind = f"{options} {prepared}"
        if kind not in self._worlds:
            world = self._stack.enter_context(fusionpbx_world(self._postgres, options))
            if prepared:
                with world.adapter() as pbx:
                    pbx.prepare()
            pristine = Pristine(world.sandbox.dsn)
            self._stack.callback(pristine.close)
            self._worlds[kind] = (world, pristine)
        else:
            _reset(*self._worlds[kind])
        return self._worlds[kind][0]


def _reset(world: FusionpbxWorld, pristine: Pristine) -> None:
    sandbox = world.sandbox
    sandbox.faults.clear()
    sandbox.registrar = ANY
    pristine.bring_back()
    for root in (sandbox.recordings_dir, sandbox.voicemail_dir / "default", sandbox.cache_dir):
        for path in root.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    sandbox.api.execute("memcache flush")
    for gateway in sandbox.switch.gateways():
        sandbox.switch.kill_gateway(gateway.profile, gateway.name)
    sandbox.switch.reload_acl()
    sandbox.forget_commands()
