"""Delivery is at least once: every job of ours is run twice, and nothing is doubled."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django import Settings

from ringup.accounts import password_links
from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import NumberPriceRule
from ringup.core.models import Activity
from ringup.flows.models import Checkup
from ringup.flows.orders import approving, cancelling, proposing, renumbering, writing
from ringup.flows.papers import asking, phases
from ringup.flows.papers.of_orders import require_papers
from ringup.flows.personal_data import closing
from ringup.jobs import running
from ringup.jobs.enqueuing import JobFunction, enqueue, function_of
from ringup.jobs.tickets import Ticket
from ringup.mail.models import Outbox
from ringup.numbers.models import Discrepancy, Stock, Sync
from ringup.orders.models import Order
from ringup.orders.proposals import open_proposal
from ringup.provisioning.models import Run
from ringup.regulatory import correcting
from ringup.regulatory.models import RegulatoryFile
from ringup.sandbox.fusionpbx import ANY, NEVER
from tests.provisioning.outside import Outside
from tests.regulated import (
    THANDI,
    let_time_pass,
    regulated_world,
    run_until_papers_are,
    run_until_waiting,
    upload_all,
)
from tests.world import SAM, World, approve, make_user, run_jobs, run_to_the_end

pytestmark = pytest.mark.django_db(transaction=True)

OF_PAPERS = {name for name in django_settings.RINGUP_JOBS if name.startswith("papers.")}
# Staff reviews twice: when all documents were there, and after the correction.
MAILS_OF_PAPERS = {
    "papers-needed": 1,
    "papers-correction": 1,
    "papers-rejected": 1,
    "papers-approved": 1,
    "staff-papers-rejected": 1,
    "staff-papers-review": 2,
    "staff-papers-escalated": 1,
}


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
    assert set(django_settings.RINGUP_JOBS) - seen <= OF_PAPERS
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


def test_every_job_of_papers_runs_twice_without_harm(
    world: World, settings: Settings, seen: set[str]
) -> None:
    settings.RINGUP_SETTLE_SECONDS = 0
    make_user("sam", None, is_staff=True)
    with regulated_world(world) as regulated:
        regulated.callbacks(on=False)
        order = regulated.number_order(uploaded=False)
        run_jobs()
        upload_all(require_papers(order))
        phases.submit_to_provider(order, actor=SAM)
        run_jobs()
        phases.upload_proofs(order, actor=SAM)
        approve(order)
        run_until_waiting(order)
        regulated.decide(approved=False)
        let_time_pass()
        file = run_until_papers_are(order, "rejected")
        run_jobs()
        asked = [{"what": "document.address-1", "words": "Another bill, please."}]
        asking.ask_for_correction(order, asked, actor=SAM)
        run_jobs()
        file.refresh_from_db()
        upload_all(file, only="address-1")
        correcting.answered(file, actor=THANDI)
        run_jobs()
        phases.submit_again(order, actor=SAM)
        run_until_papers_are(order, "order_placed")
        run_until_waiting(order)
        RegulatoryFile.objects.update(verification_sent=timezone.now() - timedelta(days=30))
        hints = [{"kind": "verification", "key": require_papers(order).verification_key}]
        enqueue("papers.hinted", account=regulated.account.pk, hints=hints)
        enqueue("papers.sweep")
        run_jobs()
        regulated.decide(approved=True)
        let_time_pass()
        assert run_to_the_end(order).state == Run.State.DONE
        run_jobs()
        other = regulated.number_order(company="Second Company", email="second@example.com")
        phases.submit_to_provider(other, actor=SAM)
        run_jobs()
        cancelling.cancel(other, actor=SAM)
        enqueue("papers.erase")
        run_jobs()
        assert seen >= OF_PAPERS, OF_PAPERS - seen
        once = {"identities": 1, "addresses": 1, "proofs": 2, "orders": 1, "dids": 1}
        assert regulated.count() == once | {"address_verifications": 2}
    sent = Counter(Outbox.objects.filter(template__contains="papers").values_list("template"))
    assert {name: count for (name,), count in sent.items()} == MAILS_OF_PAPERS
    texts = Counter(order.events.exclude(text="").values_list("text", flat=True))
    assert (
        texts["The carrier did not accept your papers yet. Nothing is lost: they can be corrected."]
        == 1
    )


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
