"""A carrier that wants papers, and an order whose client has uploaded all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from ringup.orders.models import Order
from tests.regulated import Regulated, regulated_world
from tests.world import World, run_jobs


@pytest.fixture
def regulated(world: World, settings: Settings) -> Iterator[Regulated]:
    settings.RINGUP_SETTLE_SECONDS = 0.3
    settings.RINGUP_RETRY_SECONDS = 0.1
    with regulated_world(world) as regulated:
        regulated.callbacks(on=False)
        yield regulated


@pytest.fixture
def order(regulated: Regulated) -> Order:
    """It waits for a review; its plan is made."""
    order = regulated.number_order()
    run_jobs()
    return order
