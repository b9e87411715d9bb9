"""Papers at which a carrier looks for long: business days, one warning, one escalation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from ringup.accounts.models import Client
from ringup.backoffice.home import home
from ringup.flows.papers import slow, sweeping
from ringup.flows.papers.of_orders import whole_file
from ringup.jobs.enqueuing import enqueue
from ringup.mail.models import Outbox
from ringup.orders.models import Order
from ringup.regulatory.models import RegulatoryFile
from tests.backoffice.regulated import make_papers
from tests.factories import Shop, make_number_order, make_run, make_shop
from tests.world import make_client, make_user, run_jobs

FRIDAY = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        (FRIDAY, FRIDAY, 0.0),
        (FRIDAY, FRIDAY + timedelta(days=3), 1.0),
        (FRIDAY, FRIDAY + timedelta(days=2), 7 / 24),
        (FRIDAY, FRIDAY + timedelta(days=7), 5.0),
        (FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=2), 0.0),
        (FRIDAY, FRIDAY - timedelta(days=1), 0.0),
    ],
)
def test_weekends_do_not_count(since: datetime, until: datetime, days: float) -> None:
    assert slow.business_days(since, until, "UTC") == pytest.approx(days)


def test_the_weekend_is_the_brand_s() -> None:
    sunday_night = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
    assert slow.business_days(sunday_night, sunday_night + timedelta(hours=4), "UTC") == 0
    assert slow.business_days(
        sunday_night, sunday_night + timedelta(hours=4), "Asia/Tokyo"
    ) == pytest.approx(4 / 24)


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop()


@pytest.fixture
def client(shop: Shop) -> Client:
    return make_client("Karoo")


@pytest.fixture
def order(shop: Shop, client: Client) -> Order:
    make_user("sam", None, is_staff=True)
    order = make_number_order(shop, client)
    type(shop.account).objects.update(support_contact="Chat in the portal")
    return order


def sent(order: Order, *, days: float) -> RegulatoryFile:
    """Papers that were sent in so many days of 24 hours ago, with two weekends a fortnight."""
    when = timezone.now() - timedelta(days=days)
    papers = make_papers(order, state="order_placed", verification_sent=when)
    return whole_file(str(papers.uid))


def staff_mails() -> dict[str, str]:
    return {
        mail.template: mail.text for mail in Outbox.objects.filter(template__startswith="staff")
    }


@pytest.mark.django_db(transaction=True)
def test_staff_is_warned_once_then_told_whom_to_ask_once(order: Order) -> None:
    file = sent(order, days=1)
    slow.look(file)
    run_jobs()
    assert file.slow_level == 0
    RegulatoryFile.objects.update(verification_sent=timezone.now() - timedelta(days=6.5))
    for _ in range(2):
        slow.look(whole_file(str(file.uid)))
        run_jobs()
    assert list(staff_mails()) == ["staff-papers-slow"]
    RegulatoryFile.objects.update(verification_sent=timezone.now() - timedelta(days=9.5))
    for _ in range(2):
        slow.look(whole_file(str(file.uid)))
        run_jobs()
    assert sorted(staff_mails()) == ["staff-papers-escalated", "staff-papers-slow"]
    assert "Chat in the portal" in staff_mails()["staff-papers-escalated"]
    words = [event.staff_text for event in order.events.all() if event.staff_text]
    assert len(words) == 2
    assert "Ask its support: Chat in the portal" in words[-1]
    assert [one.pk for one in sweeping.slow_orders()] == [order.pk]
    make_run(order, state="waiting", done=3, step_state="waiting")
    shown = home(make_user("olga", None, is_staff=True), order.brand, is_young=False)
    assert "the provider checks, 1 for long" in [task.note for task in shown.tasks]


@pytest.mark.django_db(transaction=True)
def test_a_sweep_over_papers_of_a_carrier_that_takes_none_breaks_nothing(order: Order) -> None:
    file = sent(order, days=30)
    enqueue("papers.sweep")
    run_jobs()
    assert whole_file(str(file.uid)).slow_level == 2
    assert sorted(staff_mails()) == ["staff-papers-escalated"]
