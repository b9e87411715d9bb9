"""Numbers that need papers, from the order to the dial tone, over real sockets: one staff click."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from ringup.mail.models import Outbox
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from tests.regulated import (
    Regulated,
    let_time_pass,
    regulated_world,
    run_until,
    run_until_waiting,
)
from tests.world import World, approve, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def regulated(world: World, settings: Settings) -> Iterator[Regulated]:
    settings.RINGUP_SETTLE_SECONDS = 0.3
    with regulated_world(world) as regulated:
        yield regulated


def test_one(regulated: Regulated) -> None:
    regulated.callbacks(on=False)
    order = regulated.number_order()
    approve(order)
    run_until_waiting(order)
    regulated.decide(approved=True)
    let_time_pass()
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
