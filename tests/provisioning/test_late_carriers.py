"""A carrier that does what it took on later than it says, or takes it back: nothing is bought twice, what
was chosen is what is bought, and papers that wait for a person wait for him."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from ringup.carriers.opening import carrier_for, papers_for
from ringup.flows.orders import approving
from ringup.flows.papers import phases
from ringup.flows.papers.of_orders import require_papers
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.models import Run, Step
from ringup.regulatory import correcting, facts
from ringup.sandbox.didww import ordering
from tests.regulated import (
    SECOND,
    THANDI,
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


def step_of(order: Order, kind: str) -> Step:
    run = approving.latest_run(order)
    assert run is not None
    return run.steps.get(key__startswith=f"{kind}/")


def look_again() -> None:
    """What waits looks once more."""
    let_time_pass()
    run_jobs()


def pooled(regulated: Regulated) -> Order:
    """An order whose number is to be in the account's pool of channels."""
    order = Order.objects.get()
    pool = regulated.rows("capacity_pools")[0].id
    OwnedNumber.objects.filter(service__line__order=order).update(
        capacity=f"pool-{pool}", capacity_text="Custom"
    )
    approving.replan(order, actor=SAM)
    return order


def test_a_number_that_is_delivered_late_comes_into_the_pool_that_was_chosen(
    regulated: Regulated,
) -> None:
    order = pooled(regulated)
    regulated.didww.state.orders_wait = True
    approve(order)
    run_until(lambda: bool(regulated.rows("orders")))
    run_until(lambda: step_of(order, "number-purchase").state == Step.State.WAITING)
    with regulated.didww.state.lock:
        ordering.complete(regulated.didww.state, regulated.rows("orders")[0])
    look_again()
    run_until_waiting(order)
    assert regulated.did().one("capacity_pool") is regulated.rows("capacity_pools")[0]
    assert len(regulated.rows("orders")) == 1


def test_a_lost_reply_about_the_pool_is_noticed(regulated: Regulated) -> None:
    order = pooled(regulated)
    regulated.didww.faults.add("reply_lost_before", method="PATCH dids")
    approve(order)
    run_until_waiting(order)
    assert regulated.did().one("capacity_pool") is regulated.rows("capacity_pools")[0]
    assert len(regulated.rows("orders")) == 1


@pytest.mark.parametrize(("country", "kind"), [("ZA", "Local"), ("DE", "National")])
def test_a_number_that_is_not_listed_yet_is_not_bought_again(
    regulated: Regulated, country: str, kind: str
) -> None:
    order = Order.objects.get()
    if country != "ZA":
        order = regulated.number_order(country, kind=kind, **SECOND)
    store = regulated.didww.state.store
    regulated.didww.state.orders_wait = True
    approve(order)
    run_until(lambda: bool(regulated.rows("orders")))
    with regulated.didww.state.lock:
        ordering.complete(regulated.didww.state, regulated.rows("orders")[0])
        did = regulated.did()
        store.remove(did)
    run_until(lambda: step_of(order, "number-purchase").state == Step.State.WAITING)
    for _ in range(3):
        look_again()
    assert len(regulated.rows("orders")) == 1
    assert "list" in step_of(order, "number-purchase").detail
    store.add(did)
    look_again()
    run_until_waiting(order)
    assert len(regulated.rows("orders")) == 1


def test_reset_of_a_blocked_number_waits_for_the_documents(waiting: Regulated) -> None:
    order = Order.objects.get()
    waiting.decide(approved=True)
    waiting.did().attributes["blocked"] = True
    let_time_pass()
    run_until_papers_are(order, "blocked")
    phases.reset_purchase(order, reason="Other papers are needed.", actor=SAM)
    look_again()
    assert require_papers(order).state == "identity_address_confirmed"
    assert waiting.count()["address_verifications"] == 1, "nobody has sent the documents again"
    phases.upload_proofs(order, actor=SAM)
    run_until(lambda: require_papers(order).attempt == 2 and bool(require_papers(order).reasons))
    waiting.did().attributes["blocked"] = False
    let_time_pass()
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem


@pytest.mark.parametrize("flag", ["blocked", "terminated"])
def test_a_correction_is_not_overtaken_by_the_number(waiting: Regulated, flag: str) -> None:
    order = Order.objects.get()
    waiting.decide(approved=False)
    let_time_pass()
    file = run_until_papers_are(order, "rejected")
    did = waiting.did()
    did.attributes.update({"awaiting_registration": False, flag: True})
    ask = [{"what": "identity.company_name", "words": "It is another one."}]
    correcting.ask(file, ask, actor=SAM)
    correcting.correct(file, {"identity.company_name": "Karoo Freight Two (Pty) Ltd"}, actor=THANDI)
    correcting.answered(file, actor=THANDI)
    look_again()
    assert require_papers(order).state == (
        "terminated" if flag == "terminated" else "pending_review"
    )
    if flag == "terminated":
        return
    did.attributes["awaiting_registration"] = True
    phases.submit_again(order, actor=SAM)
    run_until(lambda: waiting.count()["address_verifications"] == 2)
    waiting.decide(approved=True)
    let_time_pass()
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem


