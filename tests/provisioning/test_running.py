"""Orders carried out to the end, on both sandboxes, by the product's own jobs."""

from __future__ import annotations

import pytest

from ringup.core.sentences import Refusal
from ringup.flows import checking_out
from ringup.mail.models import Outbox
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.blueprint import steps_for
from ringup.provisioning.models import Run
from ringup.provisioning.planning import remaining
from ringup.provisioning.site import Site
from ringup.services.models import Service
from tests.provisioning.outside import Outside
from tests.world import COMPANY, World, approve, make_client, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_pbx_order_becomes_a_working_tenant(world: World) -> None:
    order = world.pbx_order()
    approve(order)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    order.refresh_from_db()
    assert order.state == Order.State.COMPLETED
    outside = Outside(world)
    number = OwnedNumber.objects.get()
    assert outside.numbers() == {number.e164: str(number.uid)}
    assert outside.purchases() == 1
    assert len(outside.sub_accounts()) == 1
    assert outside.who_answers(number.e164) == "user/1001@karoofreight.pbx.ringup.example"
    assert {step.state for step in run.steps.all()} == {"done"}
    welcome = Outbox.objects.get(template="welcome-tenant")
    assert welcome.to == COMPANY["email"]


def test_an_empty_plan_after_the_run_means_nothing_is_left(world: World) -> None:
    order = world.pbx_order()
    approve(order)
    run_to_the_end(order)
    service = Service.objects.get(line__order=order)
    with Site(service) as site:
        assert remaining(steps_for(service, site)) == []


@pytest.mark.parametrize(
    ("goal", "value"),
    [("telephone", "+14165550177"), ("sip-uri", "desk@sip.example.com"), ("sip-account", "")],
)
def test_a_plain_number_reaches_its_goal(world: World, goal: str, value: str) -> None:
    draft = world.number_draft(goal=goal, value=value)
    order = checking_out.submit(draft)
    approve(order)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    outside, number = Outside(world), OwnedNumber.objects.get()
    assert outside.numbers() == {number.e164: str(number.uid)}
    assert (
        outside.routing_kind(number.e164)
        == {
            "telephone": "fwd",
            "sip-uri": "sip",
            "sip-account": "account",
        }[goal]
    )


def test_a_number_joins_a_living_tenant_and_undo_would_take_only_that(world: World) -> None:
    first = world.pbx_order()
    approve(first)
    run_to_the_end(first)
    tenant = Service.objects.get(kind="tenant")
    before = Outside(world).pbx_rows()
    draft = world.number_draft(
        goal="extension", value="1003", client=tenant.client, tenant=str(tenant.uid)
    )
    second = checking_out.submit(draft)
    approve(second)
    run = run_to_the_end(second)
    assert run.state == Run.State.DONE, run.problem
    added = Service.objects.get(line__order=second)
    assert added.number is not None
    assert Outside(world).who_answers(added.number.e164) == f"user/1003@{tenant.name}"
    assert Outside(world).pbx_rows() != before


def test_a_stranger_s_tenant_is_no_goal(world: World) -> None:
    first = world.pbx_order()
    approve(first)
    run_to_the_end(first)
    tenant = Service.objects.get(kind="tenant")
    draft = world.number_draft(
        goal="extension", value="1003", client=make_client("Other"), tenant=str(tenant.uid)
    )
    with pytest.raises(Refusal, match="your own running PBXes"):
        checking_out.submit(draft)
