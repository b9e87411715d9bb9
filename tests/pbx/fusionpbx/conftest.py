"""A fresh FusionPBX sandbox for every test, on one PostgreSQL for all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringup.pbx.fusionpbx.adapter import FusionPbx
from ringup.sandbox.postgres import PostgresServer
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld, fusionpbx_world


@pytest.fixture
def world(pbx_postgres: PostgresServer) -> Iterator[FusionpbxWorld]:
    with fusionpbx_world(pbx_postgres) as world:
        yield world


@pytest.fixture
def pbx(world: FusionpbxWorld) -> Iterator[FusionPbx]:
    """An adapter on a prepared server."""
    with world.adapter() as pbx:
        pbx.prepare()
        yield pbx
