"""Delivery is at least once: every job of ours is run twice, and nothing is doubled."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from ringup.accounts import password_links
from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import NumberPriceRule
from ringup.core.models import Activity
from ringup.flows.models import Checkup
from ringup.flows.orders import approving, cancelling, proposing, renumbering, writing
from ringup.flows.personal_data import closing
from ringup.jobs import running
from ringup.jobs.enqueuing import JobFunction, enqueue, function_of
from ringup.jobs.tickets import Ticket
from ringup.mail.models import Outbox
from ringup.numbers.models import Discrepancy, Stock, Sync
from ringup.orders.models import Order
from ringup.orders.proposals import open_proposal
from ringup.provisioning.models import Run
from ringup.sandbox.fusionpbx import ANY, NEVER
from tests.provisioning.outside import Outside
from tests.world import SAM, World, approve, make_user, run_jobs, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of the jobs that ran, each of them twice."""
    names: set[str] = set()

    def twice(name: str) -> JobFunction:
        genuine = function_of(name)

        def run(ticket: Ticket, **arguments: Any) -> None:
            names.add(name)
            genuine(ticket, **arguments)
            genuine(ticket, **arguments)

        return run

    monkeypatch.setattr(running, "function_of", twice)
    return names


def test_every_job_runs_twice_without_harm(
    world: World, settings: Settings, seen: set[str]
) -> None:
    settings.RINGUP_SETTLE_SECONDS = 0
    settings.RINGUP_GATEWAY_MINUTES = 0
    world.peers.fusionpbx.registrar = NEVER
    make_user("sam", None, is_staff=True)
    order = world.pbx_order()
    approve(order)
    run = run_to_the_end(order)
    run_jobs()
    assert Outbox.objects.filter(template="staff-run-failed").count() == 1
    assert order.events.filter(staff_text=run.problem).count() == 1
    approving.take_back(run, actor=SAM)
    run_jobs()
    order.refresh_from_db()
    assert order.state == Order.State.CHOOSE_NUMBER
    assert Outside(world).leftovers()["dids"] == 0
    again(world, order)
    world.peers.voipms.faults.add("sold_meanwhile", method="orderDID")
    other = world.pbx_order(company="Second Company", email="second@example.com")
    approve(other)
    run_to_the_end(other)
    other.refresh_from_db()
    talk(world, other)
    cancelling.cancel(other, actor=SAM)
    CarrierAccount.objects.update(low_balance_micros=10**12, low_balance_currency="USD")
    for name in (
        *("provisioning.sweep", "shop.tidy", "orders.expire_drafts", "jobs.probe"),
        *("carriers.balances", "health.check", "numbers.reconcile", "numbers.sync", "mail.erase"),
        "papers.erase",
    ):
        enqueue(name)
    password_links.ask(make_user("oblivious", None).email, at=order.brand, is_house=True)
    closing.close(make_user("leaver", None))
    number = {"account": str(world.account.uid), "e164": "+12125550100"}
    enqueue("numbers.end_reservation", **number, reservation="a reservation")
    lost = Outbox.objects.filter(template="order-received").first()
    enqueue("mail.failed", mail=lost.pk if lost else 0)
    run_jobs()
    assert seen == set(django_settings.RINGUP_JOBS)
    assert [one.under_way for one in Checkup.objects.all()] == [None, None]
    passes = Sync.objects.filter(kind=Sync.Kind.INVENTORY).values_list("problem", "numbers")
    assert list(passes) == [("", 1), ("", 1)]
    assert not Discrepancy.objects.exists()
    (synced,) = Sync.objects.filter(kind=Sync.Kind.STOCK)
    assert (synced.problem, synced.areas_done) == ("", Stock.objects.count())
    assert synced.finished is not None
    counts = {mail.key for mail in Outbox.objects.all()}
    assert len(counts) == Outbox.objects.count()
    assert Outbox.objects.filter(template="order-received").count() == 2
    assert Outbox.objects.filter(template="low-balance").count() == 1
    assert "leaver" not in str(list(Activity.objects.values()))


def talk(world: World, order: Order) -> None:
    """Letters, a number put in, and one proposed and left again, while the order waits."""
    writing.write_as_staff(order, "Which street?", actor=SAM, is_question=True)
    writing.write_as_client(order, "Main street 5", actor=SAM)
    near, next_to_it = renumbering.choices(order)[:2]
    assert proposing.put_or_propose(order, near.offer.e164, actor=SAM)
    NumberPriceRule.objects.update(percent=300)
    assert not proposing.put_or_propose(order, next_to_it.offer.e164, actor=SAM)
    run_jobs()
    proposal = open_proposal(order)
    assert proposal is not None
    proposing.decline(order, mark=proposal.mark, actor=SAM)
    run_jobs()
    for template in ("order-question", "staff-client-wrote", "order-changed", "order-proposal",
                     "staff-proposal-answered"):  # fmt: skip
        assert Outbox.objects.filter(template=template).count() == 1, template


def again(world: World, order: Order) -> None:
    """The same order, with another number and a gateway that registers, to its good end."""
    world.peers.fusionpbx.registrar = ANY
    offer, _ = renumbering.alternatives(order)[0]
    renumbering.choose_another(order, offer.e164, actor=SAM)
    approve(order)
    assert run_to_the_end(order).state == Run.State.DONE
    outside = Outside(world)
    assert outside.leftovers() == {"dids": 1, "sub_accounts": 1, "forwardings": 0, "sip_uris": 0}
    assert len(world.peers.fusionpbx.gateways()) == 1
    assert Outbox.objects.filter(template="welcome-tenant").count() == 1
