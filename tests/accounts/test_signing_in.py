"""Signing in and out: one page for clients and staff, and what guessing meets."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from ringup.accounts import forms
from ringup.accounts.models import User
from ringup.core.limiting import count
from tests.world import PASSWORD, make_client, make_user

SIGN_IN = "/account/sign-in/"


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice", make_client("Acme"))


@pytest.fixture
def sam(db: None) -> User:
    return make_user("sam", None, is_staff=True)


def sign_in(browser: Browser, email: str, password: str = PASSWORD, **more: str) -> object:
    return browser.post(SIGN_IN, {"email": email, "password": password, **more})


def test_a_client_signs_in_by_e_mail_and_sees_his_orders(client: Browser, alice: User) -> None:
    response = sign_in(client, "Alice@Example.com")

    assert response["Location"] == "/my/"
    assert client.get("/my/").status_code == 200


def test_staff_begins_in_the_back_office(client: Browser, sam: User) -> None:
    assert sign_in(client, sam.email)["Location"] == "/office/"


def test_next_brings_people_back_but_not_to_another_site(client: Browser, alice: User) -> None:
    own = sign_in(client, alice.email, next="/checkout/x/")
    client.post("/account/sign-out/")
    foreign = sign_in(client, alice.email, next="https://evil.example/")

    assert own["Location"] == "/checkout/x/"
    assert foreign["Location"] == "/my/"


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_e_mail_look_alike(
    client: Browser, alice: User, email: str
) -> None:
    page = sign_in(client, email, "wrong")

    assert page.status_code == 422
    assert "do not belong together" in page.content.decode()
    assert f'value="{email}"' in page.content.decode()
    assert "wrong" not in page.content.decode().partition("<main")[2].partition("errsum")[0]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"email": "", "password": ""}, "Type your e-mail address."),
        ({"email": "x", "password": "y"}, "Type a complete e-mail address"),
        ({"email": "a@b.example", "password": ""}, "Type your password."),
    ],
)
def test_empty_fields_say_what_to_type(
    client: Browser, db: None, data: dict[str, str], sentence: str
) -> None:
    page = client.post(SIGN_IN, data)

    assert page.status_code == 422
    assert sentence in page.content.decode()


def test_someone_who_is_switched_off_cannot_sign_in(client: Browser, alice: User) -> None:
    alice.is_active = False
    alice.save()

    assert sign_in(client, alice.email).status_code == 422


def test_an_account_is_guarded_wherever_the_guesses_come_from(client: Browser, alice: User) -> None:
    for place in range(forms.SIGN_IN_BY_ACCOUNT.times):
        client.post(
            SIGN_IN, {"email": alice.email, "password": "guess"}, REMOTE_ADDR=f"203.0.113.{place}"
        )

    page = sign_in(client, alice.email)

    assert page.status_code == 429
    assert "Too many attempts. Wait 15 minutes" in page.content.decode()


def test_one_place_cannot_try_many_accounts(client: Browser, alice: User) -> None:
    for _ in range(forms.SIGN_IN_BY_ADDRESS.times):
        count(forms.SIGN_IN_BY_ADDRESS, "127.0.0.1")

    assert sign_in(client, alice.email).status_code == 429
    elsewhere = client.post(
        SIGN_IN, {"email": alice.email, "password": PASSWORD}, REMOTE_ADDR="203.0.113.9"
    )
    assert elsewhere.status_code == 302


def test_success_forgets_earlier_mistakes(client: Browser, alice: User) -> None:
    for _ in range(forms.SIGN_IN_BY_ACCOUNT.times - 1):
        count(forms.SIGN_IN_BY_ACCOUNT, alice.email)
    sign_in(client, alice.email)
    client.post("/account/sign-out/")
    sign_in(client, alice.email, "wrong")

    assert sign_in(client, alice.email).status_code == 302


def test_signing_out_ends_the_session(client: Browser, alice: User) -> None:
    client.force_login(alice)

    assert client.get("/account/sign-out/").status_code == 405
    assert client.post("/account/sign-out/")["Location"] == "/"
    assert client.get("/my/")["Location"].startswith(SIGN_IN)


def test_who_is_signed_in_already_is_sent_on(client: Browser, alice: User) -> None:
    client.force_login(alice)

    assert client.get(SIGN_IN)["Location"] == "/my/"
