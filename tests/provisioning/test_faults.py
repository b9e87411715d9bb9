"""What goes wrong outside, and what follows: nothing lost, nothing paid twice, people told."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connections
from pytest_django import Settings

from ringup.catalog.models import Bundle
from ringup.catalog.pricing import Quote
from ringup.core.sentences import Refusal
from ringup.flows.orders import approving, renumbering
from ringup.flows.orders.badges import badge
from ringup.mail.models import Outbox
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.models import Run, Step
from ringup.sandbox.fusionpbx import ANY, NEVER
from ringup.sandbox.voipms.inventory import new_row
from tests.provisioning.outside import Outside
from tests.world import SAM, World, approve, run_jobs, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    settings.RINGUP_SETTLE_SECONDS = 0.15
    settings.RINGUP_RETRY_SECONDS = 0.05


def did(order: Order) -> str:
    return OwnedNumber.objects.get(client=order.client, state="wanted").e164[2:]


# What the carrier answers does not depend on our database.
@pytest.mark.once
@pytest.mark.parametrize("kind", ["reply_lost_before", "reply_lost_after", "500", "html", "429"])
@pytest.mark.parametrize("method", ["orderDID", "createSubAccount", "setDIDRouting"])
def test_a_lost_or_mangled_reply_never_buys_twice_and_the_run_ends_by_itself(
    approved: World, method: str, kind: str
) -> None:
    order = Order.objects.get()
    approved.peers.voipms.faults.add(kind, method=method)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    outside = Outside(approved)
    assert outside.leftovers() == {"dids": 1, "sub_accounts": 1, "forwardings": 0, "sip_uris": 0}
    assert set(outside.charges().values()) == {1}


def test_a_number_sold_meanwhile_asks_the_client_to_choose_another_from_the_same_place(
    approved: World,
) -> None:
    order = Order.objects.get()
    approved.peers.voipms.faults.add("sold_meanwhile", method="orderDID")
    run = run_to_the_end(order)
    assert run.state == Run.State.UNDONE
    order.refresh_from_db()
    assert order.state == Order.State.CHOOSE_NUMBER
    assert Outbox.objects.filter(template="number-gone").count() == 1
    assert Outside(approved).charges() == {}
    place = OwnedNumber.objects.get(client=order.client).rate_centre
    offers = renumbering.alternatives(order)
    assert offers[0][0].rate_centre == place
    chosen = offers[0][0].e164
    renumbering.choose_another(order, chosen, actor=SAM)
    approve(order)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    assert list(Outside(approved).numbers()) == [chosen]


def test_a_number_sold_before_the_plan_asks_the_client_at_once(world: World) -> None:
    order = world.pbx_order()
    world.peers.voipms.state.stock.sell(did(order))
    run_jobs()
    order.refresh_from_db()
    assert order.state == Order.State.CHOOSE_NUMBER
    assert Outbox.objects.filter(template="number-gone").count() == 1
    # What was ordered may be off the shelf by now; an order that was placed is carried out.
    Bundle.objects.update(is_retired=True)
    offers = [offer.e164 for offer, _ in renumbering.alternatives(order)]
    assert f"+1{did(order)}" not in offers
    renumbering.choose_another(order, offers[0], actor=SAM)
    approve(order)
    assert run_to_the_end(order).state == Run.State.DONE


def test_resuming_a_run_that_is_going_on_changes_nothing(approved: World) -> None:
    run = Run.objects.get()
    Run.objects.filter(pk=run.pk).update(state="running")
    run.refresh_from_db()
    with pytest.raises(Refusal, match="going on already"):
        approving.resume(run, actor=SAM)


def test_a_number_in_our_inventory_without_our_reference_stops_the_run(approved: World) -> None:
    order = Order.objects.get()
    approved.peers.voipms.state.dids[did(order)] = new_row(did(order), "NEW YORK") | {
        "note": "bought by hand"
    }
    run = run_to_the_end(order)
    assert run.state == Run.State.FAILED
    assert "bought by hand" in run.problem
    order.refresh_from_db()
    assert badge(order).word == "Failed"
    assert Outside(approved).charges() == {}
    assert "bought by hand" not in run.client_problem


def test_a_dearer_number_than_approved_stops_and_asks(approved: World) -> None:
    order = Order.objects.get()
    raise_price(approved, did(order))
    run = run_to_the_end(order)
    assert run.state == Run.State.ASKING
    assert "approved were" in run.problem
    assert Outside(approved).numbers() == {}


def raise_price(world: World, number: str) -> None:
    stock = world.peers.voipms.state.stock
    row = stock.numbers[number]
    stock.numbers[number] = replace(row, perminute_monthly="9.99")


def test_a_silent_pbx_leaves_the_order_resumable_and_shows_nobody_a_traceback(
    approved: World, settings: Settings
) -> None:
    order = Order.objects.get()
    dsn = approved.server.connection().dsn
    approved.server.set_secrets(dsn="host=127.0.0.1 port=1 dbname=x", event_password="x")
    approved.server.save()
    settings.RINGUP_STEP_ATTEMPTS = 1
    run = run_to_the_end(order)
    assert run.state == Run.State.FAILED
    assert "Traceback" not in run.problem + run.client_problem
    approved.server.set_secrets(
        dsn=dsn, event_password=approved.peers.fusionpbx.event_socket.password
    )
    approved.server.save()
    approving.resume(run, actor=SAM)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    assert set(Outside(approved).charges().values()) == {1}


def test_no_welcome_mail_before_the_gateway_is_up_unless_staff_says_why(
    approved: World, settings: Settings
) -> None:
    approved.peers.fusionpbx.registrar = NEVER
    settings.RINGUP_GATEWAY_MINUTES = 0
    order = Order.objects.get()
    run = run_to_the_end(order)
    assert run.state == Run.State.FAILED
    assert not Outbox.objects.filter(template="welcome-tenant").exists()
    assert Outbox.objects.filter(template="staff-run-failed").exists() is False  # no staff login
    step = Step.objects.get(run=run, key__startswith="gateway-up/")
    with pytest.raises(Refusal, match="Say why"):
        approving.skip_step(step, reason=" ", actor=SAM)
    approving.skip_step(step, reason="The carrier registers on Monday.", actor=SAM)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE
    assert Outbox.objects.filter(template="welcome-tenant").count() == 1


def test_a_late_registration_is_waited_for(approved: World) -> None:
    approved.peers.fusionpbx.registrar = NEVER
    order = Order.objects.get()
    run_jobs()
    run = approving.latest_run(order)
    assert run is not None
    assert run.state == Run.State.WAITING
    approved.peers.fusionpbx.registrar = ANY
    assert run_to_the_end(order).state == Run.State.DONE


def test_two_who_approve_at_once_start_one_run(world: World) -> None:
    order = world.pbx_order()
    run_jobs()
    plan = approving.latest_plan(order)
    assert plan is not None
    outcomes: list[str] = []

    def approve_it() -> None:
        try:
            approving.approve(Order.objects.get(pk=order.pk), digest=plan.digest, actor=SAM)
            outcomes.append("started")
        except Refusal:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=approve_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "started"]
    assert Run.objects.count() == 1


def test_an_approval_of_a_plan_that_was_replaced_starts_nothing(world: World) -> None:
    order = world.pbx_order()
    run_jobs()
    with pytest.raises(Refusal, match="plan has changed"):
        approving.approve(order, digest="0" * 64, actor=SAM)
    order.refresh_from_db()
    assert order.state == Order.State.PENDING
    assert Run.objects.count() == 0


def test_a_plan_without_money_at_the_carrier_is_not_possible(world: World) -> None:
    world.peers.voipms.state.balance = Decimal("0.10")
    order = world.pbx_order()
    run_jobs()
    plan = approving.latest_plan(order)
    assert plan is not None
    assert not plan.is_possible
    assert any("top it up" in condition["text"] for condition in plan.conditions)


def test_a_run_that_is_done_cannot_be_taken_back(approved: World) -> None:
    order = Order.objects.get()
    run = run_to_the_end(order)
    with pytest.raises(Refusal):
        approving.take_back(run, actor=SAM)


def test_a_fault_of_our_own_stops_the_run_with_a_sentence_and_can_be_resumed(
    approved: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = Order.objects.get()

    def broken(*args: object) -> None:
        error = KeyError("a password perhaps")
        error.retry_seconds = 0  # type: ignore[attr-defined]  # the next try at once
        raise error

    with monkeypatch.context() as broken_world:
        broken_world.setattr("ringup.provisioning.running.steps_for", broken)
        run = run_to_the_end(order)
    assert run.state == Run.State.FAILED
    assert "a fault in Ringup itself (KeyError)" in run.problem
    assert "password" not in run.problem
    approving.resume(run, actor=SAM)
    assert run_to_the_end(order).state == Run.State.DONE


def test_another_number_is_of_the_same_place_and_lowers_the_quote_or_leaves_it(
    world: World,
) -> None:
    order = world.pbx_order()
    world.peers.voipms.state.stock.sell(did(order))
    run_jobs()
    frozen = Quote.from_data(order.lines.get().quote)
    elsewhere = world.offer(region="CA").e164
    order.refresh_from_db()
    with pytest.raises(Refusal, match="another place"):
        renumbering.choose_another(order, elsewhere, actor=SAM)
    offer, _ = renumbering.alternatives(order)[0]
    renumbering.choose_another(order, offer.e164, actor=SAM)
    fresh = Quote.from_data(order.lines.get().quote)
    assert fresh.recurring <= frozen.recurring
    assert fresh.setup <= frozen.setup
    assert fresh.lines[-1].text != frozen.lines[-1].text
