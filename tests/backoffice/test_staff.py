"""Pages about staff: an owner invites, gives roles, switches off; others are told whom to ask."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from ringup.accounts.models import User
from ringup.accounts.roles import CAPABILITIES, WORDS, Role
from ringup.accounts.staff_notices import Notice
from ringup.core.models import Activity
from ringup.flows.mails.order_letters import context_of, to_staff
from ringup.mail.models import Outbox
from tests.accounts.authenticators import with_app
from tests.factories import Shop, make_pbx_order
from tests.world import People, make_user

STAFF, INVITE = "/office/staff/", "/office/staff/invite/"
ANN = {"first_name": "Ann", "last_name": "", "email": "ann@example.com", "role": "support"}


@pytest.fixture
def robin(people: People) -> User:
    return make_user("robin", None, is_staff=True, role=Role.SUPPORT)


def text(page: Any, status: int = 200) -> str:
    assert page.status_code == status
    return str(page.content.decode())


def test_the_list_says_how_each_signs_in(
    staff: Browser, robin: User, django_assert_max_num_queries: Any
) -> None:
    with_app(robin, int(time.time()) // 30)
    for number in range(15):
        make_user(f"more{number}", None, is_staff=True, role=Role.READ_ONLY)
    User.objects.filter(username__startswith="more1").update(is_active=False)
    with django_assert_max_num_queries(8):
        page = text(staff.get(STAFF))
    assert page.count("<tr>") == 18
    for words in ("Robin", "robin@example.com", "Support", "App</span>", "Switched off", "never"):
        assert words in page
    assert "sign in with a password alone" in page
    assert "alice@example.com" not in page  # a client's login


def test_somebody_is_invited_on_the_page(staff: Browser) -> None:
    assert "Invite somebody" in text(staff.get(INVITE))
    assert staff.post(INVITE, ANN)["Location"] == STAFF
    assert "Invited" in text(staff.get(STAFF))
    again = text(staff.post(INVITE, ANN), 422)
    assert "Ann is staff already" in again
    assert Outbox.objects.filter(template="staff-invitation").count() == 1
    ann = User.objects.get(email="ann@example.com")
    page = text(staff.get(f"{STAFF}{ann.uid}/"))
    assert "Send the invitation again" in page
    assert staff.post(f"{STAFF}{ann.uid}/invite/").status_code == 302


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "x", "complete e-mail address"),
        ("email", "x" * 10_000, "complete e-mail address"),
        ("email", "a\x00b@example.com", "complete e-mail address"),
        ("first_name", "", "Type a first name"),
        ("first_name", "x" * 10_000, "at most 150"),
        ("first_name", "a\x00b", "Null characters"),
        ("role", "", "Choose a role"),
        ("role", "god", "Choose a role"),
    ],
)
def test_nonsense_invites_nobody(staff: Browser, field: str, value: str, sentence: str) -> None:
    page = text(staff.post(INVITE, ANN | {field: value}), 422)
    assert sentence in page
    assert not User.objects.filter(first_name="Ann").exists()
    assert not Outbox.objects.exists()


def test_a_member_gets_another_role_is_switched_off_and_on(
    staff: Browser, robin: User, people: People
) -> None:
    here = f"{STAFF}{robin.uid}/"
    form = {"first_name": "Robin", "last_name": "Hood", "role": "manager"}
    assert staff.post(here, form)["Location"] == here
    page = text(staff.get(here))
    assert "Robin Hood" in page
    assert "changed the role of Robin" in page
    assert f"?who=staff:{robin.pk}" in page
    staff.post(f"{here}off/")
    assert "Switch Robin Hood on again" in text(staff.get(here))
    staff.post(f"{here}on/")
    with_app(robin, int(time.time()) // 30)
    assert "Reset the second step" in text(staff.get(here))
    staff.post(f"{here}two-step/reset/")
    assert "Reset the second step" not in text(staff.get(here))
    robin.refresh_from_db()
    assert (robin.role, robin.is_active) == ("manager", True)

    own = f"{STAFF}{people.sam.uid}/"
    assert "Switch Sam off" not in text(staff.get(own))
    page = text(staff.post(own, form), 422)
    assert "Sam is the only owner who can sign in" in page
    assert "cannot switch yourself off" in text(staff.post(f"{own}off/"), 422)
    people.sam.refresh_from_db()
    assert (people.sam.role, people.sam.first_name) == ("owner", "Sam")


def test_a_client_s_login_is_no_member(staff: Browser, people: People) -> None:
    for path in ("", "off/", "on/", "invite/", "two-step/reset/"):
        assert staff.post(f"{STAFF}{people.alice.uid}/{path}").status_code == 404, path
    people.alice.refresh_from_db()
    assert people.alice.is_active


def test_the_page_of_roles_says_every_capability_and_who_should_get_in(staff: Browser) -> None:
    page = text(staff.get(f"{STAFF}roles/"))
    for words in (*WORDS.values(), *Role.labels, "Who should get access"):
        assert words in page
    assert page.count(">yes<") == sum(len(allowed) for allowed in CAPABILITIES.values())


def test_a_refusal_says_what_is_missing_and_whom_to_ask(robin: User, people: People) -> None:
    browser = Browser()
    browser.force_login(robin)
    page = text(browser.get(STAFF), 403)
    assert "Your role, support, may not invite staff and change roles" in page
    assert "ask Sam." in page
    browser.force_login(people.alice)
    page = text(browser.get(STAFF), 403)
    assert "invite staff" not in page
    assert "Sam" not in page


def test_the_menu_leads_to_password_and_second_step(staff: Browser) -> None:
    page = text(staff.get(STAFF))
    for name in ("two-step", "change-password", "sign-out"):
        assert f'"{reverse(f"accounts:{name}")}"' in page


def test_mails_about_orders_go_to_who_works_on_them(
    shop: Shop, people: People, robin: User
) -> None:
    for role in Role:
        make_user(f"the-{role}", None, is_staff=True, role=role)
    order = make_pbx_order(shop, people.acme)
    context = context_of(order)
    letters = to_staff(order, Notice.NEW_ORDER, "staff-order-received", context=context)
    assert sorted(letter.to for letter in letters) == [
        "sam@example.com", "the-manager@example.com", "the-owner@example.com",
        "the-provisioning@example.com",
    ]  # fmt: skip


def test_an_export_of_the_queue_is_written_down(staff: Browser) -> None:
    staff.get("/office/queue/export/?q=acme")
    row = Activity.objects.latest("pk")
    assert (row.subject, row.what) == ("export:queue-export", "exported the queue")
    assert row.detail == {"filters": "q=acme"}
