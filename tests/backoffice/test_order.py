"""The order workspace: plan, live run, failure, result, and what staff can do in each."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.models import User
from ringup.core.models import Activity
from ringup.jobs.models import Job
from ringup.orders.models import Order
from ringup.provisioning.models import Run, Step
from ringup.services.wanted import Goal
from tests.factories import (
    Shop,
    make_mail,
    make_number_order,
    make_pbx_order,
    make_plan,
    make_run,
    service_of,
)
from tests.world import People


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme)


def page(browser: Browser, order: Order, **query: str) -> str:
    answer = browser.get(reverse("office:order", args=[order.uid]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def fragment(browser: Browser, order: Order, **query: str) -> Any:
    address = reverse("office:order", args=[order.uid])
    return browser.get(address, query, headers={"HX-Request": "true"})


def post(browser: Browser, name: str, *args: object, **data: str) -> Any:
    return browser.post(reverse(f"office:{name}", args=args), data)


# -- the plan -------------------------------------------------------------------------------------


def test_while_the_plan_is_made_the_page_looks_again(staff: Browser, order: Order) -> None:
    text = page(staff, order)
    assert "Comparing the order with the world" in text
    assert 'hx-trigger="every 1s"' in text
    assert "Approve and provision" not in text


def test_the_plan_shows_rows_costs_and_margin(staff: Browser, order: Order) -> None:
    plan = make_plan(order)
    text = page(staff, order)
    for change in plan.changes.all():
        assert change.text in text
    assert "Extensions 1001 to 1010 with voicemail" in text
    assert 'data-sign="+"' in text
    assert 'data-sign="~"' in text
    table = staff.get(reverse("office:order", args=[order.uid])).context["work"].plan
    assert [target.name for target in table.targets] == [
        service_of(order).account.name, str(service_of(order).server), "Mail",
    ]  # fmt: skip
    assert (str(table.cost.once), str(table.cost.monthly)) == ("$0.40", "$0.85")
    assert (str(table.price.once), str(table.price.monthly)) == ("$0.00", "$79.00")
    assert (str(table.margin.once), str(table.margin.monthly)) == ("-$0.40", "$78.15")
    assert "VoIP.ms sandbox has a balance of $25.00" in text
    assert "every 1s" not in text


def test_the_button_posts_back_the_plan_that_was_seen(staff: Browser, order: Order) -> None:
    plan = make_plan(order)
    text = page(staff, order)
    assert f'<input type="hidden" name="digest" value="{plan.digest}">' in text
    answer = post(staff, "approve", order.uid, digest=plan.digest)
    assert answer["Location"] == reverse("office:order", args=[order.uid])
    run = Run.objects.get()
    assert run.approval.plan == plan
    order.refresh_from_db()
    assert order.state == Order.State.APPROVED


def test_a_plan_that_changed_meanwhile_starts_nothing(staff: Browser, order: Order) -> None:
    seen = make_plan(order, digest="a" * 64)
    make_plan(order, digest="b" * 64)
    answer = post(staff, "approve", order.uid, digest=seen.digest)
    assert answer.status_code == 422
    assert "The plan has changed since you looked. Nothing was started." in answer.content.decode()
    assert f'value="{"b" * 64}"' in answer.content.decode()
    assert Run.objects.count() == 0
    order.refresh_from_db()
    assert order.state == Order.State.PENDING


def test_two_approvers_start_one_run(staff: Browser, order: Order) -> None:
    plan = make_plan(order)
    assert post(staff, "approve", order.uid, digest=plan.digest).status_code == 302
    assert post(staff, "approve", order.uid, digest=plan.digest).status_code == 422
    assert Run.objects.count() == 1


def test_an_unmet_condition_hides_the_button_and_says_why(staff: Browser, order: Order) -> None:
    plan = make_plan(order, ok=False)
    text = page(staff, order)
    assert "Approve and provision" not in text
    assert "This plan cannot be approved yet" in text
    assert "Does not hold: " in text
    assert post(staff, "approve", order.uid, digest=plan.digest).status_code == 422
    assert Run.objects.count() == 0


def test_a_plan_that_could_not_be_made_says_why(staff: Browser, order: Order) -> None:
    make_plan(order, problem="VoIP.ms refuses our password. <b>Check it.</b>")
    text = page(staff, order)
    assert "VoIP.ms refuses our password. &lt;b&gt;Check it.&lt;/b&gt;" in text
    assert "Approve and provision" not in text
    assert "Check again" in text


def test_check_again_waits_for_a_newer_plan(staff: Browser, order: Order) -> None:
    old = make_plan(order)
    answer = post(staff, "check", order.uid)
    assert answer["Location"].endswith(f"?checked={old.uid}")
    assert Job.objects.filter(name="provisioning.plan").count() == 1
    text = page(staff, order, checked=str(old.uid))
    assert "Comparing the order with the world" in text
    assert "Approve and provision" not in text
    make_plan(order, digest="e" * 64)
    assert f'value="{"e" * 64}"' in page(staff, order, checked=str(old.uid))


def test_an_empty_plan_says_that_nothing_is_left(staff: Browser, order: Order) -> None:
    make_plan(order).changes.all().delete()
    assert "There is nothing left to do" in page(staff, order)


# -- the run --------------------------------------------------------------------------------------


def test_a_live_run_looks_again_and_shows_every_step(staff: Browser, order: Order) -> None:
    run = make_run(
        order, state="waiting", done=6, step_state="waiting", detail="the gateway is trying"
    )
    text = page(staff, order)
    assert 'hx-trigger="every 1s"' in text
    for step in run.steps.all():
        assert step.text in text
    assert "the gateway is trying" in text
    assert "Next check at" in text
    assert "Tried 3 times" in text
    assert 'role="status">Prove that the gateway is up' in text
    assert "6/8" in text
    assert "3.0 s" in text


def test_the_live_fragment_is_empty_until_a_step_moves_and_then_stops(
    staff: Browser, order: Order
) -> None:
    run = make_run(order, state="running", done=2, step_state="running")
    mark = staff.get(reverse("office:order", args=[order.uid])).context["work"].mark
    assert fragment(staff, order, seen=mark).status_code == 204
    run.steps.filter(position=2).update(state=Step.State.DONE)
    answer = fragment(staff, order, seen=mark)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    Run.objects.filter(pk=run.pk).update(state=Run.State.DONE)
    Order.objects.filter(pk=order.pk).update(state=Order.State.COMPLETED)
    last = fragment(staff, order, seen=answer.context["work"].mark)
    assert last.status_code == 286

    assert "every 1s" not in last.content.decode()
    assert "What the client has" in last.content.decode()


def test_between_the_run_s_end_and_the_order_s_the_page_looks_again(
    staff: Browser, order: Order
) -> None:
    make_run(order, state=Run.State.DONE, done=9)
    Order.objects.filter(pk=order.pk).update(state=Order.State.APPROVED)
    answer = fragment(staff, order)
    assert answer.status_code == 200
    assert "every 1s" in answer.content.decode()
    Order.objects.filter(pk=order.pk).update(state=Order.State.COMPLETED)
    assert fragment(staff, order).status_code == 286


def test_a_failure_says_what_happened_what_was_charged_and_what_to_do(
    staff: Browser, order: Order
) -> None:
    problem = "the event socket did not answer.\nCheck the PBX."
    make_run(order, state="failed", done=4, step_state="failed", problem=problem, detail=problem)
    text = page(staff, order)
    assert "the event socket did not answer.<br>Check the PBX." in text
    assert "Stopped at “Create tenant" in text
    assert '<span class="money">$0.40</span> once' in text
    assert "4 of 8 steps are finished" in text
    assert "Resume" in text
    assert "Undo everything" in text
    assert "every 1s" not in text


def test_before_the_purchase_nothing_was_charged(staff: Browser, order: Order) -> None:
    make_run(order, state="failed", done=0, step_state="refused", problem="x")
    assert "nothing by VoIP.ms sandbox." in page(staff, order)


def test_a_lost_answer_is_not_called_free(staff: Browser, order: Order) -> None:
    run = make_run(order, state="failed", done=0, step_state="failed", problem="no reply")
    run.steps.filter(position=0).update(unknown_since=run.started)
    assert "not certain, an answer was lost" in page(staff, order)


def test_resume_goes_on(staff: Browser, order: Order) -> None:
    run = make_run(order, state="failed", done=4, step_state="failed", problem="x")
    assert post(staff, "resume", order.uid, run.uid).status_code == 302
    run.refresh_from_db()
    assert run.state == Run.State.RUNNING
    assert Job.objects.filter(name="provisioning.advance").count() == 1


def test_a_finished_run_is_not_resumed(staff: Browser, order: Order) -> None:
    run = make_run(order, state="done", done=8)
    answer = post(staff, "resume", order.uid, run.uid)
    assert answer.status_code == 422
    assert "Reload the page" in answer.content.decode()
    run.refresh_from_db()
    assert run.state == Run.State.DONE


def test_undo_names_what_is_lost_before_it_acts(staff: Browser, order: Order) -> None:
    run = make_run(order, state="failed", done=5, step_state="failed", problem="x")
    address = reverse("office:undo", args=[order.uid, run.uid])
    asked = staff.get(address).content.decode()
    assert "Buy +1 212 555 1000" in asked
    assert "$0.40</span> of set-up fees are lost" in asked
    assert "Prove that the gateway" not in asked
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert staff.post(address).status_code == 302
    run.refresh_from_db()
    assert run.state == Run.State.UNDOING


def test_only_the_gateway_s_proof_can_be_skipped_and_with_a_reason(
    staff: Browser, order: Order
) -> None:
    run = make_run(order, state="waiting", done=6, step_state="waiting")
    step, other = run.steps.get(position=6), run.steps.get(position=4)
    assert page(staff, order).count("Skip with a reason") == 1
    assert post(staff, "skip", order.uid, step.pk, reason=" ").status_code == 422
    assert (
        "Write the reason in a sentence"
        in post(staff, "skip", order.uid, step.pk, reason="no").content.decode()
    )
    assert post(staff, "skip", order.uid, other.pk, reason="I want to").status_code == 422
    assert post(staff, "skip", order.uid, step.pk, reason="The PBX is new").status_code == 302
    step.refresh_from_db()
    other.refresh_from_db()
    assert (step.state, other.state) == (Step.State.SKIPPED, Step.State.DONE)
    assert "The PBX is new" in page(staff, order)


def test_questions_are_pages_and_dialogs(staff: Browser, order: Order) -> None:
    run = make_run(order, state="failed", done=6, step_state="failed", problem="x")
    step = run.steps.get(position=6)
    addresses = [
        reverse("office:undo", args=[order.uid, run.uid]),
        reverse("office:skip", args=[order.uid, step.pk]),
        reverse("office:reject", args=[order.uid]),
        reverse("office:support", args=[order.uid]),
    ]
    for address in addresses:
        whole = staff.get(address).content.decode()
        assert "<html" in whole
        assert "data-close" not in whole
        piece = staff.get(address, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in piece
        assert "data-close" in piece


# -- ends -----------------------------------------------------------------------------------------


def test_reject_needs_a_reason_and_ends_the_order(staff: Browser, order: Order) -> None:
    make_plan(order)
    refused = post(staff, "reject", order.uid, reason="")
    assert refused.status_code == 422
    assert "Write the reason in a sentence." in refused.content.decode()
    assert post(staff, "reject", order.uid, reason="We do not serve <b>fax</b>").status_code == 302
    order.refresh_from_db()
    assert order.state == Order.State.REJECTED
    text = page(staff, order)
    assert "We do not serve &lt;b&gt;fax&lt;/b&gt;" in text
    assert reverse("office:reject", args=[order.uid]) not in text
    assert post(staff, "reject", order.uid, reason="once more").status_code == 422


def test_a_finished_order_shows_what_the_client_has(staff: Browser, order: Order) -> None:
    make_run(order, state="done", done=8)
    text = page(staff, order)
    assert "What the client has" in text
    assert service_of(order).name in text
    assert "Mail a new link" in text
    assert "every 1s" not in text
    assert reverse("office:reject", args=[order.uid]) not in text


def test_a_new_link_is_mailed(staff: Browser, order: Order) -> None:
    make_run(order, state="done", done=8)
    assert post(staff, "new-link", order.uid).status_code == 302
    assert Job.objects.filter(name="mail.send").count() == 1
    assert "A new link to your passwords" in page(staff, order)


def test_a_number_without_own_sip_account_has_no_link(
    staff: Browser, shop: Shop, people: People
) -> None:
    order = make_number_order(shop, people.acme, goal=Goal.TELEPHONE, value="+14165550177")
    make_run(order, state="done", done=8)
    assert "Mail a new link" not in page(staff, order)


# -- beside it ------------------------------------------------------------------------------------


def test_mails_of_order_and_service_are_listed_with_their_state(
    staff: Browser, shop: Shop, people: People, order: Order
) -> None:
    make_mail(f"order:{order.uid}", subject="We have your order", state="sent")
    make_mail(f"service:{service_of(order).uid}", subject="Your PBX is ready", state="failed")
    stranger = make_pbx_order(shop, people.other)
    make_mail(f"order:{stranger.uid}", subject="Somebody else's")
    text = page(staff, order)
    assert "We have your order" in text
    assert "Your PBX is ready" in text
    assert "Failed" in text
    assert "Somebody else" not in text


def test_history_is_newest_first_and_activity_is_kept(
    staff: Browser, order: Order, people: People
) -> None:
    order.note("Seen by staff.", actor=people.sam.as_actor())
    order.note("", actor=people.sam.as_actor(), staff_text="internal: call him back")
    Activity.record(people.sam.as_actor(), f"order:{order.uid}", "asked for a new plan")
    text = page(staff, order)
    assert text.index("internal: call him back") < text.index("Seen by staff.")
    assert text.index("Seen by staff.") < text.index("Order received.")
    assert "asked for a new plan" in text


def test_the_support_package_can_be_copied(staff: Browser, order: Order) -> None:
    make_run(order, state="failed", done=4, step_state="failed", problem='said "no" & <left>')
    text = staff.get(reverse("office:support", args=[order.uid])).content.decode()
    assert order.label in text
    assert "data-copy=" in text
    assert "<left>" not in text
    assert "said &quot;no&quot; &amp; &lt;left&gt;" in text


def test_no_stored_secret_is_in_any_page(staff: Browser, shop: Shop, people: People) -> None:
    order = make_pbx_order(shop, people.acme)
    run = make_run(order, state="failed", done=6, step_state="failed", problem="x")
    service = service_of(order)
    opened = service.open_secrets()
    secrets = {opened["administrator_hash"], opened["trunk_password"], "carrier-secret"}
    secrets |= {value for row in opened["extensions"].values() for value in row.values()}
    secrets |= {service.secrets_sealed, "secret-of-events"}
    addresses = [
        reverse("office:queue"),
        reverse("office:queue-export"),
        reverse("office:order", args=[order.uid]),
        reverse("office:support", args=[order.uid]),
        reverse("office:undo", args=[order.uid, run.uid]),
        reverse("office:reject", args=[order.uid]),
    ]
    for address in addresses:
        text = staff.get(address).getvalue().decode()
        assert [secret for secret in secrets if secret in text] == [], address


def test_what_clients_type_is_escaped(staff: Browser, people: People, shop: Shop) -> None:
    evil = "<script>alert(1)</script>"
    people.acme.name = people.acme.contact_name = evil
    people.acme.save()
    order = make_pbx_order(shop, people.acme)
    run = make_run(order, state="failed", done=1, step_state="failed", problem=evil, detail=evil)
    order.note(evil, actor=people.sam.as_actor(), staff_text=evil)
    make_mail(f"order:{order.uid}", subject=evil)
    for address in (
        reverse("office:order", args=[order.uid]),
        reverse("office:support", args=[order.uid]),
        reverse("office:reject", args=[order.uid]),
        reverse("office:undo", args=[order.uid, run.uid]),
    ):
        assert "<script>alert" not in staff.get(address).content.decode(), address


def test_the_page_s_queries_do_not_grow_with_the_history(staff: Browser, order: Order) -> None:
    run = make_run(order, state="running", done=1, step_state="running")
    page(staff, order)
    with CaptureQueriesContext(connection) as few:
        page(staff, order)
    sam = User.objects.get(is_staff=True).as_actor()
    for number in range(10):
        order.note(f"note {number}", actor=sam)
        make_mail(f"order:{order.uid}", subject=f"mail {number}")
        Step.objects.create(run=run, position=20 + number, key=f"k{number}", target="t", text="t")
    with CaptureQueriesContext(connection) as many:
        page(staff, order)
    assert len(many) == len(few)


def test_whether_the_address_is_proved_is_said(
    staff: Browser, order: Order, people: People
) -> None:
    address = reverse("office:order", args=[order.uid])
    assert "not verified yet" in staff.get(address).content.decode()
    User.objects.filter(pk=people.alice.pk).update(email_verified=timezone.now())
    assert "not verified yet" not in staff.get(address).content.decode()
