"""A worker is killed before and after every step, and behind COMMIT on the PBX. The next one
resumes, and everything exists once; or undoes, and nothing is left that costs or answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from ringup.flows.orders import approving, renumbering
from ringup.mail.models import Outbox
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from ringup.sandbox.fusionpbx import ANY
from ringup.services.models import Service
from tests.provisioning.begun import rows_before
from tests.provisioning.dying import die_at
from tests.provisioning.outside import Outside
from tests.world import SAM, World, approve, run_jobs, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = [
    "number-purchase",
    "trunk",
    "number-routing",
    "carrier-access",
    "tenant",
    "pbx-refresh",
    "gateway-up",
    "welcome-mail",
]
UNDONE_STEPS = [
    "pbx-refresh",
    "tenant",
    "carrier-access",
    "number-routing",
    "trunk",
    "number-purchase",
]


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    settings.RINGUP_SETTLE_SECONDS = 0.15


def assert_everything_exists_once(world: World) -> None:
    outside, number = Outside(world), OwnedNumber.objects.get()
    assert outside.numbers() == {number.e164: str(number.uid)}
    assert set(outside.charges().values()) == {1}
    assert outside.leftovers() == {"dids": 1, "sub_accounts": 1, "forwardings": 0, "sip_uris": 0}
    domain = Service.objects.get(kind="tenant").name
    assert outside.who_answers(number.e164) == f"user/1001@{domain}"
    rows = outside.pbx_rows()[domain]
    assert rows["v_domains"] == 1
    assert rows["v_extensions"] == 10
    assert rows["v_voicemails"] == 10
    assert rows["v_gateways"] == 1
    assert rows["v_destinations"] == 1
    assert rows["v_users"] == 1
    assert Outbox.objects.filter(template="welcome-tenant").count() == 1


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_and_resumed_everything_exists_once(
    approved: World, step: str, moment: str
) -> None:
    order = Order.objects.get()
    assert die_at(step, "apply", moment)
    run = run_to_the_end(order)
    assert run.state == Run.State.DONE, run.problem
    assert_everything_exists_once(approved)
    order.refresh_from_db()
    assert order.state == Order.State.COMPLETED


def test_what_counts_is_the_last_try_s_time_not_the_first_s(
    approved: World, settings: Settings
) -> None:
    settings.RINGUP_SETTLE_SECONDS = 60
    run = Run.objects.get()
    purchase = run.steps.get(key__startswith="number-purchase/")
    long_ago = timezone.now() - timedelta(minutes=10)
    run.steps.filter(pk=purchase.pk).update(started=long_ago, attempts=1, touched=True)
    assert die_at("number-purchase", "apply", "before")
    run_jobs()
    purchase.refresh_from_db()
    assert purchase.state == "checking"
    assert Outside(approved).numbers() == {}


def test_a_resumed_run_still_waits_for_a_lost_purchase(approved: World, settings: Settings) -> None:
    settings.RINGUP_SETTLE_SECONDS = 60
    run = Run.objects.get()
    assert die_at("number-purchase", "apply", "before")
    Run.objects.filter(pk=run.pk).update(state="failed")
    run.refresh_from_db()
    approving.resume(run, actor=SAM)
    run_jobs()
    assert run.steps.get(key__startswith="number-purchase/").state == "checking"
    assert Outside(approved).numbers() == {}


def assert_nothing_is_left(world: World) -> None:
    outside = Outside(world)
    assert outside.leftovers() == {"dids": 0, "sub_accounts": 0, "forwardings": 0, "sip_uris": 0}
    assert outside.pbx_rows() == rows_before
    assert world.peers.fusionpbx.gateways() == []
    number = OwnedNumber.objects.filter(state="released").get()
    for form in (number.e164, number.e164[1:], number.e164[2:]):
        assert world.peers.fusionpbx.lookup_inbound(form).answered_by == ""


# The way forward is killed on both databases; this is the same journal backwards.
@pytest.mark.once
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", UNDONE_STEPS)
def test_killed_while_undoing_and_undone_again_nothing_is_left(
    failed: World, step: str, moment: str
) -> None:
    run = Run.objects.get()
    approving.take_back(run, actor=SAM)
    assert die_at(step, "undo", moment)
    run_jobs()
    run.refresh_from_db()
    assert run.state == Run.State.UNDONE, run.problem
    assert_nothing_is_left(failed)


def test_after_an_undo_the_order_waits_and_can_be_carried_out_anew(failed: World) -> None:
    order, run = Order.objects.get(), Run.objects.get()
    approving.take_back(run, actor=SAM)
    run_jobs()
    service = Service.objects.get(kind="tenant")
    assert service.generation == 2
    # This carrier does not sell a cancelled number again at once: the client chooses another.
    plan = approving.latest_plan(order)
    assert plan is not None
    assert not plan.is_possible
    order.refresh_from_db()
    assert order.state == Order.State.CHOOSE_NUMBER
    offer, _ = renumbering.alternatives(order)[0]
    renumbering.choose_another(order, offer.e164, actor=SAM)
    failed.peers.fusionpbx.registrar = ANY
    approve(order)
    again = run_to_the_end(order)
    assert again.state == Run.State.DONE, again.problem
    assert Outside(failed).who_answers(offer.e164) == f"user/1001@{service.name}"
