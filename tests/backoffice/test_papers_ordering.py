"""The dialog in which the number of a regulated order is placed, against a carrier that sells some."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.core.phones import shown
from ringup.flows.orders import approving
from ringup.orders.models import Order
from ringup.provisioning.blueprint import main_number
from ringup.provisioning.models import Run
from ringup.regulatory.models import RegulatoryFile
from ringup.sandbox.didww.numbers import take
from tests.regulated import Regulated
from tests.world import make_user, run_jobs


@pytest.fixture
def browser(regulated: Regulated) -> Browser:
    browser = Browser()
    browser.force_login(make_user("sam", None, is_staff=True))
    return browser


@pytest.fixture
def regulated(ordered: Regulated) -> Regulated:
    return ordered


@pytest.fixture
def order(regulated: Regulated) -> Order:
    """One whose plan was made."""
    RegulatoryFile.objects.update(state="documents_uploaded")
    return Order.objects.get()


def look(browser: Browser, order: Order, *, dialog: bool = False, **query: str) -> Any:
    headers = {"HX-Request": "true"} if dialog else {}
    return browser.get(reverse("office:place-order", args=[order.uid]), query, headers=headers)


def press(browser: Browser, order: Order, answer: Any, **other: str) -> Any:
    """The button under what was looked at."""
    placing = answer.context["placing"]
    seen = {
        "e164": placing.look.chosen.e164,
        "capacity": placing.look.way.value,
        "digest": placing.table.plan.digest if placing.table else "",
    }
    return browser.post(reverse("office:place-order", args=[order.uid]), seen | other)


def test_all_that_the_specification_shows_is_there_and_one_click_places_the_order(
    browser: Browser, order: Order
) -> None:
    number = main_number(approving.service_of(order))
    answer = look(browser, order)
    text = answer.content.decode()
    for words in (f"{shown(number.e164)} - Setup: $", "Monthly: $", f'href="tel:{number.e164}"',
                  "City", '<span class="cc">ZA</span>', "$0.01</span>/min", "Pay per minute",
                  "Unlimited", "Subtotal", "VAT", "Total for DID", "Place order for $",
                  "The plan that this approves"):  # fmt: skip
        assert words in text, words
    assert "no longer available" not in text
    fragment = look(browser, order, dialog=True).content.decode()
    assert "<html" not in fragment
    assert "hx-get" in fragment
    assert press(browser, order, answer).status_code == 302
    run = Run.objects.get()
    assert run.approval.plan.digest == answer.context["placing"].table.plan.digest


def test_another_capacity_is_read_before_it_is_approved(browser: Browser, order: Order) -> None:
    answer = look(browser, order, capacity="channels-2")
    text = answer.content.decode()
    assert "Put it into the order" in text
    assert "Place order for" not in text
    done = press(browser, order, answer)
    assert done.status_code == 302
    assert not Run.objects.exists()
    assert main_number(approving.service_of(order)).capacity == "channels-2"
    assert "Comparing the order with the world" in browser.get(done["Location"]).content.decode()
    run_jobs()
    again = look(browser, order)
    assert again.context["placing"].whys == []
    assert press(browser, order, again).status_code == 302
    assert Run.objects.count() == 1


def test_a_number_that_is_gone_is_said_with_what_else_there_is(
    browser: Browser, regulated: Regulated, order: Order
) -> None:
    number = main_number(approving.service_of(order)).e164
    rows = regulated.rows("available_dids")
    (row,) = [row for row in rows if f"+{row.attributes['number']}" == number]
    take(regulated.didww.state, row)
    answer = look(browser, order)
    text = answer.content.decode()
    assert "Original DID no longer available" in text
    assert "Select an alternative" in text
    assert press(browser, order, answer).status_code == 302
    assert not Run.objects.exists()
    assert main_number(approving.service_of(order)).e164 != number


def test_before_the_proofs_are_there_it_only_changes_the_order(
    browser: Browser, order: Order
) -> None:
    RegulatoryFile.objects.update(state="pending_review")
    text = look(browser, order).content.decode()
    assert "Upload the proofs first" in text
    assert 'type="submit" disabled>Place order' in text
    assert "Put it into the order" in look(browser, order, capacity="channels-2").content.decode()


def test_a_plan_that_was_not_shown_is_not_approved(browser: Browser, order: Order) -> None:
    answer = press(browser, order, look(browser, order), digest="f" * 64)
    assert answer.status_code == 422
    assert "Nothing was started" in answer.content.decode()
    assert not Run.objects.exists()
    assert press(browser, order, look(browser, order), e164="nonsense").status_code == 422
