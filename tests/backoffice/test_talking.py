"""The order page while client and staff talk: questions, notes, changes, doubts; approving many."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.models import Brand, User
from ringup.accounts.roles import Role
from ringup.flows.orders import approving, writing
from ringup.mail.models import Outbox
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from tests.factories import Shop, make_number_order, make_pbx_order, make_plan, make_run
from tests.world import SAM, People, make_user


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme)


def page(browser: Browser, order: Order) -> str:
    answer = browser.get(reverse("office:order", args=[order.uid]))
    assert answer.status_code == 200
    return answer.content.decode()


def post(browser: Browser, name: str, order: Order, **data: str) -> Any:
    return browser.post(reverse(f"office:{name}", args=[order.uid]), data)


def test_request_information_shows_that_the_order_waits(
    staff: Browser, order: Order, people: People
) -> None:
    make_plan(order)
    assert post(staff, "write", order, text="Which street?", question="1").status_code == 302
    text = page(staff, order)
    assert "Waiting for client: we asked something" in text
    assert "Approve and provision" not in text
    assert "The client has not answered our question yet." in text
    queue = staff.get(reverse("office:queue"), {"status": "waiting-for-client"}).content.decode()
    assert order.label in queue
    writing.write_as_client(order, "Main <5>", actor=people.alice.as_actor())
    text = page(staff, order)
    assert "Main &lt;5&gt;" in text
    assert "Waiting for client" not in text
    assert "Approve and provision" in text


def test_a_question_can_be_withdrawn(staff: Browser, order: Order) -> None:
    make_plan(order)
    post(staff, "write", order, text="Which street?", question="1")
    assert post(staff, "withdraw-question", order).status_code == 302
    assert "Approve and provision" in page(staff, order)
    assert post(staff, "withdraw-question", order).status_code == 422


def test_a_message_asks_nothing_and_a_refused_one_is_kept(staff: Browser, order: Order) -> None:
    assert post(staff, "write", order, text="We begin on Monday.").status_code == 302
    order.refresh_from_db()
    assert order.asked is None
    answer = post(staff, "write", order, text="keep me \x07")
    assert answer.status_code == 422
    assert "Leave out control characters" in answer.content.decode()
    answer = post(staff, "note", order, text="y" * 4_001)
    assert "y" * 4_001 in answer.content.decode()


def test_a_note_stands_in_the_history(staff: Browser, order: Order) -> None:
    assert post(staff, "note", order, text="Called <him> twice").status_code == 302
    text = page(staff, order)
    assert "Called &lt;him&gt; twice" in text
    assert "Note for staff" in text


def test_doubts_are_ticked_before_approval(staff: Browser, order: Order) -> None:
    plan = make_plan(order)
    Order.objects.filter(pk=order.pk).update(doubts=["Twelve <orders> today."])
    text = page(staff, order)
    assert "Look at this before you approve" in text
    assert "Twelve &lt;orders&gt; today." in text
    assert post(staff, "approve", order, digest=plan.digest).status_code == 422
    order.refresh_from_db()
    mark = approving.doubts_mark(order)
    assert f'name="doubts" value="{mark}"' in text
    assert post(staff, "approve", order, digest=plan.digest, doubts=mark).status_code == 302


def test_an_unproved_address_is_asked_for_again(
    staff: Browser, order: Order, people: People
) -> None:
    Brand.objects.update(needs_proved_email=True)
    plan = make_plan(order)
    text = page(staff, order)
    assert "The e-mail address is not proved yet" in text
    assert "Approve and provision" not in text
    assert post(staff, "approve", order, digest=plan.digest).status_code == 422
    assert post(staff, "ask-for-proof", order).status_code == 302
    assert Outbox.objects.get().to == people.alice.email
    User.objects.filter(pk=people.alice.pk).update(email_verified=timezone.now())
    assert post(staff, "approve", order, digest=plan.digest).status_code == 302


@pytest.mark.django_db(transaction=True)  # the PBX is asked
def test_the_address_form_keeps_what_was_typed(staff: Browser, order: Order) -> None:
    asked = staff.get(reverse("office:rename", args=[order.uid])).content.decode()
    assert "becomes free for others at once" in asked
    answer = post(staff, "rename", order, label="a b")
    assert answer.status_code == 422
    assert "Use 1 to 40 letters" in answer.content.decode()
    assert 'value="a b"' in answer.content.decode()
    assert post(staff, "rename", order, label="acme-east").status_code == 302
    assert "acme-east." in page(staff, order)


def test_a_plain_number_has_no_address(staff: Browser, shop: Shop, people: People) -> None:
    order = make_number_order(shop, people.acme)
    assert "Change address" not in page(staff, order)
    assert post(staff, "rename", order, label="acme-east").status_code == 422


def test_staff_s_cancelling_says_why(staff: Browser, order: Order) -> None:
    assert post(staff, "cancel", order, reason="no").status_code == 422
    assert post(staff, "cancel", order, reason="You asked us to.").status_code == 302
    order.refresh_from_db()
    assert order.state == Order.State.CANCELLED
    assert "Cancelled by our staff: You asked us to." in page(staff, order)


def test_each_chooses_his_mails(staff: Browser, people: People) -> None:
    address = reverse("office:my-mails")
    text = staff.get(address).content.decode()
    assert text.count(" checked") == 8
    assert "usual ones of your role, owner" in text
    assert staff.post(address, {"notice": ["new-order"]}).status_code == 302
    assert staff.get(address).content.decode().count(" checked") == 1
    assert staff.post(address, {"notice": ["nonsense"]}).status_code == 422
    people.sam.refresh_from_db()
    assert people.sam.notices == ["new-order"]
    assert staff.post(address, {"usual": "1"}).status_code == 302
    assert staff.get(address).content.decode().count(" checked") == 8


# -- many -----------------------------------------------------------------------------------------


def many(browser: Browser, *orders: Order) -> str:
    query = {"order": [str(order.uid) for order in orders]}
    return browser.get(reverse("office:approve-many"), query).content.decode()


def test_many_are_shown_with_their_plans_and_approved_as_seen(
    staff: Browser, shop: Shop, people: People
) -> None:
    first, second, unplanned, asked = (make_pbx_order(shop, people.acme) for _ in range(4))
    plans = {order: make_plan(order) for order in (first, second, asked)}
    Order.objects.filter(pk=asked.pk).update(asked=timezone.now())
    text = many(staff, first, second, unplanned, asked)
    assert "Approve 2 orders" in text
    assert "$0.80" in text  # what the carrier takes once, for both
    assert "$1.70" in text
    for order in (first, second):
        assert f'name="digest-{order.uid}" value="{plans[order].digest}"' in text
    assert "The plan is being made" in text
    assert "has not answered our question" in text
    make_plan(second, digest="f" * 64)
    data = {"order": [str(first.uid), str(second.uid)]}
    data |= {f"digest-{order.uid}": plans[order].digest for order in (first, second)}
    text = staff.post(reverse("office:approve-many"), data).content.decode()
    assert "1 of 2 approved" in text
    assert "approved, its run has begun." in text
    assert "changed since you looked" in text
    assert Run.objects.count() == 1


def test_nothing_and_nonsense_approve_nothing(staff: Browser, order: Order) -> None:
    make_plan(order)
    address = reverse("office:approve-many")
    for data in ({}, {"order": ["x", "../etc"]}, {"order": [str(order.uid)]}):
        assert staff.get(address, data).status_code == 200
        assert staff.post(address, data).status_code == 200
    assert not Run.objects.exists()


@pytest.mark.parametrize("stage", ["asked", "failed", "running", "done", "choose_number"])
def test_at_no_stage_is_a_button_shown_that_the_role_may_not_press(
    order: Order, stage: str
) -> None:
    reader = Browser()
    reader.force_login(make_user("rob", None, is_staff=True, role=Role.READ_ONLY))
    match stage:
        case "asked":
            writing.write_as_staff(order, "Who?", actor=SAM, is_question=True)
        case "choose_number":
            Order.objects.filter(pk=order.pk).update(state=Order.State.CHOOSE_NUMBER)
        case _:
            make_run(order, state=stage, done=4, problem="it broke" if stage == "failed" else "")
    text = page(reader, order)
    main = text[text.index('id="order"') :]
    pressed = set(re.findall(rf"/orders/{order.uid}/([a-z-]+)/", main))
    assert pressed <= {"support"}


def test_who_may_only_read_sees_no_buttons(order: Order) -> None:
    make_plan(order)
    reader = Browser()
    reader.force_login(make_user("rob", None, is_staff=True, role=Role.READ_ONLY))
    assert reader.get(reverse("office:approve-many")).status_code == 403
    owner = Browser()
    owner.force_login(make_user("olga", None, is_staff=True, role=Role.OWNER))
    buttons = ["/approve/", "/check/", "/write/", "/note/", "/number/", "/address/", "/cancel/"]
    both = [page(one, order) for one in (owner, reader)]
    assert [[f"{order.uid}{one}" in text for one in buttons] for text in both] == [
        [True] * len(buttons),
        [False] * len(buttons),
    ]
    for name in ("write", "note", "cancel", "rename", "withdraw-question", "withdraw-proposal"):
        assert post(reader, name, order, text="x").status_code == 403
