"""Whose orders and services are seen: one's own client's, and what this browser has ordered."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.core.models import Activity
from ringup.jobs.models import Job
from ringup.orders.models import Order
from tests.factories import Shop, make_pbx_order, make_run, service_of
from tests.portal.conftest import browser_of
from tests.world import People

PAGES = ("order", "cancel", "choose-number")


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme)


def address(name: str, order: Order) -> str:
    return reverse(f"portal:{name}", args=[order.uid])


def just_ordered(order: Order) -> Browser:
    """A guest's browser, as the shop leaves it after an order."""
    browser = Browser()
    session = browser.session
    session["orders"] = [str(order.uid)]
    session.save()
    return browser


def test_every_member_of_the_client_sees_the_order(order: Order, people: People) -> None:
    for user in (people.alice, people.bob):
        answer = browser_of(user).get(address("order", order))
        assert answer.status_code == 200
        assert order.label in answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_strangers_and_staff_without_a_client_find_nothing(
    order: Order, people: People, page: str
) -> None:
    for user in (people.charlie, people.sam):
        browser = browser_of(user)
        assert browser.get(address(page, order)).status_code == 404
        if page != "order":
            assert browser.post(address(page, order)).status_code == 404
    order.refresh_from_db()
    assert order.state == Order.State.PENDING


@pytest.mark.parametrize("page", PAGES)
def test_guests_are_asked_to_sign_in(order: Order, page: str) -> None:
    answer = Browser().get(address(page, order))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:sign-in"))


def test_a_guest_who_has_just_ordered_follows_and_cancels(order: Order) -> None:
    browser = just_ordered(order)
    assert order.label in browser.get(address("order", order)).content.decode()
    assert browser.post(address("cancel", order)).status_code == 302
    order.refresh_from_db()
    assert order.state == Order.State.CANCELLED
    assert Activity.objects.filter(actor="guest").exists()


def test_another_order_of_the_same_client_stays_closed_to_the_guest(
    order: Order, shop: Shop, people: People
) -> None:
    other = make_pbx_order(shop, people.acme)
    assert just_ordered(order).get(address("order", other)).status_code == 302


def test_home_lists_only_one_s_own(order: Order, shop: Shop, people: People) -> None:
    theirs = make_pbx_order(shop, people.other, domain="theirs.pbx.ringup.example")
    text = browser_of(people.alice).get(reverse("portal:home")).content.decode()
    assert order.label in text
    assert theirs.label not in text
    assert "theirs.pbx" not in text


def test_home_is_for_clients(people: People) -> None:
    assert Browser().get(reverse("portal:home")).status_code == 302
    assert browser_of(people.sam).get(reverse("portal:home")).status_code == 403


def test_only_the_owner_gets_a_new_link(order: Order, people: People) -> None:
    make_run(order, state="done", done=8)
    link = reverse("portal:new-link", args=[service_of(order).uid])
    assert browser_of(people.charlie).post(link).status_code == 404
    assert Browser().post(link).status_code == 302
    assert not Job.objects.filter(name="mail.send").exists()
    assert browser_of(people.alice).get(link).status_code == 405
    assert browser_of(people.alice).post(link).status_code == 302
    assert Job.objects.filter(name="mail.send").count() == 1


@pytest.mark.parametrize("where", ["http://[", "", "\xff", "//elsewhere.example//x"])
def test_a_fragment_without_a_page_leads_to_the_sign_in_page(shop: Shop, where: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": where}
    answer = Browser().get(reverse("portal:home"), headers=headers)
    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith("/")
