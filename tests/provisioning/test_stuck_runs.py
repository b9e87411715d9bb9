"""Runs that stand still: whoever or whatever stopped them, a person can always go on from there."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from ringup.core.sentences import Refusal
from ringup.flows.orders import approving, renumbering
from ringup.jobs.claiming import claim
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.orders.models import Order
from ringup.provisioning.journal import Journal
from ringup.provisioning.models import Run, Step
from ringup.sandbox.fusionpbx import NEVER
from tests.provisioning.outside import Outside
from tests.world import SAM, World, approve, run_jobs, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    settings.RINGUP_SETTLE_SECONDS = 0.15


def test_a_run_whose_job_was_given_up_stops_and_can_be_resumed(approved: World) -> None:
    order, run = Order.objects.get(), Run.objects.get()
    Run.objects.filter(pk=run.pk).update(state="running")
    key = f"run/{run.uid}"
    Job.objects.filter(key=key).update(parked=True, last_error="Its worker died 5 times.")
    enqueue("provisioning.sweep")
    run_jobs()
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert "Its worker died 5 times." in run.problem
    assert "died" not in run.client_problem
    approving.resume(run, actor=SAM)
    assert run_to_the_end(order).state == Run.State.DONE


def test_an_undo_whose_job_was_given_up_stops_and_can_be_tried_again(approved: World) -> None:
    order, run = Order.objects.get(), Run.objects.get()
    approving.take_back(run, actor=SAM)
    Job.objects.filter(key=f"undo/{run.uid}").update(parked=True, last_error="Bang")
    enqueue("provisioning.sweep")
    run_jobs()
    run.refresh_from_db()
    assert run.state == Run.State.UNDO_FAILED
    approving.take_back(run, actor=SAM)
    assert run_to_the_end(order).state == Run.State.UNDONE


def test_a_plan_whose_job_was_given_up_is_made_when_staff_asks_again(world: World) -> None:
    order = world.pbx_order()
    Job.objects.filter(name="provisioning.plan").update(parked=True)
    run_jobs()
    assert approving.latest_plan(order) is None
    approving.replan(order, actor=SAM)
    run_jobs()
    assert approving.latest_plan(order) is not None


def test_a_step_skipped_while_it_was_looked_at_stays_skipped(approved: World) -> None:
    approved.peers.fusionpbx.registrar = NEVER
    run = Run.objects.get()
    run_jobs()
    run.refresh_from_db()
    step = run.steps.get(key__startswith="gateway-up/")
    seen_by_the_job = run.steps.get(pk=step.pk)
    approving.skip_step(step, reason="The carrier registers on Monday.", actor=SAM)
    claimed = claim()
    assert claimed is not None
    Journal(claimed.ticket, run).done(seen_by_the_job, [])
    step.refresh_from_db()
    assert step.state == Step.State.SKIPPED


def test_a_step_of_a_run_that_was_undone_is_not_skipped(approved: World) -> None:
    order, run = Order.objects.get(), Run.objects.get()
    approving.take_back(run, actor=SAM)
    run = run_to_the_end(order)
    step = run.steps.get(key__startswith="gateway-up/")
    with pytest.raises(Refusal, match="has ended"):
        approving.skip_step(step, reason="Not needed any more.", actor=SAM)


def test_no_other_number_is_chosen_while_the_old_one_s_run_is_taken_back(approved: World) -> None:
    order = Order.objects.get()
    approved.peers.voipms.faults.add("status:invalid_param", method="setDIDRouting")
    run = run_to_the_end(order)
    assert run.state == Run.State.FAILED
    # The carrier took the number back meanwhile, and what was made cannot be undone at once.
    [number] = list(approved.peers.voipms.state.dids)
    del approved.peers.voipms.state.dids[number]
    approved.peers.voipms.faults.add("status:invalid_param", method="delSubAccount", times=-1)
    approving.resume(run, actor=SAM)
    run = run_to_the_end(order)
    order.refresh_from_db()
    assert (order.state, run.state) == (Order.State.CHOOSE_NUMBER, Run.State.UNDO_FAILED)
    chosen = renumbering.alternatives(order)[0][0].e164
    with pytest.raises(Refusal, match="still taking back"):
        renumbering.choose_another(order, chosen, actor=SAM)
    approved.peers.voipms.faults.clear()
    approving.take_back(run, actor=SAM)
    assert run_to_the_end(order).state == Run.State.UNDONE
    renumbering.choose_another(order, chosen, actor=SAM)
    approve(order)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    assert Outside(approved).leftovers()["sub_accounts"] == 1
