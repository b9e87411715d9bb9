"""What no callback told, and what a process that died left behind, is found by the sweep."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ringup.core.models import Activity
from ringup.flows.orders import approving, cancelling
from ringup.flows.papers import phases
from ringup.flows.papers.of_orders import require_papers
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.orders.models import Order
from ringup.provisioning.models import Run, Step
from ringup.regulatory.models import Address, Identity, RegulatoryFile
from tests.regulated import Regulated, run_until_waiting
from tests.world import SAM, approve, run_jobs, run_to_the_end

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


def sweep() -> None:
    enqueue("papers.sweep")
    run_jobs()


def test_a_run_that_lost_its_wake_up_looks_again(waiting: Regulated) -> None:
    order = Order.objects.get()
    run = Run.objects.get()
    waiting.decide(approved=True)
    Job.objects.filter(name="provisioning.advance").delete()
    run.steps.filter(state="waiting").update(run_at=timezone.now() - timedelta(minutes=1))
    sweep()
    assert run_to_the_end(order).state == Run.State.DONE


def test_papers_of_a_run_that_stands_still_are_looked_at(waiting: Regulated) -> None:
    order = Order.objects.get()
    run = Run.objects.get()
    Run.objects.filter(pk=run.pk).update(state=Run.State.FAILED, problem="Something else.")
    Step.objects.filter(run=run, state="waiting").update(state="failed")
    Job.objects.filter(name="provisioning.advance").delete()
    waiting.decide(approved=True)
    sweep()
    file = require_papers(order)
    assert file.state == "active"
    assert file.identity is not None
    assert file.identity.approved is not None
    assert order.events.filter(staff_text__contains="Resume it").count() == 1
    sweep()
    assert order.events.filter(staff_text__contains="Resume it").count() == 1
    run.refresh_from_db()
    approving.resume(run, actor=SAM)
    assert run_to_the_end(order).state == Run.State.DONE


def test_an_identity_that_nobody_wrote_down_is_found(regulated: Regulated, order: Order) -> None:
    left_behind(order)
    sweep()
    file = require_papers(order)
    assert file.identity is not None
    (identity,) = regulated.rows("identities")
    assert file.identity.carrier_key == identity.id
    approving.replan(order, actor=SAM)
    approve(order)
    run_until_waiting(order)
    assert regulated.count()["identities"] == 1


def test_one_of_an_order_that_ended_is_deleted(regulated: Regulated, order: Order) -> None:
    left_behind(order)
    regulated.didww.faults.add("500", method="GET identities", times=-1)
    cancelling.cancel(order, actor=SAM)
    run_jobs()
    assert regulated.count()["identities"] == 1
    regulated.didww.faults.clear()
    sweep()
    assert regulated.count()["identities"] == 0


def left_behind(order: Order) -> None:
    """As if a process had died right behind the carrier's answer, a while ago."""
    phases.submit_to_provider(order, actor=SAM)
    run_jobs()
    Identity.objects.update(carrier_key="")
    Address.objects.update(carrier_key="")
    RegulatoryFile.objects.update(state="pending_review")
    Activity.objects.update(at=timezone.now() - timedelta(minutes=15))
