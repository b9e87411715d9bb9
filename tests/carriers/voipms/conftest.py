"""A fresh VoIP.ms sandbox for every test, with its loose types switched on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringup.carriers.voipms.adapter import VoipMs
from tests.carriers.voipms.voipms_world import VoipmsWorld, voipms_world


@pytest.fixture
def world() -> Iterator[VoipmsWorld]:
    with voipms_world() as world:
        yield world


@pytest.fixture
def carrier(world: VoipmsWorld) -> Iterator[VoipMs]:
    with world.adapter() as carrier:
        yield carrier
