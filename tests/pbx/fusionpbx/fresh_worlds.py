"""Sandboxes that are made fresh again between tests, which is ten times faster than new ones.

A test that changes tables or roles, and not only rows, starts a sandbox of its own instead.
"""

from __future__ import annotations

from contextlib import ExitStack

from ringup.sandbox.fusionpbx import Options
from ringup.sandbox.postgres import PostgresServer
from tests.kept_pbx import KeptPbx
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld, fusionpbx_world


class FreshWorlds:
    """One sandbox for each kind that is asked for, kept until the end of the test session."""

    def __init__(self, postgres: PostgresServer) -> None:
        self._postgres = postgres
        self._stack = ExitStack()
        self._worlds: dict[str, tuple[FusionpbxWorld, KeptPbx]] = {}

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
            kept = KeptPbx(world.sandbox)
            self._stack.callback(kept.close)
            self._worlds[kind] = (world, kept)
        world, kept = self._worlds[kind]
        kept.bring_back()
        return world
