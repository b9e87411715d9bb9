"""Who may open which page of the portal, by any address.

The pages are read from the table of addresses, so a new one cannot be forgotten.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import URLPattern, reverse

from ringup.accounts.member_roles import CAPABILITIES, May, MemberRole
from ringup.accounts.models import Membership, User
from ringup.core.models import Activity
from ringup.orders.models import Order
from ringup.portal.urls import urlpatterns
from tests.factories import Shop, make_pbx_order, service_of
from tests.portal.conftest import browser_of
from tests.world import People, make_client, make_user

# Pages that ask for no login, each with its reason.
OPEN = {
    "secrets": "asks for the token of a one-time link",
    "join": "asks for an invitation's token",
}
# What refuses: not for this login, not found in its client, not by this method.
REFUSED = (403, 404, 405)


def capability_of(page: URLPattern) -> May | None:
    return getattr(page.callback, "capability", None)


def is_about_oneself(page: URLPattern) -> bool:
    return getattr(page.callback, "is_about_oneself", False)


def guarded() -> Iterator[URLPattern]:
    return (page for page in urlpatterns if page.name not in OPEN)


def of_a_client() -> Iterator[URLPattern]:
    return (page for page in guarded() if capability_of(page) is not None)


def address(page: URLPattern, uid: uuid.UUID) -> str:
    values: dict[str, Any] = {name: "x" for name in page.pattern.converters}
    values |= {name: uid for name in ("uid", "document") if name in values}
    return reverse(f"portal:{page.name}", kwargs=values)


@pytest.fixture
def order(shop: Shop, people: People) -> Order:
    return make_pbx_order(shop, people.acme)


@pytest.fixture
def bella(people: People) -> User:
    return make_user("bella", people.acme, role=MemberRole.BILLING)


@pytest.fixture
def addresses(order: Order, people: People) -> dict[str, str]:
    """Each page about something of Acme's."""
    ours = {
        "new-link": service_of(order).uid,
        "service": service_of(order).uid,
        "service-connection": service_of(order).uid,
        "service-ask": service_of(order).uid,
        "member-role": people.bob.uid,
        "member-remove": people.bob.uid,
        "act-for": people.acme.uid,
        "leave": people.acme.uid,
        "topics": people.acme.uid,
    }
    return {page.name: address(page, ours.get(page.name, order.uid)) for page in urlpatterns}


def test_every_page_says_who_may_open_it() -> None:
    for page in urlpatterns:
        kinds = (capability_of(page) is not None, is_about_oneself(page), page.name in OPEN)
        assert kinds.count(True) == 1, page.name
    assert len(urlpatterns) >= 22
    assert {capability_of(page) for page in of_a_client()} >= {
        May.SEE_ORDERS, May.WORK_ORDERS, May.SEE_SECRETS, May.EDIT_COMPANY, May.EDIT_PEOPLE,
    }  # fmt: skip


def test_the_table_of_roles() -> None:
    assert CAPABILITIES[MemberRole.OWNER] == frozenset(May)
    assert May.SEE_SECRETS not in CAPABILITIES[MemberRole.BILLING]
    assert May.SEE_SERVICES not in CAPABILITIES[MemberRole.BILLING]
    assert CAPABILITIES[MemberRole.TECHNICAL].isdisjoint(
        {May.EDIT_PEOPLE, May.EDIT_COMPANY, May.SEE_PRICES}
    )
    assert set(CAPABILITIES) == set(MemberRole.values)


def test_guests_are_asked_to_sign_in_everywhere(addresses: dict[str, str]) -> None:
    browser = Browser()
    for page in guarded():
        for answer in (browser.get(addresses[page.name]), browser.post(addresses[page.name])):
            assert answer.status_code in (302, 405), page.name
            if answer.status_code == 302:
                assert answer["Location"].startswith(reverse("accounts:sign-in")), page.name


def test_staff_is_at_home_elsewhere(addresses: dict[str, str], people: People) -> None:
    browser = browser_of(people.sam)
    for page in guarded():
        for answer in (browser.get(addresses[page.name]), browser.post(addresses[page.name])):
            assert answer.status_code in REFUSED, page.name


@pytest.mark.parametrize("name", ["alice", "bob", "bella"])
def test_each_role_gets_its_pages_and_no_other(
    addresses: dict[str, str], people: People, bella: User, name: str
) -> None:
    user = User.objects.get(email=f"{name}@example.com")
    role, browser = user.memberships.get().role, browser_of(user)
    before = Activity.objects.count()
    for page in of_a_client():
        where, may = addresses[page.name], capability_of(page) in CAPABILITIES[role]
        if may:
            assert browser.get(where).status_code != 403, page.name
        else:
            answers = {browser.get(where).status_code, browser.post(where).status_code}
            assert answers in ({403}, {403, 405}), page.name
    assert Activity.objects.count() == before


def test_another_client_finds_nothing_of_ours(addresses: dict[str, str], people: People) -> None:
    """Charlie owns his client, so every capability is his: only the rows keep him out."""
    browser = browser_of(people.charlie)
    before = Activity.objects.count()
    for page in guarded():
        where = addresses[page.name]
        if "uid" in page.pattern.converters:
            for answer in (browser.get(where), browser.post(where)):
                assert answer.status_code in (404, 405), page.name
        else:
            assert "Acme" not in browser.get(where).content.decode(), page.name
    assert Activity.objects.count() == before


def test_technical_sees_no_prices_and_billing_no_services(
    order: Order, people: People, bella: User
) -> None:
    home, page = reverse("portal:home"), reverse("portal:order", args=[order.uid])
    tech, bill = browser_of(people.bob), browser_of(bella)
    assert "$79.00" not in tech.get(home).content.decode() + tech.get(page).content.decode()
    assert "My services" in tech.get(home).content.decode()
    assert "$79.00" in bill.get(home).content.decode()
    assert "$79.00" in bill.get(page).content.decode()
    assert "My services" not in bill.get(home).content.decode()


# -- several clients ---------------------------------------------------------------------------------


def test_who_belongs_to_two_chooses_and_only_among_his_own(people: People, shop: Shop) -> None:
    Membership.objects.create(user=people.alice, client=people.other, role=MemberRole.BILLING)
    third, browser = make_client("Third"), browser_of(people.alice)
    home = reverse("portal:home")
    page = browser.get(home).content.decode()
    assert "Change to Other" in page
    assert "Change to Acme" not in page
    assert browser.post(reverse("portal:act-for", args=[third.uid])).status_code == 404
    assert browser.post(reverse("portal:act-for", args=[people.other.uid])).status_code == 302
    page = browser.get(home).content.decode()
    assert "Change to Acme" in page
    # The role is the one at the chosen client.
    assert browser.get(reverse("portal:people")).status_code == 403
    Membership.objects.filter(user=people.alice, client=people.other).delete()
    assert browser.get(reverse("portal:people")).status_code == 200


def test_a_choice_that_somebody_put_into_the_session_is_not_believed(people: People) -> None:
    Membership.objects.create(user=people.alice, client=make_client("Third"), role=MemberRole.OWNER)
    browser = browser_of(people.alice)
    session = browser.session
    session["ringup.client"] = str(people.other.uid)
    session.save()
    assert "Other" not in browser.get(reverse("portal:home")).content.decode()
