"""The first page of the day: counters that lead to what they count."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ringup.accounts.roles import Role
from ringup.flows.models import Checkup
from ringup.orders.models import Order
from ringup.services.models import Service
from tests.backoffice.regulated import make_papers
from tests.factories import Shop, make_mail, make_pbx_order, make_run, service_of
from tests.world import People, make_user


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def day(browser: Browser) -> Any:
    answer = browser.get(reverse("office:home"))
    assert answer.status_code == 200
    return answer.context["day"]


def counters(browser: Browser) -> dict[str, int]:
    return {task.word: task.count for task in day(browser).tasks}


def fill(shop: Shop, people: People) -> None:
    make_pbx_order(shop, people.acme)
    asked = make_pbx_order(shop, people.acme)
    Order.objects.filter(pk=asked.pk).update(asked=timezone.now())
    make_run(make_pbx_order(shop, people.acme), state="failed", problem="x")
    make_run(make_pbx_order(shop, people.acme), state="waiting")
    done = make_pbx_order(shop, people.other)
    make_run(done, state="done")
    Service.objects.filter(pk=service_of(done).pk).update(state=Service.State.ACTIVE)
    make_mail("order:x", subject="Order received", state="failed")
    found = {"group": "Mail", "name": "Outbox", "sentence": "It burns.", "remedy": "Water.",
             "milliseconds": 1}  # fmt: skip
    Checkup.objects.create(
        under_way=None,
        finished=timezone.now(),
        by_label="Sam",
        findings=[found | {"state": "error"}, found | {"state": "ok", "name": "Fine"}],
    )
    shop.account.tested = timezone.now()
    shop.account.low_balance_micros, shop.account.low_balance_currency = 9_000_000, "USD"
    balance = {"balance_micros": 1_000_000, "balance_currency": "USD"}
    shop.account.test_report = {"works": True, "our_address": "", **balance}
    shop.account.save()


def test_each_task_is_counted_and_leads_to_its_list(
    staff: Browser, shop: Shop, people: People
) -> None:
    fill(shop, people)
    assert counters(staff) == {
        "Pending": 1, "Papers": 0, "Failed": 1, "Awaiting provider": 1, "Waiting for client": 1,
        "Number differences": 0, "Mails that failed": 1, "Unhealthy parts": 1, "Low balances": 1,
    }  # fmt: skip
    for task in day(staff).tasks:
        answer = staff.get(task.url)
        assert answer.status_code == 200, task.url
        if "queue" in task.url:
            assert len(answer.context["listing"].rows) == task.count, task.word
    text = staff.get(reverse("office:home")).content.decode()
    assert "It burns." in text
    assert "$1.00" in text


def test_the_figures_of_the_day(staff: Browser, shop: Shop, people: People) -> None:
    fill(shop, people)
    today = day(staff)
    assert today.ordered == 5
    assert [str(sum) for sum in today.monthly] == ["$79.00"]
    assert today.steps == []


def test_a_client_who_must_choose_is_waited_for_as_well(
    staff: Browser, shop: Shop, people: People
) -> None:
    order = make_pbx_order(shop, people.acme)
    Order.objects.filter(pk=order.pk).update(state=Order.State.CHOOSE_NUMBER)
    (task,) = [task for task in day(staff).tasks if task.word == "Waiting for client"]
    assert (task.count, task.url) == (1, reverse("office:queue") + "?status=choose-number")


def test_papers_that_wait_for_us_lead_to_where_most_are(
    staff: Browser, shop: Shop, people: People
) -> None:
    for state in ("pending_review", "blocked", "blocked", "order_placed"):
        make_papers(make_pbx_order(shop, people.acme), state=state)
    today = day(staff)
    (task,) = [task for task in today.tasks if task.word == "Papers"]
    assert (task.count, task.note) == (3, "1 to review, 2 stopped there")
    assert task.url == reverse("office:queue") + "?status=blocked"
    assert today.waiting == 3


def test_missing_first_steps_stand_on_top_until_an_order_is_completed(
    staff: Browser, shop: Shop, people: People
) -> None:
    make_pbx_order(shop, people.acme)
    assert "first steps missing" in staff.get(reverse("office:home")).content.decode()
    fill(shop, people)
    assert "first steps missing" not in staff.get(reverse("office:home")).content.decode()


def test_the_page_asks_at_most_twelve_questions(staff: Browser, shop: Shop, people: People) -> None:
    fill(shop, people)
    day(staff)
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        day(staff)
    assert len(asked) <= 14, "\n".join(query["sql"][:150] for query in asked.captured_queries)
    with CaptureQueriesContext(connection) as again:
        day(staff)
    assert len(again) <= 12


@pytest.mark.parametrize("role", Role.values)
def test_each_role_sees_what_it_may_open(shop: Shop, people: People, role: str) -> None:
    fill(shop, people)
    browser = Browser()
    browser.force_login(make_user("robin", None, is_staff=True, role=role))
    for task in day(browser).tasks:
        assert browser.get(task.url).status_code == 200, (role, task.url)
