"""A fresh DIDWW sandbox for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringup.carriers.didww.adapter import Didww
from tests.carriers.didww.didww_world import DidwwWorld, didww_world


@pytest.fixture
def world() -> Iterator[DidwwWorld]:
    with didww_world() as world:
        yield world


@pytest.fixture
def carrier(world: DidwwWorld) -> Iterator[Didww]:
    with world.adapter() as carrier:
        yield carrier
