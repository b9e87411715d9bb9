"""After a restore nothing goes on by itself: runs ask, jobs wait, everybody signs in again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import serializers
from pytest_django import Settings

from ringup.core.actors import RINGUP
from ringup.core.models import Activity
from ringup.flows.coming_back import come_back
from ringup.flows.models import Checkup
from ringup.flows.orders import approving
from ringup.jobs import attending
from ringup.jobs.clock import FromNow
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job, Schedule
from ringup.jobs.running import run_one
from ringup.jobs.scheduling import begin_due_slots
from ringup.mail.models import Outbox
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.approving import run_key
from ringup.provisioning.models import Run, Step
from ringup.services.models import Service
from tests.factories import make_mail, make_pbx_order, make_run, make_shop
from tests.provisioning.outside import Outside
from tests.world import SAM, World, approve, make_client, run_jobs, run_to_the_end

pytestmark = pytest.mark.django_db
MADE = datetime(2026, 11, 20, 8, 15, tzinfo=UTC)


@pytest.fixture
def orders() -> dict[str, Order]:
    """One order with a run in each state."""
    shop, client = make_shop(), make_client("Acme")
    found = {}
    for state in Run.State.values:
        found[state] = make_pbx_order(shop, client)
        make_run(found[state], state=state, done=2, step_state="running", problem="It was so.")
    return found


def test_every_unfinished_run_asks_a_person(orders: dict[str, Order]) -> None:
    refused = approving.latest_run(orders["failed"]).steps.get(position=2)
    Step.objects.filter(pk=refused.pk).update(state=Step.State.REFUSED, touched=False)
    back = come_back(MADE, actor=RINGUP)

    states = {was: approving.latest_run(order).state for was, order in orders.items()}
    assert states == {
        "ready": "asking", "running": "asking", "waiting": "asking", "asking": "asking",
        "failed": "failed", "undoing": "undo-failed", "undo-failed": "undo-failed",
        "done": "done", "undone": "undone",
    }  # fmt: skip
    unfinished = [order for was, order in orders.items() if was not in ("done", "undone")]
    assert sorted(back.orders) == sorted(order.label for order in unfinished)
    for order in unfinished:
        run = approving.latest_run(order)
        assert "the backup of 2026-11-20 08:15 UTC" in run.problem
        assert order.events.filter(text="", staff_text__contains="Restored").count() == 1
        # What the backup calls untouched may have been done since: undo must look for it.
        assert not run.steps.filter(touched=False).exists()
        assert not run.steps.filter(run_at__isnull=False).exists()
    assert "It was so." in approving.latest_run(orders["failed"]).problem
    refused.refresh_from_db()
    assert (refused.state, refused.touched) == (Step.State.FAILED, True)

    asking = approving.latest_run(orders["running"])
    approving.resume(asking, actor=SAM)
    assert Job.objects.filter(key=run_key(asking), parked=False).count() == 1
    approving.take_back(approving.latest_run(orders["undoing"]), actor=SAM)


def test_no_job_begins_and_no_mail_goes_out(orders: dict[str, Order]) -> None:
    mail = make_mail("order:1", subject="Perhaps sent", state="waiting")
    enqueue("mail.send", key=f"mail/{mail.pk}", mail=mail.pk)
    running = approving.latest_run(orders["running"])
    enqueue("provisioning.advance", key=run_key(running), run=str(running.uid))
    enqueue("jobs.probe", key="half-done")
    Job.objects.filter(key="half-done").update(owner="gone:1:x", lease_until=FromNow(100))
    enqueue("jobs.probe", key="given-up")
    Job.objects.filter(key="given-up").update(parked=True, last_error="Long ago.")
    begin_due_slots()
    attending.attend()
    SessionStore().create()
    Checkup.objects.create(by_label="Sam")

    back = come_back(MADE, actor=RINGUP)
    assert (back.jobs, back.mails) == (2, 1)
    assert not run_one()
    left = {job.key: job for job in Job.objects.all()}
    assert set(left) == {f"mail/{mail.pk}", "half-done", "given-up"}
    assert all(job.parked and not job.owner and job.lease_until is None for job in left.values())
    assert left["given-up"].last_error == "Long ago."
    assert "2026-11-20" in left["half-done"].last_error
    fresh = Outbox.objects.get(pk=mail.pk)
    assert (fresh.state, fresh.message_id) == (Outbox.State.WAITING, mail.message_id)
    assert "may have been sent already" in fresh.error
    assert not Session.objects.exists()
    assert not Schedule.objects.exists()
    assert not Checkup.objects.exists()
    assert attending.living() == []
    entry = Activity.objects.get(subject="installation")
    assert entry.detail["jobs"] == 2

    again = come_back(MADE, actor=RINGUP)
    assert again.jobs == 0


def test_what_was_made_after_the_backup_is_found_and_made_once(
    world: World, settings: Settings
) -> None:
    """The backup knows an approved order; the world has its number and its tenant already."""
    settings.RINGUP_SETTLE_SECONDS = 0
    order = world.pbx_order()
    approve(order)
    models = (Service, OwnedNumber, Order, Run, Step)
    backup = [serializers.serialize("json", model.objects.all()) for model in models]

    def restore() -> Run:
        Job.objects.all().delete()
        for rows in backup:
            for row in serializers.deserialize("json", rows):
                row.save()
        come_back(MADE, actor=RINGUP)
        run = approving.latest_run(order)
        assert run is not None
        assert run.state == Run.State.ASKING
        return run

    assert run_to_the_end(order).state == Run.State.DONE
    made = Outside(world).leftovers()
    assert made["dids"] == 1

    approving.resume(restore(), actor=SAM)
    assert run_to_the_end(order).state == Run.State.DONE
    assert Outside(world).leftovers() == made
    assert len(world.peers.fusionpbx.gateways()) == 1

    approving.take_back(restore(), actor=SAM)
    run_jobs()
    assert approving.latest_run(order).state == Run.State.UNDONE
    assert set(Outside(world).leftovers().values()) == {0}
    assert len(world.peers.fusionpbx.gateways()) == 0
