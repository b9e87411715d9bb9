"""A carrier that wants papers, and an order whose client has uploaded all of them."""

from __future__ import annotations

import pytest

from ringup.orders.models import Order
from tests.regulated import Regulated


@pytest.fixture
def regulated(ordered: Regulated) -> Regulated:
    return ordered


@pytest.fixture
def order(regulated: Regulated) -> Order:
    """It waits for a review; its plan is made."""
    return Order.objects.get()
