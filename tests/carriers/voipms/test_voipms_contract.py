"""The carriers' contract, kept by the VoIP.ms adapter over a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.carriers.contract import CarrierContract
from tests.carriers.voipms.voipms_world import VoipmsWorld, voipms_world

pytestmark = pytest.mark.once


class TestVoipMs(CarrierContract):
    """With the loose types that the real service is known for."""


class TestVoipMsAsDocumented(CarrierContract):
    """With the types of the documentation: text and lists throughout."""

    @pytest.fixture
    def world(self) -> Iterator[VoipmsWorld]:
        with voipms_world(drift=False) as world:
            yield world
