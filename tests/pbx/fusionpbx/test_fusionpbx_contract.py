"""The FusionPBX adapter keeps the contract of the PBX port, on 5.5 and on 5.4."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringup.sandbox.fusionpbx import Options
from ringup.sandbox.postgres import PostgresServer
from tests.pbx.contract import PbxContract
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld, fusionpbx_world

pytestmark = pytest.mark.once


class TestFusionPbx(PbxContract):
    """5.5: real booleans, inbound numbers looked up one by one."""


class TestFusionPbxWithTextBooleans(PbxContract):
    """5.4: 'true' and 'false' as text, inbound dialplans all together."""

    @pytest.fixture
    def world(self, pbx_postgres: PostgresServer) -> Iterator[FusionpbxWorld]:
        with fusionpbx_world(pbx_postgres, Options(version="5.4")) as world:
            yield world
