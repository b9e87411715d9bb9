"""A number that was ordered by its place is called by its words, wherever people read of it."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.flows.mails.order_letters import context_of
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from ringup.services.learning import learn_digits
from ringup.services.models import Service
from tests.factories import Shop, make_number_order, make_pbx_order
from tests.shop.buying import text_of
from tests.world import People

WORDS = "A mobile number in the United Kingdom"
DIGITS = "+447405550101"


def without_digits(order: Order) -> OwnedNumber:
    """The order's number, known by its place only."""
    service = order.lines.get().service
    number = service.number or service.parts.get().number
    assert number is not None
    rows = OwnedNumber.objects.filter(pk=number.pk)
    rows.update(e164="", is_by_place=True, place="m", country="GB", region="", rate_centre="Mobile")
    Service.objects.filter(number=number).update(name=rows.get().called)
    return rows.get()


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_number_order(shop, people.acme)


@pytest.fixture
def number(order: Order) -> OwnedNumber:
    return without_digits(order)


@pytest.fixture
def client(people: People) -> Browser:
    browser = Browser()
    browser.force_login(people.alice)
    return browser


def staff_pages(order: Order, number: OwnedNumber) -> list[str]:
    return [
        reverse("office:queue"),
        reverse("office:queue-export"),
        reverse("office:order", args=[order.uid]),
        reverse("office:client", args=[order.client.uid]),
        reverse("office:inventory"),
        reverse("office:inventory") + "?q=mobile",
        reverse("office:inventory-export"),
        reverse("office:owned-number", args=[number.uid]),
    ]


def client_pages(order: Order) -> list[str]:
    return [
        reverse("portal:home"),
        reverse("portal:order", args=[order.uid]),
        reverse("portal:cancel", args=[order.uid]),
    ]


def read(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    if answer.streaming:
        return b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]
    return text_of(answer)  # type: ignore[arg-type]


def test_staff_reads_words_on_every_page(staff: Browser, order: Order, number: OwnedNumber) -> None:
    for path in staff_pages(order, number):
        assert WORDS in read(staff, path), path


def test_the_client_reads_words_on_every_page(
    client: Browser, order: Order, number: OwnedNumber
) -> None:
    for path in client_pages(order):
        assert WORDS in read(client, path), path
    service = order.lines.get().service
    Service.objects.filter(pk=service.pk).update(state=Service.State.ACTIVE)
    for path in (reverse("portal:home"), reverse("portal:service", args=[service.uid])):
        assert WORDS in read(client, path), path


def test_a_pbx_with_such_a_number_too(
    staff: Browser, client: Browser, shop: Shop, people: People
) -> None:
    order = make_pbx_order(shop, people.acme)
    number = without_digits(order)
    for path in staff_pages(order, number):
        assert WORDS in read(staff, path), path
    for path in client_pages(order):
        assert WORDS in read(client, path), path


def test_mails_have_words(order: Order, number: OwnedNumber) -> None:
    assert context_of(order)["number"] == WORDS


def test_its_page_names_no_stranger_and_says_what_the_carrier_calls_it(
    staff: Browser, shop: Shop, people: People, number: OwnedNumber
) -> None:
    """Two numbers without digits do not have the same digits."""
    without_digits(make_number_order(shop, people.other))
    OwnedNumber.objects.filter(pk=number.pk).update(
        carrier_key="did-17", order_key="order-4", capacity_text="2 channels"
    )
    text = read(staff, reverse("office:owned-number", args=[number.uid]))
    assert "The same digits" not in text
    for told in ("did-17", "order-4", "2 channels"):
        assert told in text


def test_it_is_found_by_its_digits_as_soon_as_they_are_known(
    staff: Browser, order: Order, number: OwnedNumber
) -> None:
    query = reverse("office:queue") + "?q=7405550101"
    assert order.label not in read(staff, query)
    learn_digits(number, DIGITS)
    assert order.label in read(staff, query)
    assert "+44 7405 550101" in read(staff, reverse("office:queue")).replace("\xa0", " ")
