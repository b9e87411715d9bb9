"""A carrier that wants papers, and an order whose client has uploaded all of them."""

from __future__ import annotations

import pytest

from ringup.orders.models import Order
from tests.regulated import Regulated
from tests.world import run_jobs


@pytest.fixture
def order(regulated: Regulated) -> Order:
    """It waits for a review; its plan is made."""
    order = regulated.number_order()
    run_jobs()
    return order
