"""Numbers of the reseller's own stock, from the order to the telephone and back on the shelf: they are
adopted and never bought, and no undo gives them back to the carrier."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from pytest_django import Settings

from ringup.core.actors import Actor
from ringup.core.failures import NumberGone
from ringup.core.money import Money
from ringup.flows.checkout import checking_out, drafting
from ringup.flows.orders import approving, cancelling, renumbering
from ringup.numbers import own_stock
from ringup.numbers.models import OwnedNumber, OwnStock
from ringup.orders.models import Order
from ringup.provisioning.blueprint import main_number
from ringup.provisioning.models import Change, Run
from ringup.provisioning.site import Site
from ringup.provisioning.steps.number_adoption import NumberAdoption
from ringup.sandbox.fusionpbx import ANY, NEVER
from ringup.sandbox.voipms.ordering import own
from ringup.services.models import Service
from tests.provisioning.dying import die_at
from tests.provisioning.outside import Outside
from tests.world import ADMINISTRATOR, COMPANY, PASSWORD, SAM, World, approve, run_jobs
from tests.world import run_to_the_end as run_on

pytestmark = pytest.mark.django_db(transaction=True)
MAYA = Actor("staff:9", "Maya")
SHELF = "+12125550147"
NOTE = "front desk"


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    settings.RINGUP_SETTLE_SECONDS = 0.15
    settings.RINGUP_RETRY_SECONDS = 0.05


@pytest.fixture
def shelf(world: World) -> OwnStock:
    return put(world, SHELF)


def put(world: World, e164: str) -> OwnStock:
    """A number in the carrier's account, with a note of the reseller's, on his shelf."""
    own(world.peers.voipms.state, e164[2:], note=NOTE)
    return own_stock.add(
        world.account,
        e164,
        country="US",
        region="NY",
        region_name="New York",
        rate_centre="New York",
        cost_monthly=Money.of("0.85", "USD"),
        actor=MAYA,
    )


def order_of(world: World, e164: str = SHELF, **company: str) -> Order:
    draft = drafting.start(world.bundle, client=None)
    drafting.save_company(draft, COMPANY | company)
    drafting.choose_number(draft, e164)
    drafting.save_tenant(draft, label=draft.answers["tenant"]["label"])
    drafting.save_answers(draft, "administrator", ADMINISTRATOR)
    return checking_out.submit(draft, administrator_password=PASSWORD)


def number_order(world: World, **company: str) -> Order:
    """The number alone, forwarded to a telephone: no PBX takes part."""
    draft = drafting.start(world.number, client=None)
    drafting.save_company(draft, COMPANY | company)
    drafting.choose_number(draft, SHELF)
    drafting.save_answers(draft, "destination", {"goal": "telephone", "value": "+15145550123"})
    return checking_out.submit(draft)


def settings_of(world: World) -> dict[str, Any]:
    row = world.peers.voipms.state.dids[SHELF[2:]]
    return {name: value for name, value in row.items() if name not in ("note", "routing")}


def assert_is_on_the_shelf(world: World) -> None:
    """In the carrier's inventory, with the reseller's own note and pointing at nothing; for sale."""
    outside = Outside(world)
    assert outside.numbers() == {SHELF: NOTE}
    assert outside.routing_kind(SHELF) == "none"
    assert outside.leftovers() == {"dids": 1, "sub_accounts": 0, "forwardings": 0, "sip_uris": 0}
    assert outside.purchases() == 0
    assert own_stock.offer_of(world.account, SHELF) is not None


def failed_run(world: World, settings: Settings) -> tuple[Order, Run]:
    """A run that made everything, but whose gateway never registers."""
    world.peers.fusionpbx.registrar = NEVER
    settings.RINGUP_GATEWAY_MINUTES = 0
    order = order_of(world)
    approve(order)
    run = run_on(order)
    assert run.state == Run.State.FAILED
    return order, run


def test_it_is_sold_adopted_and_answered_and_nothing_is_bought(
    world: World, shelf: OwnStock
) -> None:
    before, balance = settings_of(world), world.peers.voipms.state.balance
    order = order_of(world)
    number = OwnedNumber.objects.get()
    assert number.is_own_stock
    assert own_stock.on_sale(world.account) == [], "it is ordered"
    run_jobs()
    plan = approving.latest_plan(order)
    assert plan is not None
    change = plan.changes.get(key=f"number-adoption/{number.uid}")
    assert change.text == "Take +1 212 555 0147 from your own stock (nothing is bought)"
    assert (change.cost_once, change.cost_monthly) == (Money.zero("USD"), shelf.cost_monthly)
    assert change.action == Change.Action.CHANGE
    assert change.parts[0].startswith("Our reference comes before its note")
    assert not plan.changes.filter(key__startswith="number-purchase/").exists()
    approve(order)
    run = run_on(order)
    assert run.state == Run.State.DONE, run.problem
    outside = Outside(world)
    assert outside.numbers() == {SHELF: f"{number.uid} {NOTE}"}
    domain = Service.objects.get(kind="tenant").name
    assert outside.who_answers(SHELF) == f"user/1001@{domain}"
    assert outside.purchases() == 0
    assert world.peers.voipms.state.balance == balance
    assert settings_of(world) == before
    number.refresh_from_db()
    assert (number.state, number.cost_monthly) == ("owned", shelf.cost_monthly)
    assert own_stock.offer_of(world.account, SHELF) is None


@pytest.mark.once
def test_a_reseller_without_a_balance_sells_what_he_has(world: World, shelf: OwnStock) -> None:
    world.peers.voipms.state.balance = type(world.peers.voipms.state.balance)("0.10")
    order = number_order(world)
    run_jobs()
    plan = approving.latest_plan(order)
    assert plan is not None
    assert plan.is_possible, plan.conditions
    assert plan.conditions[0]["text"].endswith("a balance of $0.10, $0.00 is needed")


def test_undone_it_stays_in_the_account_and_rejected_it_is_for_sale(
    world: World, shelf: OwnStock, settings: Settings
) -> None:
    before = settings_of(world)
    order, run = failed_run(world, settings)
    approving.take_back(run, actor=SAM)
    run_jobs()
    run.refresh_from_db()
    order.refresh_from_db()
    assert run.state == Run.State.UNDONE, run.problem
    step = run.steps.get(key__startswith="number-adoption/")
    assert "is back on your own shelf" in step.parts[0]
    # The order still wants it: nobody else can buy it, and it is adopted anew.
    assert own_stock.offer_of(world.account, SHELF) is None
    again = main_number(Service.objects.get(kind="tenant"))
    assert (again.state, again.is_own_stock) == ("wanted", True)
    assert OwnedNumber.objects.filter(state="released").count() == 1
    cancelling.reject(order, reason="He changed his mind.", actor=SAM)
    assert_is_on_the_shelf(world)
    assert settings_of(world) == before


def test_after_an_undo_it_is_adopted_under_its_new_reference(
    world: World, shelf: OwnStock, settings: Settings
) -> None:
    order, run = failed_run(world, settings)
    approving.take_back(run, actor=SAM)
    run_jobs()
    order.refresh_from_db()
    world.peers.fusionpbx.registrar = ANY
    approve(order)
    done = run_on(order)
    assert done.state == Run.State.DONE, done.problem
    number = OwnedNumber.objects.get(state="owned")
    assert Outside(world).numbers()[SHELF].startswith(str(number.uid))
    assert Outside(world).purchases() == 0


@pytest.mark.parametrize("end", ["reject", "cancel"])
def test_an_order_that_ends_leaves_it_for_the_next_client(
    world: World, shelf: OwnStock, end: str
) -> None:
    order = number_order(world)
    if end == "reject":
        cancelling.reject(order, reason="No.", actor=SAM)
    else:
        cancelling.cancel(order, actor=SAM)
    assert_is_on_the_shelf(world)
    other = number_order(world, email="other@karoo.example")
    approve(other)
    assert run_on(other).state == Run.State.DONE
    assert Outside(world).purchases() == 0


@pytest.mark.once
def test_choosing_another_number_leaves_it_for_the_next_client(
    world: World, shelf: OwnStock
) -> None:
    order = order_of(world)
    put(world, "+12125550148")
    Order.objects.filter(pk=order.pk).update(state=Order.State.CHOOSE_NUMBER)
    order.refresh_from_db()
    # What the carrier sells has a set-up fee, which this order has not.
    (offer,) = [offer for offer, _ in renumbering.alternatives(order)]
    renumbering.choose_another(order, offer.e164, actor=SAM)
    assert [each.e164 for each in own_stock.on_sale(world.account)] == [SHELF]
    number = main_number(Service.objects.get(kind="tenant"))
    assert (number.e164, number.is_own_stock) == ("+12125550148", True)


@pytest.mark.once
def test_a_number_of_the_shelf_can_be_chosen_instead(world: World, shelf: OwnStock) -> None:
    order = order_of(world, world.offer(rate_centre="New York").e164)
    Order.objects.filter(pk=order.pk).update(state=Order.State.CHOOSE_NUMBER)
    order.refresh_from_db()
    renumbering.choose_another(order, SHELF, actor=SAM)
    assert main_number(Service.objects.get(kind="tenant")).is_own_stock
    approve(order)
    assert run_on(order).state == Run.State.DONE
    assert Outside(world).purchases() == 0


# -- when the carrier thinks otherwise ------------------------------------------------------------


def test_gone_before_the_plan_it_is_withdrawn_and_another_is_chosen(
    world: World, shelf: OwnStock
) -> None:
    order = number_order(world)
    del world.peers.voipms.state.dids[SHELF[2:]]
    run_jobs()
    order.refresh_from_db()
    assert order.state == Order.State.CHOOSE_NUMBER
    shelf.refresh_from_db()
    assert shelf.is_withdrawn
    cancelling.reject(order, reason="No.", actor=SAM)
    assert own_stock.offer_of(world.account, SHELF) is None, "nobody else is to run into that"
    assert Outside(world).purchases() == 0


@pytest.mark.once
def test_gone_after_the_approval_it_is_not_bought_instead(world: World, shelf: OwnStock) -> None:
    order = number_order(world)
    approve(order)
    row = world.peers.voipms.state.dids.pop(SHELF[2:])
    run = run_on(order)
    assert run.state == Run.State.UNDONE, run.problem
    order.refresh_from_db()
    assert order.state == Order.State.CHOOSE_NUMBER
    assert Outside(world).leftovers()["dids"] == 0
    assert Outside(world).purchases() == 0
    shelf.refresh_from_db()
    assert shelf.is_withdrawn
    assert row["routing"] == "none:"


@pytest.mark.once
def test_what_carries_somebody_else_s_reference_is_left_alone(
    world: World, shelf: OwnStock
) -> None:
    stranger = str(uuid.uuid4())
    world.peers.voipms.state.dids[SHELF[2:]]["note"] = stranger
    order = number_order(world)
    run_jobs()
    plan = approving.latest_plan(order)
    assert plan is not None
    assert stranger in plan.problem
    assert "Nothing was changed" in plan.problem
    assert Outside(world).numbers() == {SHELF: stranger}


@pytest.mark.once
def test_what_an_earlier_order_left_there_is_taken_off(world: World, shelf: OwnStock) -> None:
    order = number_order(world)
    left = OwnedNumber.objects.get()
    cancelling.reject(order, reason="No.", actor=SAM)
    world.peers.voipms.state.dids[SHELF[2:]]["note"] = f"{left.uid} {NOTE}"
    again = number_order(world, email="other@karoo.example")
    approve(again)
    run = run_on(again)
    assert run.state == Run.State.DONE, run.problem
    number = OwnedNumber.objects.get(state="owned")
    assert Outside(world).numbers()[SHELF].startswith(str(number.uid))


@pytest.mark.once
def test_the_step_itself_says_when_the_number_is_gone(world: World, shelf: OwnStock) -> None:
    number_order(world)
    service = Service.objects.select_related("account", "number").get()
    assert service.number is not None
    del world.peers.voipms.state.dids[SHELF[2:]]
    with Site(service) as site:
        step = NumberAdoption(service.number, site)
        assert not step.is_done()
        with pytest.raises(NumberGone):
            step.change()
        with pytest.raises(NumberGone):
            step.apply(run="", started=service.created)


# -- killed at every moment -----------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", ["number-adoption", "number-routing", "welcome-mail"])
def test_killed_at_a_step_and_resumed_it_is_adopted_once(
    world: World, shelf: OwnStock, step: str, moment: str
) -> None:
    order = number_order(world)
    approve(order)
    assert die_at(step, "apply", moment)
    run = run_on(order)
    assert run.state == Run.State.DONE, run.problem
    number = OwnedNumber.objects.get()
    assert number.state == "owned"
    outside = Outside(world)
    assert outside.numbers() == {SHELF: f"{number.uid} {NOTE}"}
    assert outside.leftovers() == {"dids": 1, "sub_accounts": 0, "forwardings": 1, "sip_uris": 0}
    assert outside.purchases() == 0


@pytest.mark.once
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", ["number-routing", "number-adoption"])
def test_killed_while_undoing_and_undone_again_it_is_back_on_the_shelf(
    world: World, shelf: OwnStock, settings: Settings, step: str, moment: str
) -> None:
    order, run = failed_run(world, settings)
    approving.take_back(run, actor=SAM)
    assert die_at(step, "undo", moment)
    run_jobs()
    run.refresh_from_db()
    order.refresh_from_db()
    assert run.state == Run.State.UNDONE, run.problem
    cancelling.reject(order, reason="No.", actor=SAM)
    assert_is_on_the_shelf(world)


@pytest.mark.parametrize("acting", [False, True])
def test_a_lost_reply_is_looked_for_and_nothing_is_written_twice(
    world: World, shelf: OwnStock, *, acting: bool
) -> None:
    kind = "reply_lost_after" if acting else "reply_lost_before"
    order = number_order(world)
    approve(order)
    world.peers.voipms.faults.add(kind, method="setDIDInfo")
    run = run_on(order)
    assert run.state == Run.State.DONE, run.problem
    number = OwnedNumber.objects.get()
    assert Outside(world).numbers() == {SHELF: f"{number.uid} {NOTE}"}
    assert world.peers.voipms.state.requests["setDIDInfo"] == (1 if acting else 2)
