"""People of a client: invited, with another role, removed; an owner is always left."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from ringup.accounts import belonging, inviting, joining
from ringup.accounts.member_roles import MemberRole
from ringup.accounts.models import Client, Invitation, Membership, User
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.mail.models import Outbox
from tests.racing import at_once, kinds
from tests.world import PASSWORD, make_client, make_user

NEW = "dora@example.com"
JOIN = {
    "name": "Dora Dunn",
    "new_password1": "three green tables",
    "new_password2": "three green tables",
}


@pytest.fixture
def acme(db: None) -> Client:
    return make_client("Acme")


@pytest.fixture
def alice(acme: Client) -> User:
    return make_user("alice", acme)


@pytest.fixture
def bob(acme: Client) -> User:
    return make_user("bob", acme, role=MemberRole.TECHNICAL)


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.post("/account/sign-in/", {"email": user.email, "password": PASSWORD})
    return browser


def link() -> str:
    """The path in the newest invitation."""
    mail = Outbox.objects.filter(template="client-invitation").order_by("-pk")[0]
    found = re.search(r"http://[^/]+(/my/join/\S+)", mail.text)
    assert found is not None
    assert found[1] in mail.html
    return found[1]


def invited(acme: Client, alice: User, email: str = NEW, role: str = MemberRole.BILLING) -> str:
    inviting.invite(acme, email=email, role=role, by=alice)
    return link()


# -- coming ------------------------------------------------------------------------------------------


def test_an_invited_person_signs_up_and_is_in(client: Browser, acme: Client, alice: User) -> None:
    page = signed_in(alice).post(
        "/my/people/invite/", {"email": "Dora@Example.com", "role": "billing"}
    )
    assert page["Location"] == "/my/people/"
    where = link()
    for _ in range(2):  # mail scanners look
        shown = client.get(where)
        assert shown.status_code == 200
        assert shown["Referrer-Policy"] == "strict-origin"
        assert "no-store" in shown["Cache-Control"]
    assert not User.objects.filter(email=NEW).exists()
    before = client.session.session_key
    assert client.post(where, JOIN)["Location"] == "/my/"
    assert client.session.session_key != before
    assert "Acme" in client.get("/my/").content.decode()
    dora = User.objects.get(email=NEW)
    assert dora.is_verified
    assert dora.check_password(JOIN["new_password1"])
    assert dora.memberships.get().role == MemberRole.BILLING
    assert Browser().get(where).status_code == 410
    assert Browser().post(where, JOIN).status_code == 410
    log = Activity.objects.filter(subject=f"client:{acme.uid}").values_list("what", flat=True)
    assert set(log) == {"invited somebody", "accepted an invitation"}


def test_a_new_login_reads_the_brand_s_language(client: Browser, acme: Client, alice: User) -> None:
    acme.brand.language = "fr"
    acme.brand.save()
    client.post(invited(acme, alice), JOIN)
    assert User.objects.get(email=NEW).language == "fr"


def test_the_token_is_not_stored_and_a_changed_one_is_worth_nothing(
    client: Browser, acme: Client, alice: User
) -> None:
    where = invited(acme, alice)
    token = where.rstrip("/").rpartition("/")[2]
    assert token not in str(list(Invitation.objects.values()))
    assert (
        client.post(f"/my/join/{token[:-1]}{'A' if token[-1] != 'A' else 'B'}/", JOIN).status_code
        == 410
    )
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("how", ["late", "taken back", "sent again"])
def test_a_link_that_ended_lets_nobody_in(
    client: Browser, acme: Client, alice: User, how: str
) -> None:
    where, row = invited(acme, alice), Invitation.objects.get()
    if how == "late":
        Invitation.objects.update(expires=timezone.now() - timedelta(seconds=1))
    elif how == "taken back":
        inviting.take_back(row, by=alice)
    else:
        inviting.send_again(row, by=alice)
        assert client.get(link()).status_code == 200
    assert client.get(where).status_code == 410
    assert client.post(where, JOIN).status_code == 410
    assert not User.objects.filter(email=NEW).exists()


@pytest.mark.parametrize("password", ["short", "password123", "dora@example.com", "Dora Dunn 1"])
def test_the_house_s_rules_for_passwords_hold(
    client: Browser, acme: Client, alice: User, password: str
) -> None:
    where = invited(acme, alice)
    weak = JOIN | {"new_password1": password, "new_password2": password}
    assert client.post(where, weak).status_code == 422
    assert client.get(where).status_code == 200


def test_inviting_a_known_address_looks_like_an_unknown_one(acme: Client, alice: User) -> None:
    make_user("charlie", make_client("Other"))
    browser, pages = signed_in(alice), []
    for email in ("charlie@example.com", NEW):
        browser.post("/my/people/invite/", {"email": email, "role": "billing"})
        pages.append(browser.get("/my/people/").content.decode().count(email))
    assert pages == [4, 4]  # the toast, and the row with its buttons
    mails = Outbox.objects.filter(template="client-invitation")
    texts = {re.sub(r"/my/join/\S+", "", mail.text) for mail in mails}
    assert len(texts) == 1


def test_an_existing_login_joins_only_when_it_is_signed_in(
    client: Browser, acme: Client, alice: User
) -> None:
    charlie = make_user("charlie", make_client("Other"))
    where = invited(acme, alice, charlie.email)
    assert "Sign in" in client.get(where).content.decode()
    assert client.post(where, JOIN)["Location"].startswith("/account/sign-in/")
    eve = signed_in(make_user("eve", make_client("Eve")))
    assert "sign out, then open the link again" in eve.get(where).content.decode()
    assert eve.post(where, JOIN).status_code == 403
    assert charlie.memberships.count() == 1
    browser = signed_in(charlie)
    assert browser.post(where)["Location"] == "/my/"
    assert set(charlie.memberships.values_list("role", flat=True)) == {"owner", "billing"}
    assert charlie.check_password(PASSWORD)
    assert browser.get(where).status_code == 410


def test_who_is_signed_in_as_another_does_not_make_a_new_login(acme: Client, alice: User) -> None:
    where = invited(acme, alice)
    assert signed_in(alice).post(where, JOIN).status_code == 403
    assert not User.objects.filter(email=NEW).exists()


def test_staff_joins_no_client(acme: Client, alice: User) -> None:
    sam = make_user("sam", None, is_staff=True)
    where = invited(acme, alice, sam.email)
    assert signed_in(sam).post(where).status_code == 410
    assert not sam.memberships.exists()


def test_an_address_is_invited_once_and_a_member_not_at_all(
    acme: Client, alice: User, bob: User
) -> None:
    invited(acme, alice)
    for email, words in ((NEW, "invited already"), (bob.email, "belongs to Acme already")):
        with pytest.raises(Refusal, match=words):
            inviting.invite(acme, email=email.upper(), role="billing", by=alice)
    # One that ran out is no hindrance.
    Invitation.objects.update(expires=timezone.now())
    inviting.invite(acme, email=NEW, role="billing", by=alice)
    assert Invitation.objects.filter(revoked=None).count() == 1


def test_invitations_have_a_limit(acme: Client, alice: User) -> None:
    for number in range(inviting.BY_CLIENT.times):
        inviting.invite(acme, email=f"n{number}@example.com", role="billing", by=alice)
    with pytest.raises(Refusal, match="Too many"):
        inviting.invite(acme, email=NEW, role="billing", by=alice)
    assert not Invitation.objects.filter(email=NEW).exists()


@pytest.mark.django_db(transaction=True)
def test_one_invitation_accepted_twice_at_once_is_one_login() -> None:
    acme = make_client("Acme")
    token = invited(acme, make_user("alice", acme)).split("/")[3]

    def accept() -> None:
        joining.sign_up(token, name="Dora", password="three green tables")

    assert kinds(at_once(accept, accept)) == ["Refusal", "ok"]
    assert Membership.objects.filter(client=acme).count() == 2


# -- roles, and going --------------------------------------------------------------------------------


def test_a_role_counts_from_the_next_page_on(acme: Client, alice: User, bob: User) -> None:
    browser = signed_in(bob)
    assert browser.get("/my/people/").status_code == 403
    signed_in(alice).post(f"/my/people/{bob.uid}/role/", {"role": "owner"})
    assert browser.get("/my/people/").status_code == 200


def test_the_last_owner_stays(acme: Client, alice: User, bob: User) -> None:
    browser = signed_in(alice)
    page = browser.post(f"/my/people/{alice.uid}/role/", {"role": "billing"})
    assert page.status_code == 422
    assert "Alice is the only owner of Acme. Make somebody else" in page.content.decode()
    browser.post(f"/my/leave/{acme.uid}/")
    assert "only owner" in browser.get("/my/profile/").content.decode()
    assert alice.memberships.get().role == MemberRole.OWNER
    belonging.change_role(acme, bob, role=MemberRole.OWNER, by=alice)
    assert browser.post(f"/my/leave/{acme.uid}/").status_code == 302
    assert not alice.memberships.exists()
    assert browser.get("/my/").status_code == 403
    assert browser.get("/my/profile/").status_code == 200


def test_an_owner_who_is_switched_off_does_not_count(acme: Client, alice: User, bob: User) -> None:
    Membership.objects.filter(user=bob).update(role=MemberRole.OWNER)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(Refusal, match="only owner"):
        belonging.leave(acme, alice)


def test_a_removed_member_is_out_with_the_next_click(acme: Client, alice: User, bob: User) -> None:
    browser, invitation = signed_in(bob), Invitation(client=acme, email=bob.email, role="owner")
    invitation.sent = invitation.expires = timezone.now() + timedelta(days=1)
    invitation.save()
    assert browser.get("/my/").status_code == 200
    owner = signed_in(alice)
    assert "Every session ends" in owner.get(f"/my/people/{bob.uid}/remove/").content.decode()
    assert owner.post(f"/my/people/{bob.uid}/remove/").status_code == 302
    assert browser.get("/my/")["Location"].startswith("/account/sign-in/")
    assert signed_in(bob).get("/my/").status_code == 403
    invitation.refresh_from_db()
    assert invitation.revoked is not None
    assert Outbox.objects.get(template="member-removed").to == bob.email
    assert owner.get("/my/").status_code == 200
    assert owner.post(f"/my/people/{bob.uid}/remove/").status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["demote", "remove", "leave"])
def test_two_owners_at_once_leave_one(verb: str) -> None:
    acme = make_client("Acme")
    one, two = make_user("one", acme), make_user("two", acme)

    def against(by: User, other: User) -> None:
        if verb == "demote":
            belonging.change_role(acme, other, role=MemberRole.BILLING, by=by)
        elif verb == "remove":
            belonging.remove(acme, other, by=by)
        else:
            belonging.leave(acme, by)

    assert kinds(at_once(lambda: against(one, two), lambda: against(two, one))) == ["Refusal", "ok"]
    assert Membership.objects.filter(client=acme, role=MemberRole.OWNER).count() == 1


def test_an_owner_who_is_none_any_more_changes_nothing(
    acme: Client, alice: User, bob: User
) -> None:
    Membership.objects.filter(user=alice).update(role=MemberRole.BILLING)
    for verb in (
        lambda: belonging.remove(acme, bob, by=alice),
        lambda: belonging.change_role(acme, bob, role=MemberRole.OWNER, by=alice),
        lambda: inviting.invite(acme, email=NEW, role="owner", by=alice),
    ):
        with pytest.raises(Refusal, match="no owner"):
            verb()
    assert bob.memberships.get().role == MemberRole.TECHNICAL


@pytest.mark.parametrize(
    ("email", "mailbox"),
    [
        ("Anna@Acme.example", "anna@acme.example"),
        ("anna+trial.2+x@acme.example", "anna@acme.example"),
        ("+anna@acme.example", "+anna@acme.example"),
        ("anna@a+b.example", "anna@a+b.example"),
        ("", ""),
    ],
)
def test_a_mailbox_is_one_text_whatever_stands_behind_its_plus(
    acme: Client, email: str, mailbox: str
) -> None:
    Client.objects.filter(pk=acme.pk).update(email=email)
    assert Client.objects.get(pk=acme.pk).mailbox == mailbox
    made = Client.objects.create(brand=acme.brand, name="New", email=email, phone="")
    assert made.mailbox == mailbox
