"""A FusionPBX sandbox for every test, on one PostgreSQL for all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringup.pbx.fusionpbx.adapter import FusionPbx
from ringup.sandbox.postgres import PostgresServer
from tests.pbx.fusionpbx.fresh_worlds import FreshWorlds
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld, fusionpbx_world


@pytest.fixture(scope="session")
def worlds(pbx_postgres: PostgresServer) -> Iterator[FreshWorlds]:
    worlds = FreshWorlds(pbx_postgres)
    yield worlds
    worlds.close()


@pytest.fixture
def world(worlds: FreshWorlds, request: pytest.FixtureRequest) -> FusionpbxWorld:
    """FusionPBX 5.5 as freshly installed; prepared where the test asks for the adapter ``pbx``."""
    return worlds.fresh(prepared="pbx" in request.fixturenames)


@pytest.fixture
def own_world(pbx_postgres: PostgresServer) -> Iterator[FusionpbxWorld]:
    """One whose tables a test may spoil."""
    with fusionpbx_world(pbx_postgres) as world:
        yield world


@pytest.fixture
def pbx(world: FusionpbxWorld) -> Iterator[FusionPbx]:
    """An adapter on a prepared server."""
    with world.adapter() as pbx:
        yield pbx
