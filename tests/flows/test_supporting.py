"""The support package: what happened, and nobody's address."""

from __future__ import annotations

import pytest

from ringup.flows.orders.supporting import support_package
from tests.world import World, approve, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_support_package_tells_every_step_and_no_e_mail_address(world: World) -> None:
    order = world.pbx_order()
    approve(order)
    run = run_to_the_end(order)
    text = support_package(order)
    assert all(f"{step.position + 1}. [done]" in text for step in run.steps.all())
    assert "Mail …@karoo.example how to begin" in text
    assert order.client.email not in text
