"""A worker is killed before and after each step that has to do with papers, forwards and backwards: the
next one finds what it left, and everything exists once, or is gone."""

from __future__ import annotations

import pytest

from ringup.flows.orders import approving, cancelling, renumbering
from ringup.flows.papers import phases
from ringup.flows.papers.of_orders import require_papers
from ringup.mail.models import Outbox
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from ringup.regulatory.models import Document
from tests.provisioning.dying import die_at
from tests.regulated import (
    ONCE,
    Regulated,
    let_time_pass,
    run_until,
    run_until_waiting,
)
from tests.world import SAM, approve, run_jobs, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = ["identity-submission", "documents-upload", "number-purchase", "number-registration"]


@pytest.fixture
def regulated(ordered: Regulated) -> Regulated:
    """One order waits for a review there."""
    return ordered


@pytest.fixture
def order(regulated: Regulated) -> Order:
    """Approved; nothing of its run has happened."""
    order = Order.objects.get()
    approve(order)
    return order


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_and_taken_over_everything_exists_once(
    regulated: Regulated, order: Order, step: str, moment: str
) -> None:
    assert die_at(step, "apply", moment)
    run_until_waiting(order)
    regulated.decide(approved=True)
    let_time_pass()
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    assert regulated.count() == ONCE
    assert require_papers(order).state == "active"
    assert Document.objects.filter(sent=None).count() == 0
    assert Outbox.objects.filter(template="welcome-number").count() == 1


@pytest.mark.once
def test_killed_while_it_waits_it_goes_on_when_the_carrier_has_decided(waiting: Regulated) -> None:
    order = Order.objects.get()
    let_time_pass()
    assert die_at("number-registration", "apply", "before")
    waiting.decide(approved=True)
    let_time_pass()
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    assert waiting.count() == ONCE


@pytest.mark.once
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_while_it_is_taken_back_nothing_is_left(
    waiting: Regulated, step: str, moment: str
) -> None:
    order = Order.objects.get()
    run = approving.latest_run(order)
    assert run is not None
    approving.take_back(run, actor=SAM)
    assert die_at(step, "undo", moment)
    run_until(lambda: run_of(order).state == Run.State.UNDONE)
    order.refresh_from_db()
    assert order.state == Order.State.CHOOSE_NUMBER, "this carrier sells it to nobody at once"
    assert [waiting.count()[kind] for kind in ("identities", "addresses", "proofs")] == [0, 0, 0]
    file = require_papers(order)
    assert (file.state, file.verification_key) == ("pending_review", "")
    assert file.attempt >= 2
    assert file.number is not None
    assert file.number.state == OwnedNumber.State.WANTED, "another is bought by a new approval"
    assert waiting.did().attributes["terminated"]


def run_of(order: Order) -> Run:
    run = approving.latest_run(order)
    assert run is not None
    return run


@pytest.mark.once
def test_what_was_taken_back_is_carried_out_anew_with_the_same_papers(waiting: Regulated) -> None:
    order = Order.objects.get()
    approving.take_back(run_of(order), actor=SAM)
    run_until(lambda: Order.objects.get(pk=order.pk).state == Order.State.CHOOSE_NUMBER)
    order.refresh_from_db()
    offer, _ = renumbering.alternatives(order)[0]
    renumbering.choose_another(order, offer.e164, actor=SAM)
    approve(order)
    run_until_waiting(order)
    waiting.decide(approved=True)
    let_time_pass()
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    assert waiting.count() == ONCE | {"orders": 2, "dids": 2, "address_verifications": 2}
    file = require_papers(order)
    assert file.number is not None
    assert (file.state, file.number.e164) == ("active", offer.e164)


@pytest.mark.once
def test_papers_of_an_order_that_ends_are_deleted_at_the_carrier(regulated: Regulated) -> None:
    order = Order.objects.get()
    phases.submit_to_provider(order, actor=SAM)
    run_jobs()
    assert regulated.count()["identities"] == 1
    cancelling.reject(order, reason="Not there.", actor=SAM)
    run_jobs()
    assert require_papers(order).state == "closed"
    assert [regulated.count()[kind] for kind in ("identities", "addresses", "proofs")] == [0, 0, 0]
    assert order.events.filter(staff_text__contains="were deleted at the carrier").exists()
