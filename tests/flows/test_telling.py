"""Mails to staff by itself: who gets which, once for each event, and never in a circle."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ringup.accounts.models import User
from ringup.accounts.roles import Role
from ringup.accounts.staff_notices import Notice, as_usual, choose_notices, notices_of, readers
from ringup.core.sentences import Refusal
from ringup.flows.orders import timeline
from ringup.flows.orders.how_long import USUAL_REVIEW, USUAL_SET_UP, how_long
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.running import run_one
from ringup.mail.models import Outbox
from ringup.orders.models import Order
from tests.factories import Shop, make_mail, make_pbx_order, make_shop, service_of
from tests.world import People, make_people, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return make_shop()


@pytest.fixture
def people(shop: Shop) -> People:
    return make_people()


def told(job: str, **arguments: Any) -> list[str]:
    """Who of staff got a mail through the job, which is delivered twice."""
    Outbox.objects.filter(template__startswith="staff-").delete()
    for _ in range(2):
        enqueue(job, queue="told", **arguments)
        assert run_one(("told",))
    return sorted(Outbox.objects.filter(template__startswith="staff-").values_list("to", flat=True))


@pytest.mark.once
def test_the_usual_mails_of_each_role(people: People) -> None:
    for role in Role.values:
        usual = notices_of(make_user(role, None, is_staff=True, role=role))
        assert (Notice.NEW_ORDER in usual) is (role in ("owner", "manager", "provisioning"))
        assert (Notice.LOW_BALANCE in usual) is (role == "owner")
    assert [user.email for user in readers(Notice.LOW_BALANCE)] == [
        people.sam.email, "owner@example.com",
    ]  # fmt: skip


@pytest.mark.once
def test_each_chooses_for_himself_among_what_his_role_may_read(people: People) -> None:
    mia = make_user("mia", None, is_staff=True, role=Role.READ_ONLY)
    assert notices_of(mia) == frozenset()
    choose_notices(mia, ["new-order", "client-wrote"])
    choose_notices(people.sam, [])
    assert [user.email for user in readers(Notice.CLIENT_WROTE)] == [mia.email]
    with pytest.raises(Refusal):
        choose_notices(mia, ["everything"])
    as_usual(people.sam)
    assert notices_of(people.sam) == frozenset(Notice)
    # One who left, or is no staff any more, hears nothing whatever he had chosen.
    User.objects.filter(pk=mia.pk).update(is_active=False)
    assert mia not in readers(Notice.NEW_ORDER)
    User.objects.filter(pk=mia.pk).update(is_active=True, is_staff=False, role="")
    assert mia not in readers(Notice.NEW_ORDER)


def test_a_new_order_is_told_to_who_wants_it(people: People, shop: Shop) -> None:
    order = make_pbx_order(shop, people.acme)
    pat = make_user("pat", None, is_staff=True, role=Role.PROVISIONING)
    choose_notices(people.sam, [])
    assert told("orders.received", order=str(order.uid)) == [pat.email]


def test_a_mail_that_was_given_up_is_told_once_and_not_in_a_circle(
    people: People, shop: Shop
) -> None:
    order = make_pbx_order(shop, people.acme)
    pat = make_user("pat", None, is_staff=True, role=Role.MANAGER)
    failed = make_mail(f"order:{order.uid}", subject="A question", state="failed")
    both = [pat.email, people.sam.email]
    assert told("mail.failed", mail=failed.pk) == both
    mail = Outbox.objects.filter(to=pat.email).get()
    assert f"/office/orders/{order.uid}/" in mail.text
    # That one comes back too: nobody is told of it. Nor of his own, and of none that is gone.
    assert told("mail.failed", mail=mail.pk) == []
    Outbox.objects.filter(pk=failed.pk).update(to=pat.email.upper())
    assert told("mail.failed", mail=failed.pk) == [people.sam.email]
    assert told("mail.failed", mail=999_999) == []


# -- how long it takes ------------------------------------------------------------------------------


def completed(shop: Shop, people: People, *, review: int, set_up: int) -> Order:
    """An order that took so many minutes to be approved, and then to be set up."""
    order = make_pbx_order(shop, people.acme)
    Order.objects.filter(pk=order.pk).update(state=Order.State.COMPLETED)
    for new, minutes in (("approved", review), ("completed", review + set_up)):
        event = order.note("So far.", actor=people.sam.as_actor(), new=new)
        order.events.filter(pk=event.pk).update(at=order.submitted + timedelta(minutes=minutes))
    return order


def test_the_usual_words_until_five_orders_are_done(
    people: People, shop: Shop, django_assert_num_queries: Any
) -> None:
    new = make_pbx_order(shop, people.acme)
    for _ in range(4):
        completed(shop, people, review=30, set_up=4)
    service = service_of(new)
    lasts = how_long(new, service)
    assert (lasts.review, lasts.set_up) == (USUAL_REVIEW, USUAL_SET_UP)
    with django_assert_num_queries(0):
        how_long(new, service)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "about a minute"), (12, "about 12 minutes"), (150, "about 2 hours"),
     (60 * 50, "about 2 days")],
)  # fmt: skip
def test_then_the_middle_of_our_own(people: People, shop: Shop, minutes: int, words: str) -> None:
    new = make_pbx_order(shop, people.acme)
    for _ in range(4):
        completed(shop, people, review=minutes, set_up=3)
    completed(shop, people, review=minutes * 100, set_up=90)
    lasts = how_long(new, service_of(new))
    assert lasts.review == f"usually {words}"
    assert lasts.set_up == "usually about 3 minutes"
    now = timeline.happens_now(new, service_of(new))
    assert now is not None
    assert f"Our staff looks at it, usually {words}." in now.text
    # Real orders do not learn from rehearsals.
    new.is_sandbox = False
    assert how_long(new, service_of(new)).review == USUAL_REVIEW
