"""Worlds with an order in them, each built once in a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.provisioning.begun import make_approved, make_failed
from tests.stages import Stages
from tests.world import World


@pytest.fixture
def approved(transactional_db: None, stages: Stages) -> Iterator[World]:
    """One order of a PBX, approved; nothing of its run has happened."""
    with stages.at(make_approved) as world:
        yield world


@pytest.fixture
def failed(transactional_db: None, stages: Stages) -> Iterator[World]:
    """The same with a run that made everything, but whose gateway never registers."""
    with stages.at(make_failed) as world:
        yield world
