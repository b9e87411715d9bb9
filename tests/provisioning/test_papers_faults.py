"""What goes wrong between us and a carrier that wants papers: nothing lost, nothing paid twice, and the
run waits or says what is needed."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from ringup.carriers.opening import carrier_for
from ringup.flows.orders import approving, renumbering
from ringup.flows.orders.badges import badge
from ringup.flows.papers import phases
from ringup.flows.papers.of_orders import require_papers
from ringup.mail.models import Outbox
from ringup.numbers import reserving
from ringup.orders.models import Order
from ringup.provisioning.blueprint import main_number
from ringup.provisioning.models import Run, Step
from ringup.sandbox.didww.numbers import take
from tests.regulated import (
    ONCE,
    Regulated,
    let_time_pass,
    run_until,
    run_until_papers_are,
    run_until_waiting,
)
from tests.world import SAM, approve, run_jobs, run_to_the_end

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture
def regulated(ordered: Regulated) -> Regulated:
    """One order waits for a review there."""
    return ordered


@pytest.fixture
def order(regulated: Regulated) -> Order:
    order = Order.objects.get()
    approve(order)
    return order


def registration(order: Order) -> Step:
    run = approving.latest_run(order)
    assert run is not None
    return run.steps.get(key__startswith="number-registration/")


def finish(regulated: Regulated, order: Order) -> None:
    run_until_waiting(order)
    regulated.decide(approved=True)
    let_time_pass()
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem


@pytest.mark.parametrize("kind", ["reply_lost_before", "reply_lost_after"])
@pytest.mark.parametrize(
    "call",
    [
        "POST identities",
        "POST addresses",
        "POST encrypted_files",
        "POST proofs",
        "POST orders",
        "POST address_verifications",
    ],
)
def test_a_lost_reply_makes_nothing_twice(
    regulated: Regulated, order: Order, call: str, kind: str
) -> None:
    regulated.didww.faults.add(kind, method=call)
    finish(regulated, order)
    assert regulated.count() == ONCE


def test_a_carrier_that_takes_the_order_and_says_nothing_is_asked_and_paid_once(
    regulated: Regulated, order: Order
) -> None:
    balance = regulated.didww.state.balance
    regulated.account.__class__.objects.update(read_timeout_seconds=0.5)
    regulated.didww.faults.add("slow", method="POST orders", seconds=1.5)
    finish(regulated, order)
    assert regulated.count() == ONCE
    spent = balance - regulated.didww.state.balance
    (bought,) = regulated.rows("orders")
    assert str(bought.attributes["amount"]) in (str(spent), f"{spent:.2f}", f"{spent:.1f}")


def test_keys_rotated_between_two_documents_are_read_anew(
    regulated: Regulated, order: Order
) -> None:
    regulated.didww.faults.add("reply_lost_before", method="POST encrypted_files")
    run_until(lambda: bool(regulated.rows("identities")))
    regulated.didww.state.keys.rotate()
    finish(regulated, order)
    assert regulated.count() == ONCE


def test_a_reservation_that_has_expired_costs_nothing_when_the_number_is_there(
    regulated: Regulated,
) -> None:
    order = Order.objects.get()
    number = main_number(approving.service_of(order)).e164
    with carrier_for(regulated.account) as carrier:
        carrier.reserve(number, reference=reserving.reference_of(regulated.account, number))
    (reservation,) = regulated.rows("did_reservations")
    reservation.hidden["ends"] = 0.0
    approve(order)
    finish(regulated, order)
    assert regulated.count() == ONCE


def test_where_the_number_was_sold_meanwhile_the_papers_stay_for_another(
    regulated: Regulated, order: Order
) -> None:
    state = regulated.didww.state
    file = require_papers(order)
    assert file.number is not None
    sold = file.number.e164[1:]
    with state.lock:
        for row in [*regulated.rows("did_reservations")]:
            state.store.remove(row)
        (gone,) = [
            row for row in regulated.rows("available_dids") if row.attributes["number"] == sold
        ]
        take(state, gone)
    run_until(lambda: Order.objects.get(pk=order.pk).state == Order.State.CHOOSE_NUMBER)
    run_until(lambda: approving.latest_run(order).state == Run.State.UNDONE)  # type: ignore[union-attr]
    assert regulated.count()["dids"] == 0
    order.refresh_from_db()
    offer, _ = renumbering.alternatives(order)[0]
    renumbering.choose_another(order, offer.e164, actor=SAM)
    approve(order)
    finish(regulated, order)
    assert regulated.count() == ONCE


def test_while_the_carrier_is_away_the_run_waits_and_fails_not(
    waiting: Regulated, settings: Settings
) -> None:
    order = Order.objects.get()
    settings.RINGUP_STEP_ATTEMPTS = 2
    for _ in range(5):
        waiting.didww.faults.add("500", method="GET orders", times=5)
        waiting.didww.faults.add("500", method="GET dids", times=5)
        let_time_pass()
        run_jobs()
        run = approving.latest_run(order)
        assert run is not None
        assert run.state == Run.State.WAITING
    assert "ask again" in registration(order).detail
    waiting.didww.faults.clear()
    let_time_pass()
    finish(waiting, order)
    assert waiting.count() == ONCE


def test_a_blocked_number_is_told_of_and_the_run_goes_on_when_it_is_free(
    waiting: Regulated,
) -> None:
    order = Order.objects.get()
    waiting.decide(approved=True)
    waiting.did().attributes["blocked"] = True
    let_time_pass()
    run_until_papers_are(order, "blocked")
    run_jobs()
    assert badge(order).slug == "blocked"
    assert Outbox.objects.filter(template="staff-papers-stopped").count() == 0, "nobody reads it"
    assert order.events.filter(staff_text__contains="has blocked the number").count() == 1
    assert "Ask its support" in registration(order).detail
    waiting.did().attributes["blocked"] = False
    let_time_pass()
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem


def test_a_number_that_the_carrier_took_back_is_bought_anew_by_a_new_approval(
    waiting: Regulated,
) -> None:
    order = Order.objects.get()
    waiting.did().attributes["terminated"] = True
    let_time_pass()
    run_until_papers_are(order, "terminated")
    assert waiting.count()["orders"] == 1
    phases.reset_purchase(order, reason="The carrier terminated it.", actor=SAM)
    run_until(lambda: Order.objects.get(pk=order.pk).state == Order.State.CHOOSE_NUMBER)
    assert waiting.count()["orders"] == 1, "nothing is bought without an approval"
    order.refresh_from_db()
    offer, _ = renumbering.alternatives(order)[0]
    renumbering.choose_another(order, offer.e164, actor=SAM)
    approve(order)
    finish(waiting, order)


def test_papers_that_somebody_deleted_at_the_carrier_are_submitted_again(
    regulated: Regulated, order: Order
) -> None:
    regulated.didww.faults.add("status:422", method="POST orders", times=-1)
    run = run_to_the_end(order)
    assert run.state == Run.State.FAILED
    store = regulated.didww.state.store
    for kind in ("proofs", "addresses", "identities"):
        for row in [*store.all(kind)]:
            store.remove(row)
    regulated.didww.faults.clear()
    approving.resume(run, actor=SAM)
    finish(regulated, order)
    assert regulated.count() == ONCE


def test_papers_that_are_refused_at_the_counter_are_as_rejected(
    regulated: Regulated, order: Order
) -> None:
    regulated.didww.faults.add("status:422", method="POST address_verifications")
    file = run_until_papers_are(order, "rejected")
    assert file.reasons != []
    assert regulated.count()["address_verifications"] == 0
    run = approving.latest_run(order)
    assert run is not None
    assert run.state == Run.State.WAITING
    phases.submit_again(order, actor=SAM)
    finish(regulated, order)
    assert regulated.count() == ONCE
