"""The thread of an order: what may be written, until when, what a question does, and who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ringup.accounts.models import Membership
from ringup.core.actors import GUEST
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.flows.orders import approving, badges, writing
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.mail.models import Outbox
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from tests.factories import Shop, make_pbx_order, make_plan, make_shop
from tests.racing import at_once, refused
from tests.world import SAM, People, make_people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return make_shop()


@pytest.fixture
def people(shop: Shop) -> People:
    return make_people()


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme)


def mailed(template: str) -> dict[str, str]:
    """Run the jobs that write mails; the texts of these by address."""
    while Job.objects.filter(name="orders.written").exists():
        Job.objects.exclude(name="orders.written").update(queue="later")
        assert run_one()
    return {mail.to: mail.text for mail in Outbox.objects.filter(template=template)}


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def test_a_question_waits_and_an_answer_ends_that(order: Order, people: People) -> None:
    plan = make_plan(order)
    writing.write_as_staff(order, "Which street?", actor=SAM, is_question=True)
    assert badges.badge(fresh(order)) is badges.FOR_CLIENT
    with pytest.raises(Refusal, match="has not answered our question"):
        approving.approve(order, digest=plan.digest, actor=SAM)
    texts = mailed("order-question")
    assert set(texts) == {"office@acme.example", "alice@example.com", "bob@example.com"}
    assert all("Which street?" in text for text in texts.values())
    writing.write_as_client(order, "Main street 5", actor=people.alice.as_actor())
    assert fresh(order).asked is None
    told = mailed("staff-client-wrote")
    assert set(told) == {"sam@example.com"}
    assert "Main street 5" in told["sam@example.com"]
    assert f"/office/orders/{order.uid}/" in told["sam@example.com"]
    assert [row.is_staff for row in order.messages.all()] == [True, False]
    assert Activity.objects.filter(what="answered the question", actor_label="Alice").exists()
    approving.approve(order, digest=plan.digest, actor=SAM)


def test_a_question_reaches_somebody_even_when_nobody_wants_mails(
    order: Order, people: People
) -> None:
    people.acme.email = people.alice.email
    people.acme.save()
    Membership.objects.update(topics=[])
    writing.write_as_staff(order, "For your information", actor=SAM)
    assert mailed("order-message") == {}
    writing.write_as_staff(order, "Which street?", actor=SAM, is_question=True)
    assert set(mailed("order-question")) == {people.alice.email}


def test_a_withdrawn_question_stays_to_read_and_holds_nothing_up(order: Order) -> None:
    plan = make_plan(order)
    writing.write_as_staff(order, "Which street?", actor=SAM, is_question=True)
    writing.withdraw_question(order, actor=SAM)
    with pytest.raises(Refusal, match="No question waits"):
        writing.withdraw_question(order, actor=SAM)
    assert order.messages.count() == 1
    assert badges.badge(fresh(order)) is badges.PENDING
    approving.approve(order, digest=plan.digest, actor=SAM)
    with pytest.raises(Refusal, match="Only an order that waits for approval"):
        writing.write_as_staff(order, "And now?", actor=SAM, is_question=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write a few words"),
        (" \n\t ", "Write a few words"),
        ("x" * 4_001, "at most 4,000"),
        ("a\x00b", "control characters"),
        ("a\x1b[31mb", "control characters"),
        ("pay \u202eevil", "control characters"),
        ("half \ud800", "control characters"),
    ],
)
def test_what_cannot_be_shown_is_not_sent(order: Order, text: str, words: str) -> None:
    for write in (
        lambda: writing.write_as_client(order, text, actor=GUEST),
        lambda: writing.write_as_staff(order, text, actor=SAM),
        lambda: writing.note_for_staff(order, text, actor=SAM),
    ):
        with pytest.raises(Refusal, match=words):
            write()
    assert not order.messages.exists()


def test_other_scripts_and_lines_are_kept_as_they_were_typed(order: Order) -> None:
    text = "سلام 👩‍👩‍👧\r\nzweite Zeile\t<b>kein Markup</b>  "
    writing.write_as_client(order, text, actor=GUEST)
    assert order.messages.get().text == "سلام 👩‍👩‍👧\nzweite Zeile\t<b>kein Markup</b>"


def test_the_thread_closes_thirty_days_after_the_end(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(
        state=Order.State.CANCELLED, closed=timezone.now() - timedelta(days=29)
    )
    writing.write_as_client(order, "Why?", actor=GUEST)
    Order.objects.filter(pk=order.pk).update(closed=timezone.now() - timedelta(days=31))
    assert not writing.can_write(fresh(order))
    with pytest.raises(Refusal, match="more than 30 days ago"):
        writing.write_as_client(order, "Still there?", actor=GUEST)
    with pytest.raises(Refusal, match="more than 30 days ago"):
        writing.write_as_staff(order, "Still there?", actor=SAM)


def test_a_completed_order_closes_too(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(state=Order.State.COMPLETED)
    event = order.note("Everything is set up.", actor=SAM, new=Order.State.COMPLETED)
    assert writing.can_write(fresh(order))
    order.events.filter(pk=event.pk).update(at=timezone.now() - timedelta(days=31))
    assert not writing.can_write(fresh(order))


def test_a_note_is_staff_s_alone(order: Order) -> None:
    writing.note_for_staff(order, "Called him twice.", actor=SAM)
    writing.note_for_staff(order, "Called him twice.", actor=SAM)
    events = order.events.filter(staff_text="Called him twice.")
    assert [(event.text, event.actor_label) for event in events] == [("", "Sam")]


def test_a_button_pressed_twice_sends_once(order: Order) -> None:
    outcomes = at_once(*[lambda: writing.write_as_client(order, "Hello", actor=GUEST)] * 4)
    assert refused(outcomes) == []
    assert order.messages.count() == 1
    assert Job.objects.filter(name="orders.written").count() == 1
    writing.write_as_staff(order, "Hello", actor=SAM)
    writing.write_as_client(order, "Hello", actor=GUEST)
    assert order.messages.count() == 3


def test_the_client_answers_while_staff_approves(order: Order) -> None:
    plan = make_plan(order)
    writing.write_as_staff(order, "Which street?", actor=SAM, is_question=True)
    mine, yours = fresh(order), fresh(order)
    outcomes = at_once(
        lambda: writing.write_as_client(mine, "Main street 5", actor=GUEST),
        lambda: approving.approve(yours, digest=plan.digest, actor=SAM),
    )
    # Whoever was first: the answer is there, and only behind it is the order approved.
    assert order.messages.count() == 2
    assert fresh(order).asked is None
    is_approved = not isinstance(outcomes[1], Refusal)
    assert (fresh(order).state == Order.State.APPROVED) is is_approved
    assert Run.objects.exists() is is_approved


def test_staff_asks_while_other_staff_approves(order: Order) -> None:
    plan = make_plan(order)
    mine, yours = fresh(order), fresh(order)
    outcomes = at_once(
        lambda: writing.write_as_staff(mine, "Which street?", actor=SAM, is_question=True),
        lambda: approving.approve(yours, digest=plan.digest, actor=SAM),
    )
    assert len(refused(outcomes)) == 1
    assert (fresh(order).asked is None) is (fresh(order).state == Order.State.APPROVED)
