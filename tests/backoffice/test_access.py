"""Who may enter the back office: staff whose role allows the page, and nobody else, by any address.

The pages are read from the table of addresses, so a new one cannot be forgotten.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, reverse

from ringup.accounts.roles import CAPABILITIES, Can, Role
from ringup.backoffice.urls import urlpatterns
from ringup.orders.models import Order
from ringup.provisioning.models import Run
from tests.factories import Shop, make_pbx_order, make_run
from tests.world import People, make_user

# Pages without a capability, each with its reason.
OPEN = {"set-up": "asks for the set-up code; gone once there is an owner"}
FILLERS: dict[str, Any] = {"UUIDConverter": uuid.UUID(int=7), "IntConverter": 999_999}


def pages(patterns: list[Any] | None = None) -> Iterator[URLPattern]:
    for pattern in urlpatterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from pages(pattern.url_patterns)
        else:
            yield pattern


def capability_of(pattern: URLPattern) -> Can | None:
    return getattr(pattern.callback, "capability", None)


def address(pattern: URLPattern, **known: Any) -> str:
    values = {
        name: known.get(name, FILLERS.get(type(converter).__name__, "x"))
        for name, converter in pattern.pattern.converters.items()
    }
    return reverse(f"office:{pattern.name}", kwargs=values)


def one_page_of_each() -> dict[Can, URLPattern]:
    """The last page that asks for each capability."""
    found = ((capability_of(page), page) for page in pages())
    return {capability: page for capability, page in found if capability is not None}


def browser_of(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme)


def addresses(order: Order, run: Run) -> list[str]:
    known = {"uid": order.uid, "run": run.uid, "step": run.steps.all()[0].pk}
    return [address(pattern, **known) for pattern in pages() if pattern.name not in OPEN]


def test_every_page_asks_for_a_capability() -> None:
    assert {page.name for page in pages() if capability_of(page) is None} == set(OPEN)
    assert len(list(pages())) >= 13


def test_the_owner_can_do_everything() -> None:
    assert CAPABILITIES[Role.OWNER] == frozenset(Can)


@pytest.mark.once
def test_guests_are_asked_to_sign_in(order: Order) -> None:
    browser = Browser()
    for page in addresses(order, make_run(order, state="failed")):
        for answer in (browser.get(page), browser.post(page)):
            assert answer.status_code in (302, 405), page
            if answer.status_code == 302:
                assert answer["Location"].startswith(reverse("accounts:sign-in")), page


@pytest.mark.once
def test_clients_are_turned_away_even_from_their_own_order(order: Order, people: People) -> None:
    run = make_run(order, state="failed")
    everywhere = addresses(order, run)
    some = everywhere[:9]
    for user, where in ((people.alice, everywhere), (people.bob, some), (people.charlie, some)):
        browser = browser_of(user)
        for page in where:
            for answer in (browser.get(page), browser.post(page)):
                assert answer.status_code in (403, 405), page
    run.refresh_from_db()
    assert run.state == Run.State.FAILED


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize("role", Role.values)
def test_each_role_gets_its_pages_and_no_other(role: str) -> None:
    """Every page is asked by the guard that carries its capability, so one page of each tells."""
    browser = browser_of(make_user("robin", None, is_staff=True, role=role))
    for capability, page in one_page_of_each().items():
        where, may = address(page), capability in CAPABILITIES[role]
        answer = browser.get(where)
        if may:
            assert answer.status_code != 403, where
        else:
            assert answer.status_code in (403, 405), where
            assert browser.post(where).status_code in (403, 405), where


@pytest.mark.django_db
def test_the_owner_can_open_every_page() -> None:
    browser = browser_of(make_user("olive", None, is_staff=True))
    for page in pages():
        if page.name not in OPEN:
            assert browser.get(address(page)).status_code in (200, 302, 404, 405), page.name


def test_staff_without_a_role_cannot_exist(people: People) -> None:
    people.sam.role = "janitor"
    assert not any(people.sam.can(can) for can in Can)


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


def test_the_start_is_the_day(staff: Browser, shop: Shop, order: Order) -> None:
    assert "1 order needs you" in staff.get(reverse("office:home")).content.decode()
