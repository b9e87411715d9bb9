"""A login's own page: names, another address, what mails it wants, devices; and the company's data."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from ringup.accounts import passwords, profiles
from ringup.accounts.devices import words_of
from ringup.accounts.member_roles import MemberRole, Topic
from ringup.accounts.models import Client, Device, EmailChange, Membership, User
from ringup.accounts.verifying import is_verified
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.mail.models import Outbox
from tests.racing import at_once, kinds
from tests.world import PASSWORD, make_client, make_user

NEW = "alice@new.example"
PROFILE, EMAIL = "/my/profile/", "/my/profile/e-mail/"
COMPANY = {
    "name": "Acme Ltd", "contact_name": "Alice", "email": "office@acme.example",
    "phone": "416 555 0142", "street": "1 King St", "postal_code": "M5H 1A1", "city": "Toronto",
    "region": "ON", "country": "ca", "vat_id": "de 123.456-789", "time_zone": "America/Toronto",
}  # fmt: skip


@pytest.fixture
def acme(db: None) -> Client:
    return make_client("Acme")


@pytest.fixture
def alice(acme: Client) -> User:
    return make_user("alice", acme)


def signed_in(user: User, agent: str = "") -> Browser:
    browser = Browser(headers={"User-Agent": agent})
    browser.post("/account/sign-in/", {"email": user.email, "password": PASSWORD})
    return browser


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


def link(to: str = NEW) -> str:
    mail = Outbox.objects.filter(template="email-change", to=to).order_by("-pk")[0]
    found = re.search(r"http://[^/]+(/my/profile/e-mail/\S+)", mail.text)
    return found[1] if found else ""


def ask(browser: Browser, email: str = NEW, password: str = PASSWORD) -> int:
    return browser.post(EMAIL, {"email": email, "password": password}).status_code


# -- who one is --------------------------------------------------------------------------------------


def test_name_zone_and_language_are_saved(browser: Browser, alice: User) -> None:
    wanted = {
        "first_name": "Ally", "last_name": "Ames", "time_zone": "Asia/Tokyo", "language": "fr",
    }  # fmt: skip
    assert browser.post(PROFILE, wanted).status_code == 302
    alice.refresh_from_db()
    assert {name: getattr(alice, name) for name in wanted} == wanted
    assert browser.get("/my/").context["time_zone"] == "Asia/Tokyo"
    row = Activity.objects.get(what="changed the profile")
    assert "Ames" not in str(row.detail)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", ""), ("first_name", "<b>"), ("first_name", "x" * 151),
        ("time_zone", "Mars/Base"), ("language", "klingon"),
    ],
)  # fmt: skip
def test_nonsense_changes_nothing(browser: Browser, alice: User, field: str, value: str) -> None:
    wanted = {"first_name": "Ally", "last_name": "", "time_zone": "", "language": "en"}
    assert browser.post(PROFILE, wanted | {field: value}).status_code == 422
    alice.refresh_from_db()
    assert alice.first_name == "Alice"


# -- another address ---------------------------------------------------------------------------------


def test_a_new_address_counts_when_its_link_is_followed(
    browser: Browser, alice: User, acme: Client
) -> None:
    Client.objects.update(email=alice.email)
    assert ask(browser) == 302
    where = link()
    alice.refresh_from_db()
    assert (alice.email, alice.is_verified) == ("alice@example.com", False)
    assert browser.get(where).status_code == 200
    assert browser.post(where).status_code == 302
    alice.refresh_from_db()
    assert (alice.email, alice.is_verified) == (NEW, True)
    assert is_verified(acme)
    acme.refresh_from_db()
    assert acme.email == NEW  # it was the owner's own
    notice = Outbox.objects.get(template="security-notice")
    assert notice.to == "alice@example.com"
    assert NEW in notice.text
    for answer in (browser.get(where), browser.post(where)):
        assert answer.status_code == 410


def test_a_link_in_a_stranger_s_mailbox_changes_nothing(browser: Browser, alice: User) -> None:
    """A slip of the pen sends it to somebody else: he must not get the login by following it."""
    ask(browser)
    where = link()
    assert Browser().post(where).status_code == 302  # asked to sign in
    eve = signed_in(make_user("eve", make_client("Eve")))
    assert eve.get(where).status_code == 410
    assert eve.post(where).status_code == 410
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"


@pytest.mark.parametrize("how", ["late", "newer", "kept"])
def test_a_link_that_ended_changes_nothing(browser: Browser, alice: User, how: str) -> None:
    ask(browser)
    where = link()
    if how == "late":
        EmailChange.objects.update(expires=timezone.now() - timedelta(seconds=1))
    elif how == "newer":
        ask(browser, "other@new.example")
    else:
        browser.post(f"{EMAIL}keep/")
    assert browser.post(where).status_code == 410
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"


def test_a_taken_address_is_answered_alike_and_its_owner_told(browser: Browser) -> None:
    make_user("charlie", make_client("Other"))
    pages = []
    for email in ("charlie@example.com", NEW):
        assert ask(browser, email) == 302
        page = browser.get(PROFILE).content.decode().partition("<main")[2]
        pages.append(re.sub(r"<time.*?</time>|csrf\S+ value=\S+", "", page).replace(email, "@"))
    assert pages[0] == pages[1]
    told = Outbox.objects.get(to="charlie@example.com")
    assert link("charlie@example.com") == ""
    assert "has a login of its own already" in told.text


def test_another_address_asks_for_the_password_and_not_for_ever(
    browser: Browser, alice: User
) -> None:
    assert ask(browser, password="wrong") == 422
    assert ask(browser, "nonsense") == 422
    assert ask(browser, alice.email.upper()) == 422
    assert not Outbox.objects.exists()
    for _ in range(profiles.BY_LOGIN.times):
        ask(browser)
    assert ask(browser) == 422
    for _ in range(10):
        ask(browser, password="wrong")
    assert (
        "Too many attempts"
        in browser.post(EMAIL, {"email": NEW, "password": PASSWORD}).content.decode()
    )


@pytest.mark.django_db(transaction=True)
def test_two_logins_want_one_address_at_once() -> None:
    client, calls = make_client("Acme"), []
    for name in ("one", "two"):
        user = make_user(name, client)
        profiles.ask_for_email(user, NEW)
        token = link().split("/")[4]
        Outbox.objects.all().delete()
        calls.append(lambda user=user, token=token: profiles.change_email(user, token))
    assert kinds(at_once(*calls)) == ["Refusal", "ok"]
    assert User.objects.filter(email=NEW).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_link_followed_twice_at_once_counts_once() -> None:
    user = make_user("one", make_client("Acme"))
    profiles.ask_for_email(user, NEW)
    token = link().split("/")[4]
    again = User.objects.get(pk=user.pk)
    outcomes = at_once(
        lambda: profiles.change_email(user, token), lambda: profiles.change_email(again, token)
    )
    assert kinds(outcomes) == ["Refusal", "ok"]
    assert Outbox.objects.filter(template="security-notice").count() == 1


def test_the_present_address_is_proved_by_a_link(browser: Browser, alice: User) -> None:
    assert browser.post(f"{EMAIL}verify/").status_code == 302
    alice.refresh_from_db()
    assert not alice.is_verified
    assert browser.post(link(alice.email)).status_code == 302
    alice.refresh_from_db()
    assert (alice.email, alice.is_verified) == ("alice@example.com", True)
    assert not Outbox.objects.filter(template="security-notice").exists()
    mails = Outbox.objects.count()
    browser.post(f"{EMAIL}verify/")
    assert Outbox.objects.count() == mails


def test_a_link_to_set_a_password_proves_the_address(client: Browser, alice: User) -> None:
    assert not alice.is_verified
    page = client.get(passwords.set_password_path(alice), follow=True)
    new = {"new_password1": "three green tables", "new_password2": "three green tables"}
    client.post(page.redirect_chain[-1][0], new)
    alice.refresh_from_db()
    assert alice.is_verified


# -- mails, devices, company -------------------------------------------------------------------------


def test_each_chooses_what_mails_he_gets(browser: Browser, alice: User, acme: Client) -> None:
    row = alice.memberships.get()
    assert all(row.wants(topic) for topic in Topic.values)
    assert (
        browser.post(f"/my/profile/mails/{acme.uid}/", {"topics": ["billing"]}).status_code == 302
    )
    row.refresh_from_db()
    assert [topic for topic in Topic.values if row.wants(topic)] == ["billing"]
    browser.post(f"/my/profile/mails/{acme.uid}/", {})
    row.refresh_from_db()
    assert not any(row.wants(topic) for topic in Topic.values)
    assert browser.post(f"/my/profile/mails/{acme.uid}/", {"topics": ["x"]}).status_code == 404
    other = make_client("Other")
    assert browser.post(f"/my/profile/mails/{other.uid}/", {}).status_code == 404


def test_devices_are_listed_and_signed_out(alice: User) -> None:
    phone = signed_in(alice, "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19 Safari/604.1")
    laptop = signed_in(alice, "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/140 Edg/140")
    page = laptop.get(PROFILE).content.decode()
    assert "Safari on iPhone" in page
    assert "Edge on Windows" in page
    eve = signed_in(make_user("eve", make_client("Eve")))
    row = Device.objects.get(browser="Safari on iPhone")
    assert eve.post(f"/my/profile/devices/{row.uid}/").status_code == 404
    assert phone.get(PROFILE).status_code == 200
    assert laptop.post(f"/my/profile/devices/{row.uid}/").status_code == 302
    assert phone.get(PROFILE).status_code == 302
    assert laptop.get(PROFILE).status_code == 200
    mine = Device.objects.get(user=alice)
    laptop.post(f"/my/profile/devices/{mine.uid}/")
    assert laptop.get(PROFILE).status_code == 200


def test_a_new_password_leaves_this_device_alone_in_the_list(alice: User) -> None:
    here, there = signed_in(alice), signed_in(alice)
    new = {"new_password1": "three green tables", "new_password2": "three green tables"}
    here.post("/account/password/", {"old_password": PASSWORD} | new)
    assert here.get(PROFILE).content.decode().count("(this one)") == 1
    assert there.get(PROFILE).status_code == 302
    assert Device.objects.filter(user=alice).count() == 1


def test_nonsense_of_a_browser_is_no_trouble() -> None:
    assert words_of("") == "Unknown browser"
    assert words_of("x" * 10_000) == "Unknown browser"
    assert words_of("Firefox/1 Linux") == "Firefox on Linux"


def test_the_company_s_data_is_saved_and_logged(browser: Browser, acme: Client) -> None:
    assert browser.get("/my/company/").status_code == 200
    assert browser.post("/my/company/", COMPANY).status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.country, acme.vat_id) == ("Acme Ltd", "CA", "DE123456789")
    assert acme.phone == "+14165550142"
    row = Activity.objects.get(what="changed the company's data")
    assert row.detail["vat_id"] == ["", "DE123456789"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("phone", "123"), ("country", "XX"), ("vat_id", "?!"), ("name", ""), ("time_zone", "x")],
)
def test_wrong_company_data_changes_nothing(
    browser: Browser, acme: Client, field: str, value: str
) -> None:
    assert browser.post("/my/company/", COMPANY | {field: value}).status_code == 422
    acme.refresh_from_db()
    assert acme.name == "Acme"


def test_billing_does_not_lead_links_to_passwords_elsewhere(acme: Client) -> None:
    bella = signed_in(make_user("bella", acme, role=MemberRole.BILLING))
    assert bella.post("/my/company/", COMPANY | {"email": "eve@evil.example"}).status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.email) == ("Acme Ltd", "office@acme.example")


def test_whose_address_is_proved_is_known_to_staff(acme: Client, alice: User) -> None:
    Membership.objects.create(user=make_user("bob", None), client=acme, role=MemberRole.TECHNICAL)
    User.objects.filter(first_name="Bob").update(email_verified=timezone.now())
    assert not is_verified(acme)
    User.objects.filter(pk=alice.pk).update(email_verified=timezone.now())
    assert is_verified(acme)


def test_an_address_that_was_taken_meanwhile_is_refused(browser: Browser, alice: User) -> None:
    ask(browser)
    token = link().split("/")[4]
    User.objects.create(username="late", email=NEW)
    with pytest.raises(Refusal):
        profiles.change_email(alice, token)
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"
