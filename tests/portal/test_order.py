"""An order as its buyer follows it: timeline, whose turn it is, cancelling."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ringup.core.actors import GUEST
from ringup.orders.models import Order
from ringup.services.models import Service
from ringup.services.wanted import Goal
from tests.factories import Shop, make_number_order, make_pbx_order, make_run, service_of
from tests.world import People


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme, domain="acme.pbx.ringup.example")


def page(browser: Browser, order: Order) -> str:
    answer = browser.get(reverse("portal:order", args=[order.uid]))
    assert answer.status_code == 200
    return answer.content.decode()


def fragment(browser: Browser, order: Order, seen: str = "") -> Any:
    address = reverse("portal:order", args=[order.uid])
    return browser.get(address, {"seen": seen}, headers={"HX-Request": "true"})


def test_a_new_order_says_that_nothing_is_to_do_and_nothing_is_charged(
    alice: Browser, order: Order
) -> None:
    text = page(alice, order)
    for words in (
        "Nothing to do on your side", "Received", "Order received.", "Nothing is charged yet.",
        "We check your order", "Ready to call", "acme.pbx.ringup.example", "10 (1001 to 1010)",
        "This is a rehearsal", "$79.00",
    ):  # fmt: skip
        assert words in text, words
    assert 'hx-trigger="every 5s"' in text


def test_while_it_is_built_the_page_follows_closely(alice: Browser, order: Order) -> None:
    make_run(order, state="running", done=2, step_state="running")
    text = page(alice, order)
    assert "We are setting it up" in text
    assert "Being set up" in text
    assert 'hx-trigger="every 1s"' in text
    assert "Cancel this order" not in text


def test_staff_s_words_and_carriers_errors_stay_inside(alice: Browser, order: Order) -> None:
    order.note("", actor=GUEST, staff_text="he never pays")
    make_run(
        order,
        state="failed",
        done=1,
        step_state="failed",
        problem="DSN refused: password of user ringup",
        detail="DSN refused",
        said="We cannot reach our supplier right now. Nothing was charged.",
    )
    text = page(alice, order)
    assert "he never pays" not in text
    assert "DSN refused" not in text
    assert "We cannot reach our supplier right now. Nothing was charged." in text
    assert "Nothing to do on your side" in text
    assert "Failed" not in text


def test_a_sold_number_makes_it_the_buyer_s_turn(alice: Browser, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(state=Order.State.CHOOSE_NUMBER)
    text = page(alice, order)
    assert "It is your turn: choose another number" in text
    assert reverse("portal:choose-number", args=[order.uid]) in text


def test_the_fragment_is_empty_until_something_happens_and_stops_at_the_end(
    alice: Browser, order: Order
) -> None:
    seen = alice.get(reverse("portal:order", args=[order.uid])).context["followed"].mark
    assert fragment(alice, order, seen).status_code == 204
    make_run(order, state="running", done=2)
    answer = fragment(alice, order, seen)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    Order.objects.filter(pk=order.pk).update(state=Order.State.COMPLETED)
    last = fragment(alice, order, answer.context["followed"].mark)
    assert last.status_code == 286
    assert "hx-trigger" not in last.content.decode()
    assert "one-time link to your passwords" in last.content.decode()


def test_a_forwarded_number_has_no_passwords_to_look_for(
    alice: Browser, shop: Shop, people: People
) -> None:
    order = make_number_order(shop, people.acme, goal=Goal.TELEPHONE, value="+14165550177")
    make_run(order, state="done", done=8)
    text = page(alice, order)
    assert "Its calls go to telephone +1 416 555 0177" in text
    assert "passwords" not in text


def test_cancelling_asks_first_and_names_what_is_given_up(alice: Browser, order: Order) -> None:
    address = reverse("portal:cancel", args=[order.uid])
    asked = alice.get(address).content.decode()
    assert "acme.pbx.ringup.example" in asked
    assert "Cancel and give the number up" in asked
    assert "<html" not in alice.get(address, headers={"HX-Request": "true"}).content.decode()
    order.refresh_from_db()
    assert order.state == Order.State.PENDING
    assert alice.post(address).status_code == 302
    text = page(alice, order)
    assert "This order has ended" in text
    assert "hx-trigger" not in text


def test_an_approved_order_is_not_cancelled(alice: Browser, order: Order) -> None:
    make_run(order, state="running", done=1)
    answer = alice.post(reverse("portal:cancel", args=[order.uid]))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    order.refresh_from_db()
    assert order.state == Order.State.APPROVED


def test_another_number_is_chosen_only_when_it_is_asked_for(alice: Browser, order: Order) -> None:
    address = reverse("portal:choose-number", args=[order.uid])
    assert alice.get(address).status_code == 302
    assert alice.post(address, {"e164": "+12125550199"}).status_code == 302
    order.refresh_from_db()
    assert order.state == Order.State.PENDING


def test_home_shows_orders_and_services(alice: Browser, shop: Shop, people: People) -> None:
    order = make_pbx_order(shop, people.acme, domain="acme.pbx.ringup.example")
    number = make_number_order(shop, people.acme, goal=Goal.TELEPHONE, value="+14165550177")
    text = alice.get(reverse("portal:home")).content.decode()
    for words in (order.label, number.label, "acme.pbx.ringup.example", "10 (1001 to 1010)",
                  "telephone +1 416 555 0177", shop.server.sip_host, "Being set up"):  # fmt: skip
        assert words in text, words
    assert "Mail me a link" not in text
    Service.objects.filter(pk=service_of(order).pk).update(state=Service.State.ACTIVE)
    assert "Mail me a link to the passwords" in alice.get(reverse("portal:home")).content.decode()


def test_an_empty_home_says_how_to_begin(charlie: Browser) -> None:
    text = charlie.get(reverse("portal:home")).content.decode()
    assert "No orders yet" in text
    assert "No services yet" in text


def test_home_s_queries_do_not_grow_with_the_orders(
    alice: Browser, shop: Shop, people: People
) -> None:
    def fill() -> None:
        make_run(make_pbx_order(shop, people.acme), state="running", done=1)
        make_number_order(shop, people.acme)

    fill()
    alice.get(reverse("portal:home"))
    with CaptureQueriesContext(connection) as few:
        alice.get(reverse("portal:home"))
    for _ in range(5):
        fill()
    with CaptureQueriesContext(connection) as many:
        alice.get(reverse("portal:home"))
    assert len(many) == len(few)


def test_what_people_type_is_escaped(alice: Browser, shop: Shop, people: People) -> None:
    evil = "<script>alert(1)</script>"
    people.acme.name = evil
    people.acme.save()
    order = make_pbx_order(shop, people.acme)
    order.note(evil, actor=GUEST)
    for address in (
        reverse("portal:home"),
        reverse("portal:order", args=[order.uid]),
        reverse("portal:cancel", args=[order.uid]),
    ):
        text = alice.get(address).content.decode()
        assert "<script>alert" not in text, address


def test_no_stored_secret_is_in_any_page(alice: Browser, order: Order) -> None:
    make_run(order, state="done", done=8)
    service = service_of(order)
    Service.objects.filter(pk=service.pk).update(state=Service.State.ACTIVE)
    opened = service.open_secrets()
    secrets = {opened["administrator_hash"], opened["trunk_password"], "carrier-secret"}
    secrets |= {value for row in opened["extensions"].values() for value in row.values()}
    for address in (reverse("portal:home"), reverse("portal:order", args=[order.uid])):
        text = alice.get(address).content.decode()
        assert [secret for secret in secrets if secret in text] == [], address
