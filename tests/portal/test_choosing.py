"""Another number for an order whose number was sold, chosen by its buyer or by staff, at a real wire."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.core.phones import shown
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order
from tests.portal.conftest import browser_of
from tests.world import World, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(world: World) -> Order:
    order = world.pbx_order()
    Order.objects.filter(pk=order.pk).update(state=Order.State.CHOOSE_NUMBER)
    order.refresh_from_db()
    return order


@pytest.fixture
def buyer(order: Order) -> Browser:
    user = order.client.users.get()
    return browser_of(user)


def offered(browser: Browser, address: str) -> list[str]:
    answer = browser.get(address)
    assert answer.status_code == 200
    if "choices" in answer.context:  # staff's page
        return [choice.offer.e164 for choice in answer.context["choices"]]
    return [offer.e164 for offer, _ in answer.context["alternatives"]]


def wanted(order: Order) -> str:
    return OwnedNumber.objects.get(client=order.client, state=OwnedNumber.State.WANTED).e164


def test_the_buyer_takes_another_number_from_the_same_place(order: Order, buyer: Browser) -> None:
    address = reverse("portal:choose-number", args=[order.uid])
    old, numbers = wanted(order), offered(buyer, address)
    chosen = next(e164 for e164 in numbers if e164 != old)
    assert buyer.post(address, {"e164": chosen}).status_code == 302
    order.refresh_from_db()
    assert order.state == Order.State.PENDING
    assert wanted(order) == chosen
    page = buyer.get(reverse("portal:order", args=[order.uid])).content.decode()
    assert f"Number changed from {shown(old)} to {shown(chosen)}" in page


def test_staff_chooses_for_the_client(order: Order) -> None:
    staff = browser_of(make_user("sam", None, is_staff=True))
    address = reverse("office:choose-number", args=[order.uid])
    numbers = offered(staff, address)
    assert staff.post(address, {"e164": numbers[1]}).status_code == 302
    assert wanted(order) == numbers[1]


def test_nonsense_changes_nothing_and_keeps_the_list(order: Order, buyer: Browser) -> None:
    old = wanted(order)
    for e164 in ("", "12", "+", "<script>", "+1 212 555 0100", "+99999999999999999"):
        answer = buyer.post(reverse("portal:choose-number", args=[order.uid]), {"e164": e164})
        assert answer.status_code == 422
        text = answer.content.decode()
        assert "Choose one of the numbers. Nothing was changed." in text
        assert 'name="e164"' in text
        assert wanted(order) == old


def test_a_number_that_is_not_offered_is_refused(order: Order, buyer: Browser) -> None:
    for e164 in ("+12125550100", "+27210017464", "+9999999999999"):
        answer = buyer.post(reverse("portal:choose-number", args=[order.uid]), {"e164": e164})
        assert answer.status_code == 422
        order.refresh_from_db()
        assert order.state == Order.State.CHOOSE_NUMBER


def test_a_carrier_that_is_silent_loses_nothing(order: Order, buyer: Browser, world: World) -> None:
    world.account.url = "http://127.0.0.1:1/"
    world.account.save()
    answer = buyer.get(reverse("portal:choose-number", args=[order.uid]))
    assert answer.status_code == 200
    assert "does not answer right now" in answer.content.decode()
    assert "Try again" in answer.content.decode()
