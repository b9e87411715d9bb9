"""Who may enter the back office: staff, and nobody else, by any of its addresses."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.backoffice.urls import urlpatterns
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from tests.factories import Shop, make_pbx_order, make_run
from tests.world import People


def addresses(order: Order, run: Run) -> list[str]:
    """Every address of the back office, filled in for one order."""
    step = run.steps.all()[0]
    values = {"uid": order.uid, "run": run.uid, "step": step.pk}
    return [
        reverse(
            f"office:{pattern.name}",
            kwargs={name: values[name] for name in pattern.pattern.converters},
        )
        for pattern in urlpatterns
    ]


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme)


def test_guests_are_asked_to_sign_in(order: Order) -> None:
    for address in addresses(order, make_run(order, state="failed")):
        for answer in (Browser().get(address), Browser().post(address)):
            assert answer.status_code in (302, 405), address
            if answer.status_code == 302:
                assert answer["Location"].startswith(reverse("accounts:sign-in")), address


def test_clients_are_turned_away_even_from_their_own_order(order: Order, people: People) -> None:
    run = make_run(order, state="failed")
    for user in (people.alice, people.bob, people.charlie):
        browser = Browser()
        browser.force_login(user)
        for address in addresses(order, run):
            for answer in (browser.get(address), browser.post(address)):
                assert answer.status_code in (403, 405), address
    run.refresh_from_db()
    assert run.state == Run.State.FAILED


def test_every_address_is_tried() -> None:
    assert len(urlpatterns) >= 13


def test_an_unknown_order_is_not_found(staff: Browser) -> None:
    assert staff.get(reverse("office:order", args=[uuid.uuid4()])).status_code == 404


def test_a_run_of_another_order_is_not_found(
    staff: Browser, shop: Shop, people: People, order: Order
) -> None:
    stranger = make_run(make_pbx_order(shop, people.other), state="failed")
    make_run(order, state="failed")
    answer = staff.post(reverse("office:resume", args=[order.uid, stranger.uid]))
    assert answer.status_code == 404
    step = stranger.steps.all()[0]
    assert staff.get(reverse("office:skip", args=[order.uid, step.pk])).status_code == 404


def test_the_start_leads_to_the_queue(staff: Browser) -> None:
    assert staff.get(reverse("office:home"))["Location"] == reverse("office:queue")
