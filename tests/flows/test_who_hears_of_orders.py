"""Mails about an order: one for each mailbox, and a link that signs in for its own login alone."""

from __future__ import annotations

from typing import Any

import pytest

from ringup.accounts.models import Membership, User
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.mail.models import Outbox
from ringup.orders.models import Order
from tests.factories import make_pbx_order, make_shop
from tests.world import make_people

pytestmark = pytest.mark.django_db(transaction=True)


def told(order: Order, job: str = "orders.received") -> dict[str, Any]:
    """The client's mails after the job, by address."""
    Outbox.objects.all().delete()
    enqueue(job, queue="told", order=str(order.uid))
    assert run_one(("told",))
    assert not Job.objects.filter(queue="told").exists()
    return {mail.to: mail for mail in Outbox.objects.filter(client_id=order.client_id)}


def test_a_link_that_signs_in_goes_to_its_own_mailbox_alone() -> None:
    people = make_people()
    order = make_pbx_order(make_shop(), people.acme)
    people.alice.set_unusable_password()
    people.alice.save()
    mails = told(order)
    assert set(mails) == {people.acme.email, people.alice.email, people.bob.email}
    assert [to for to, mail in mails.items() if "/account/password/" in mail.text] == [
        people.alice.email
    ]
    assert {mail.key for mail in mails.values()} == {
        f"order/{order.uid}/order-received",
        f"order/{order.uid}/order-received/{people.alice.pk}",
        f"order/{order.uid}/order-received/{people.bob.pk}",
    }
    # Billing may change much of the company's data; were its address somebody else's, he would be in.
    User.objects.filter(pk=people.alice.pk).update(email="alice@else.example")
    assert "/account/password/" not in told(order)[people.acme.email].text


def test_nobody_is_bothered_but_asked_where_an_order_waits_for_him() -> None:
    people = make_people()
    order = make_pbx_order(make_shop(), people.acme)
    people.acme.email = people.alice.email
    people.acme.save()
    Membership.objects.update(topics=[])
    assert told(order) == {}
    assert set(told(order, "orders.ask_number")) == {people.alice.email}
