"""What keeps an order from approval: an unproved address, doubts, an old plan; and many at once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from ringup.accounts.models import Brand, User
from ringup.core.sentences import Refusal
from ringup.flows.orders import approving, cancelling
from ringup.flows.orders.approving_many import approve_many, why_not
from ringup.flows.orders.asking_for_proof import ask_for_proof
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.mail.models import Outbox
from ringup.orders.models import Draft, Order
from ringup.provisioning.models import Run
from tests.factories import Shop, make_pbx_order, make_plan, make_run, make_shop, service_of
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


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def approve(order: Order, **more: str) -> Run:
    plan = approving.latest_plan(order) or make_plan(order)
    return approving.approve(fresh(order), digest=plan.digest, actor=SAM, **more)


@pytest.fixture
def strict(shop: Shop) -> None:
    Brand.objects.update(needs_proved_email=True)


@pytest.mark.usefixtures("strict")
def test_a_new_client_proves_his_address_first(order: Order, people: People) -> None:
    with pytest.raises(Refusal, match="has not proved his e-mail address"):
        approve(order)
    assert not Run.objects.exists()
    # A technical member's address says nothing about who pays.
    User.objects.filter(pk=people.bob.pk).update(email_verified=timezone.now())
    with pytest.raises(Refusal, match="has not proved"):
        approve(order)
    User.objects.filter(pk=people.alice.pk).update(email_verified=timezone.now())
    approve(order)


@pytest.mark.usefixtures("strict")
def test_who_has_a_service_or_was_ordered_for_needs_no_proof(
    order: Order, shop: Shop, people: People
) -> None:
    Draft.objects.filter(pk=order.draft_id).update(placed_by=people.sam)
    approve(order)
    second = make_pbx_order(shop, people.acme)
    assert approving.lacks_proof(fresh(second))
    running = service_of(order)
    running.state = "active"
    running.save()
    assert not approving.lacks_proof(fresh(second))
    stranger = make_pbx_order(shop, people.other)
    assert approving.lacks_proof(fresh(stranger))


@pytest.mark.usefixtures("strict")
def test_the_link_is_mailed_again_to_the_owner_alone(order: Order, people: People) -> None:
    people.alice.set_unusable_password()
    people.alice.save()
    for _ in range(3):
        assert ask_for_proof(order, actor=SAM) == people.alice.email
    with pytest.raises(Refusal, match="three times within an hour"):
        ask_for_proof(order, actor=SAM)
    mails = Outbox.objects.filter(template="prove-address")
    assert {mail.to for mail in mails} == {people.alice.email}
    assert all("/account/password/" in mail.text for mail in mails)


@pytest.mark.usefixtures("strict")
def test_who_has_a_password_gets_the_link_that_only_he_can_follow(
    order: Order, people: People
) -> None:
    ask_for_proof(order, actor=SAM)
    (mail,) = Outbox.objects.all()
    assert (mail.to, mail.template) == (people.alice.email, "email-change")
    User.objects.filter(pk=people.alice.pk).update(email_verified=timezone.now())
    with pytest.raises(Refusal, match="No owner"):
        ask_for_proof(order, actor=SAM)


def test_doubts_must_be_looked_at_as_they_are(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(doubts=["The telephone is on the block list."])
    seen = approving.doubts_mark(fresh(order))
    for mark in ("", "x"):
        with pytest.raises(Refusal, match="should be looked at first"):
            approve(order, doubts_seen=mark)
    Order.objects.filter(pk=order.pk).update(doubts=["The telephone …", "Twelve orders today."])
    with pytest.raises(Refusal, match="should be looked at first"):
        approve(order, doubts_seen=seen)
    approve(order, doubts_seen=approving.doubts_mark(fresh(order)))


def test_while_another_plan_is_asked_for_the_old_one_is_not_approved(order: Order) -> None:
    plan = make_plan(order)
    service = service_of(order)
    key = f"plan/{service.pk}"
    enqueue("provisioning.plan", key=key, service=str(service.uid))
    with pytest.raises(Refusal, match="plan is being made"):
        approving.approve(order, digest=plan.digest, actor=SAM)
    # A planner that runs and was not asked again began behind the last change.
    Job.objects.filter(key=key).update(owner="a worker")
    approving.approve(order, digest=plan.digest, actor=SAM)


def test_staff_cancels_with_a_reason_that_the_client_reads(order: Order) -> None:
    with pytest.raises(Refusal, match="Say why"):
        cancelling.cancel_for_client(order, reason="  ", actor=SAM)
    cancelling.cancel_for_client(order, reason="You asked us by telephone.", actor=SAM)
    last = order.events.last()
    assert last is not None
    assert last.text == "Cancelled by our staff: You asked us by telephone."
    assert fresh(order).state == Order.State.CANCELLED


def test_two_of_staff_end_and_approve_at_once(order: Order) -> None:
    plan = make_plan(order)
    mine, yours = fresh(order), fresh(order)
    outcomes = at_once(
        lambda: cancelling.reject(mine, reason="No fax there.", actor=SAM),
        lambda: approving.approve(yours, digest=plan.digest, actor=SAM),
    )
    assert len(refused(outcomes)) == 1
    assert Run.objects.exists() is (fresh(order).state == Order.State.APPROVED)


# -- many -----------------------------------------------------------------------------------------


def test_many_are_approved_each_by_itself(shop: Shop, people: People) -> None:
    orders = [make_pbx_order(shop, people.acme) for _ in range(5)]
    seen = [(order, make_plan(order).digest) for order in orders]
    good, changed, doubted, gone, waiting = orders
    make_plan(changed, digest="f" * 64)
    Order.objects.filter(pk=doubted.pk).update(doubts=["Odd."])
    Order.objects.filter(pk=waiting.pk).update(asked=timezone.now())
    cancelling.cancel(fresh(gone), actor=SAM)
    results = approve_many(seen, actor=SAM)
    words = ["", "changed since you looked", "looked at first", "Somebody else", "not answered"]
    for result, found in zip(results, words, strict=True):
        assert found in result.refusal
        assert bool(found) == bool(result.refusal), result
    assert [run.service.line.order for run in Run.objects.all()] == [good]


def test_two_of_staff_approve_the_same_ones_at_once(shop: Shop, people: People) -> None:
    orders = [make_pbx_order(shop, people.acme) for _ in range(3)]
    seen = [(order, make_plan(order).digest) for order in orders]
    forth = [(fresh(order), digest) for order, digest in seen]
    back = [(fresh(order), digest) for order, digest in reversed(seen)]
    one, other = at_once(
        lambda: approve_many(forth, actor=SAM), lambda: approve_many(back, actor=SAM)
    )
    assert sum(not result.refusal for result in (*one, *other)) == 3
    assert Run.objects.count() == 3


def test_why_one_cannot_be_approved_among_others(order: Order) -> None:
    assert "being made" in why_not(order, None)
    assert why_not(order, make_plan(order)) == ""
    assert "balance" in why_not(order, make_plan(order, ok=False))
    assert "refuses" in why_not(order, make_plan(order, problem="VoIP.ms refuses our password."))
    run = make_run(order, state="running")
    assert "does not wait" in why_not(fresh(order), run.approval.plan)
