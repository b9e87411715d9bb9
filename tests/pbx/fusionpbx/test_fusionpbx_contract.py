"""The FusionPBX adapter keeps the contract of the PBX port, on 5.5 and on 5.4."""

from __future__ import annotations

import pytest

from ringup.sandbox.fusionpbx import Options
from tests.pbx.contract import PbxContract
from tests.pbx.fusionpbx.fresh_worlds import FreshWorlds
from tests.pbx.fusionpbx.fusionpbx_world import FusionpbxWorld

pytestmark = pytest.mark.once


class TestFusionPbx(PbxContract):
    """5.5: real booleans, inbound numbers looked up one by one."""


class TestFusionPbxWithTextBooleans(PbxContract):
    """5.4: 'true' and 'false' as text, inbound dialplans all together."""

    @pytest.fixture
    def world(self, worlds: FreshWorlds, request: pytest.FixtureRequest) -> FusionpbxWorld:
        return worlds.fresh(Options(version="5.4"), prepared="pbx" in request.fixturenames)
