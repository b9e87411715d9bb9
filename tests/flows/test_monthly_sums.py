"""The health check of what is added up beside the quotes."""

from __future__ import annotations

import pytest

from ringup.flows.health.findings import State
from ringup.flows.health.selling import sums
from ringup.orders.models import OrderLine
from tests.factories import make_pbx_order, make_shop
from tests.world import make_client


@pytest.mark.django_db
def test_a_sum_that_the_quote_does_not_say_is_found() -> None:
    order = make_pbx_order(make_shop(), make_client("Acme"))
    assert sums().state == State.OK
    OrderLine.objects.update(monthly_micros=1)
    assert sums().state == State.WARNING
    assert order.label in sums().sentence
