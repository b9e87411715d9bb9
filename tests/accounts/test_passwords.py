"""Passwords: the signed link of the confirmation mail, forgotten ones, changed ones."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from django.test import Client as Browser

from ringup.accounts import password_links
from ringup.accounts.models import User
from ringup.accounts.passwords import PasswordTokens, set_password_path
from ringup.accounts.signing_in import PASSWORD_AGAIN
from ringup.jobs.running import run_one
from ringup.mail.models import Outbox
from tests.world import PASSWORD, make_client, make_user

NEW = "four-words-in-a-row"
FORGOTTEN = "/account/password/forgotten/"


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice", make_client("Acme"))


@pytest.fixture
def newcomer(db: None) -> User:
    """A login as the checkout makes it: without a password."""
    user = make_user("newcomer", make_client("New"))
    user.set_unusable_password()
    user.save()
    return user


def open_link(browser: Browser, path: str) -> str:
    """Follow the link to its form; the token does not stay in the address."""
    response = browser.get(path)
    assert response.status_code == 302
    return str(response["Location"])


def set_password(browser: Browser, path: str, first: str = NEW, second: str = NEW) -> object:
    return browser.post(path, {"new_password1": first, "new_password2": second})


def test_the_link_sets_a_password_and_signs_in(client: Browser, newcomer: User) -> None:
    form = open_link(client, set_password_path(newcomer))

    response = set_password(client, form)

    assert response["Location"] == "/my/"
    page = client.get("/my/")
    assert page.status_code == 200
    assert "Your password is set, and you are signed in." in page.content.decode()
    newcomer.refresh_from_db()
    assert newcomer.check_password(NEW)


def test_the_token_leaves_the_address_at_once(client: Browser, newcomer: User) -> None:
    path = set_password_path(newcomer)
    token = path.rstrip("/").rpartition("/")[2]

    form = open_link(client, path)

    assert token not in form
    assert token not in client.get(form).content.decode()


def test_the_link_works_once(client: Browser, newcomer: User) -> None:
    path = set_password_path(newcomer)
    set_password(client, open_link(client, path))

    page = Browser().get(path)

    assert page.status_code == 200
    assert "This link does not work any more" in page.content.decode()
    assert "Nothing was changed." in page.content.decode()


def link_made(user: User, ago: timedelta) -> str:
    """The link as it was made some time ago."""

    class Earlier(PasswordTokens):
        def _now(self):  # type: ignore[no-untyped-def]
            return super()._now() - ago

    path = set_password_path(user).rstrip("/").rpartition("/")[0]
    return f"{path}/{Earlier().make_token(user)}/"


def test_a_first_password_may_take_two_weeks_and_no_longer(client: Browser, newcomer: User) -> None:
    assert client.get(link_made(newcomer, timedelta(days=13))).status_code == 302
    page = client.get(link_made(newcomer, timedelta(days=15)))
    assert "This link does not work any more" in page.content.decode()


def test_a_link_for_a_forgotten_password_lives_two_hours(client: Browser, alice: User) -> None:
    assert client.get(link_made(alice, timedelta(minutes=110))).status_code == 302
    page = client.get(link_made(alice, timedelta(minutes=130)))
    assert "This link does not work any more" in page.content.decode()


@pytest.mark.parametrize("path", ["/account/password/MQ/nonsense/", "/account/password/---/x-y/"])
def test_a_made_up_link_is_refused(client: Browser, newcomer: User, path: str) -> None:
    page = client.get(path)

    assert page.status_code == 200
    assert "This link does not work any more" in page.content.decode()


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ("", "", "Type a new password."),
        (NEW, "other", "The two passwords differ."),
        ("short", "short", "too short"),
        ("1234567890", "1234567890", "too common"),
        ("newcomer@example.com", "newcomer@example.com", "too similar"),
    ],
)
def test_weak_passwords_are_refused(
    client: Browser, newcomer: User, first: str, second: str, sentence: str
) -> None:
    form = open_link(client, set_password_path(newcomer))

    page = set_password(client, form, first, second)

    assert page.status_code == 422
    assert sentence in page.content.decode()
    newcomer.refresh_from_db()
    assert not newcomer.has_usable_password()


# -- forgotten ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_forgotten_password_is_answered_by_mail(client: Browser, alice: User) -> None:
    response = client.post(FORGOTTEN, {"email": "ALICE@example.com"})
    assert run_one()

    assert response["Location"] == "/account/password/forgotten/sent/"
    letter = Outbox.objects.get()
    assert letter.to == alice.email
    assert letter.subject == "Choose a new password for Ringup"
    link = re.search(r"http://localhost:8000(/account/password/\S+)", letter.text)
    assert link
    assert link[0] in letter.html
    assert set_password(client, open_link(client, link[1]))["Location"] == "/my/"


@pytest.mark.django_db(transaction=True)
def test_an_unknown_address_gets_the_same_answer_and_no_mail(client: Browser) -> None:
    response = client.post(FORGOTTEN, {"email": "nobody@example.com"})
    assert run_one()

    assert response["Location"] == "/account/password/forgotten/sent/"
    assert not Outbox.objects.exists()
    page = client.get(response["Location"]).content.decode()
    assert "If an account has this address" in page


@pytest.mark.django_db(transaction=True)
def test_asking_often_sends_one_mail(
    client: Browser, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)  # else five minutes may end between
    for _ in range(3):
        client.post(FORGOTTEN, {"email": alice.email})
    monkeypatch.undo()
    while run_one():
        pass

    assert Outbox.objects.count() == 1


def test_asking_without_end_is_refused(client: Browser, alice: User) -> None:
    for _ in range(password_links.BY_ADDRESS.times):
        client.post(FORGOTTEN, {"email": "nobody@example.com"})

    page = client.post(FORGOTTEN, {"email": alice.email})

    assert page.status_code == 429
    assert not Outbox.objects.exists()


@pytest.mark.parametrize("email", ["", "x", "a@b@c"])
def test_a_bad_address_is_said(client: Browser, db: None, email: str) -> None:
    page = client.post(FORGOTTEN, {"email": email})

    assert page.status_code == 422
    assert "e-mail address" in page.content.decode()


# -- changed --------------------------------------------------------------------------------------


def test_a_password_is_changed_and_other_devices_are_signed_out(
    client: Browser, alice: User
) -> None:
    client.force_login(alice)
    other = Browser()
    other.force_login(alice)

    response = client.post(
        "/account/password/",
        {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW},
    )

    assert response["Location"] == "/my/"
    assert client.get("/my/").status_code == 200
    assert other.get("/my/").status_code == 302


def test_the_present_password_is_asked_for(client: Browser, alice: User) -> None:
    client.force_login(alice)

    page = client.post(
        "/account/password/", {"old_password": "no", "new_password1": NEW, "new_password2": NEW}
    )

    assert page.status_code == 422
    assert "This is not your present password." in page.content.decode()
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_the_present_password_cannot_be_guessed(client: Browser, alice: User) -> None:
    client.force_login(alice)
    new = {"new_password1": NEW, "new_password2": NEW}
    for _ in range(PASSWORD_AGAIN.times):
        client.post("/account/password/", new | {"old_password": "no"})

    page = client.post("/account/password/", new | {"old_password": PASSWORD})

    assert page.status_code == 422
    assert "Wait 15 minutes" in page.content.decode()
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    # The same patience counts for both questions.
    assert client.post("/account/confirm/", {"password": PASSWORD}).status_code == 429


def test_changing_needs_a_login(client: Browser, db: None) -> None:
    assert client.get("/account/password/")["Location"].startswith("/account/sign-in/")
