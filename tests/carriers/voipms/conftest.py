"""A fresh VoIP.ms sandbox for every test, with its loose types switched on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.carriers.voipms.voipms_world import VoipmsWorld, voipms_world

from ringup.carriers.voipms.adapter import VoipMs


@pytest.fixture
def world() -> Iterator[VoipmsWorld]:
    with voipms_world() as world:
        yield world


@pytest.fixture
def carrier(world: VoipmsWorld) -> Iterator[VoipMs]:
    with world.adapter() as carrier:
        yield carrier