def test_digits_for_show_are_not_shown_when_the_number_has_ended(regulated: Regulated) -> None:
    order = regulated.number_order("DE", kind="National", **SECOND)
    approve(order)
    run_until_waiting(order)
    did = regulated.did()
    did.attributes["terminated"] = True
    with carrier_for(regulated.account) as carrier:
        assert [number.e164 for number in carrier.inventory()] == [""]
    let_time_pass()
    run_until_papers_are(order, "terminated")
    phases.reset_purchase(order, reason="The carrier terminated it.", actor=SAM)
    run_until(lambda: approving.latest_run(order).state == Run.State.UNDONE)  # type: ignore[union-attr]
    assert not OwnedNumber.objects.filter(e164__endswith=did.attributes["number"]).exists()


def test_a_number_of_a_place_that_was_paid_long_ago_and_is_not_listed_is_not_bought_again(
    regulated: Regulated,
) -> None:
    order = regulated.number_order("DE", kind="National", **SECOND)
    regulated.didww.state.orders_wait = True
    approve(order)
    run_until(lambda: bool(regulated.rows("orders")))
    (paid,) = regulated.rows("orders")
    with regulated.didww.state.lock:
        ordering.complete(regulated.didww.state, paid)
        regulated.didww.state.store.remove(regulated.did())
        paid.attributes["created_at"] = "2020-01-01T00:00:00.000Z"
    let_time_pass()
    run = run_to_the_end(order)
    assert run.state == Run.State.FAILED
    assert "Nothing was bought again" in run.problem
    assert len(regulated.rows("orders")) == 1


def test_a_number_that_left_the_account_can_be_bought_again_by_staff(waiting: Regulated) -> None:
    order = Order.objects.get()
    (first,), did = waiting.rows("orders"), waiting.did()
    first.attributes["created_at"] = "2020-01-01T00:00:00.000Z"
    other = next(
        row
        for row in waiting.rows("available_dids")
        if row.one("did_group") is did.one("did_group")
    )
    waiting.didww.state.store.remove(did)
    number = OwnedNumber.objects.get(service__line__order=order)
    with carrier_for(waiting.account) as carrier:
        carrier.buy(f"+{other.attributes['number']}", reference=number.uid)
    assert len(waiting.rows("orders")) == 2


def test_an_order_that_the_carrier_cancels_costs_nothing_and_is_placed_once_more(
    regulated: Regulated,
) -> None:
    order, balance = Order.objects.get(), regulated.didww.state.balance
    regulated.didww.state.orders_wait = True
    approve(order)
    run_until(lambda: bool(regulated.rows("orders")))
    run_until(lambda: step_of(order, "number-purchase").state == Step.State.WAITING)
    state = regulated.didww.state
    with state.lock:
        ordering.cancel(state, regulated.rows("orders")[0])
    state.orders_wait = False
    let_time_pass()
    run_until_waiting(order)
    statuses = [row.attributes["status"] for row in regulated.rows("orders")]
    assert statuses == ["canceled", "completed"]
    assert str(balance - state.balance) == regulated.rows("orders")[1].attributes["amount"]


def test_too_low_a_balance_loses_nothing_and_the_run_goes_on(regulated: Regulated) -> None:
    order, state = Order.objects.get(), regulated.didww.state
    approve(order)
    balance, state.balance = state.balance, Decimal(0)
    run = run_to_the_end(order)
    assert run.state == Run.State.FAILED
    assert "balance" in run.problem
    assert regulated.rows("orders") == []
    state.balance = balance
    approving.resume(run, actor=SAM)
    run_until_waiting(order)
    assert len(regulated.rows("orders")) == 1


def test_two_numbers_at_once_submit_one_identity_and_one_address(regulated: Regulated) -> None:
    file = require_papers(Order.objects.get())
    assert file.identity is not None
    assert file.address is not None
    identity, address = facts.identity_paper(file.identity), facts.address_paper(file.address)
    for kind in ("identities", "addresses"):
        regulated.didww.faults.add("slow", method=f"POST {kind}", seconds=0.5, times=2)

    def submit(_: int) -> tuple[str, str]:
        with papers_for(file.account) as carrier:
            key = carrier.submit_identity(identity)
            return key, carrier.submit_address(address, identity=key)

    with ThreadPoolExecutor(2) as both:
        first, second = both.map(submit, range(2))
    assert first == second
    assert (regulated.count()["identities"], regulated.count()["addresses"]) == (1, 1)
