"""Drafts that nobody came back to: reminded once, closed, and never while somebody is at work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ringup.core.models import Activity
from ringup.flows.checkout import checking_out, drafting, expiring_drafts, holding_numbers
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job
from ringup.jobs.running import run_one
from ringup.mail.models import Outbox
from ringup.orders.models import Draft, Order
from tests.flows.toy_shop import ToyShop, toy_shop
from tests.racing import at_once, kinds
from tests.world import make_client, make_user

JOB = "orders.expire_drafts"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None, settings: Any) -> Iterator[ToyShop]:
    with toy_shop(settings) as shop:
        yield shop


def left(draft: Draft, *, days: float) -> Draft:
    """Nobody has changed it for so long."""
    Draft.objects.filter(pk=draft.pk).update(changed=timezone.now() - timedelta(days=days))
    draft.refresh_from_db()
    return draft


def run() -> None:
    """The job alone: mails are not sent, and what holds nothing any more ends later."""
    Job.objects.filter(name="mail.send").delete()
    waiting = list(Job.objects.exclude(name=JOB))
    Job.objects.all().delete()
    enqueue(JOB)
    while Job.objects.filter(name=JOB, parked=False).exists():
        assert run_one()
    Job.objects.bulk_create(waiting)


def states() -> list[str]:
    return list(Draft.objects.order_by("pk").values_list("state", flat=True))


def test_what_was_left_for_a_fortnight_is_closed_and_lets_its_numbers_go(
    shop: ToyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring_drafts, "PORTION", 2)
    drafts = [shop.draft() for _ in range(4)]
    shop.choose(drafts[0], *shop.numbers(2))
    for draft in drafts[:3]:
        left(draft, days=14.1)
    left(drafts[3], days=13.9)
    run()
    assert states() == ["expired", "expired", "expired", "open"]
    assert shop.held() == []
    shop.run_ends()
    assert shop.kept() == []
    closed = Activity.objects.filter(what__startswith="closed an order")
    assert closed.count() == 3
    run()
    assert closed.count() == 3


def test_a_client_is_reminded_once_two_days_before_and_a_guest_never(shop: ToyShop) -> None:
    acme = make_client("Acme")
    make_user("alice", acme)
    mine, guest, fresh = shop.draft(client=acme), shop.draft(), shop.draft(client=acme)
    shop.choose(mine, *shop.numbers(1))
    left(mine, days=12.1)
    left(guest, days=12.1)
    left(fresh, days=11.9)
    run()
    run()
    letters = Outbox.objects.filter(template="draft-expires")
    assert {letter.subject_of for letter in letters} == {f"draft:{mine.uid}"}
    assert sorted(letter.to for letter in letters) == ["alice@example.com", "office@acme.example"]
    assert f"/checkout/{mine.uid}/" in letters[0].text
    assert "Nothing was ordered or charged." in letters[0].text
    assert states() == ["open"] * 3
    # He came back, and left it again.
    left(mine, days=12.5)
    run()
    assert letters.all().count() == 4


def test_nobody_is_reminded_where_drafts_live_two_days(shop: ToyShop, settings: Any) -> None:
    settings.RINGUP_DRAFT_DAYS = 2
    left(shop.draft(client=make_client("Acme")), days=1)
    run()
    assert not Outbox.objects.exists()


def test_an_order_that_is_placed_at_this_moment_wins(
    shop: ToyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = shop.draft()
    shop.choose(draft, *shop.numbers(1))
    shop.complete(draft)
    left(draft, days=20)
    genuine, came = shop.telecom.answer, []

    def answer(verb: str, act: Any) -> Any:
        came.append(verb)
        run()  # the job comes while the carrier is asked
        return genuine(verb, act)

    monkeypatch.setattr(shop.telecom, "answer", answer)
    order = checking_out.submit(draft)
    assert states() == ["submitted"]
    assert order.draft == draft
    assert "offer" in came


def test_placing_and_closing_at_once_end_in_one_of_the_two(shop: ToyShop) -> None:
    draft = shop.draft()
    shop.choose(draft, *shop.numbers(1))
    shop.complete(draft)
    left(draft, days=20)
    outcomes = at_once(lambda: checking_out.submit(draft), run)
    placed = Order.objects.count()
    assert states() == (["submitted"] if placed else ["expired"])
    assert kinds(outcomes) == (["ok", "ok"] if placed else ["Refusal", "ok"])


def test_a_closed_order_begins_again_with_its_answers_but_without_its_number(
    shop: ToyShop,
) -> None:
    draft = shop.draft()
    shop.choose(draft, *shop.numbers(2))
    shop.complete(draft)
    left(draft, days=20)
    run()
    draft.refresh_from_db()
    again = drafting.start_again(draft)
    assert again.state == Draft.State.OPEN
    assert set(again.answers) == {"company", "destination"}
    assert holding_numbers.chosen(again) == []


def test_all_of_a_guest_s_drafts_are_his_client_s_at_once(shop: ToyShop) -> None:
    acme, other = make_client("Acme"), make_client("Other")
    drafts = [shop.draft(), shop.draft(), shop.draft(client=other)]
    closed = left(shop.draft(), days=20)
    run()
    session = {drafting.SESSION_DRAFTS: [str(one.uid) for one in [*drafts, closed]]}
    drafting.adopt_all(session, acme)
    owners = Draft.objects.order_by("pk").values_list("client", flat=True)
    assert list(owners) == [acme.pk, acme.pk, other.pk, None]
    assert session == {drafting.SESSION_DRAFTS: [str(drafts[2].uid), str(closed.uid)]}
