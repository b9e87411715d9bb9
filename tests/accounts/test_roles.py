"""Staff comes and goes, and an owner who can sign in is always left."""

from __future__ import annotations

import re
import time
from functools import partial
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from ringup.accounts import staffing
from ringup.accounts.models import User
from ringup.accounts.passwords import set_password_path
from ringup.accounts.roles import CAPABILITIES, WORDS, Can, Role, capabilities
from ringup.core.models import Activity
from ringup.core.sentences import Refusal
from ringup.mail.models import Outbox
from tests.accounts.authenticators import with_app
from tests.racing import at_once, refused
from tests.world import PASSWORD, make_client, make_user

ANN = {"email": "Ann@Example.com", "first_name": "Ann", "last_name": "Lee", "role": Role.SUPPORT}


@pytest.fixture
def olga(db: None) -> User:
    return make_user("olga", None, is_staff=True)


@pytest.fixture
def sam(db: None) -> User:
    return make_user("sam", None, is_staff=True, role=Role.SUPPORT)


def names(user: User) -> dict[str, Any]:
    return {"first_name": user.first_name, "last_name": user.last_name}


def done() -> list[str]:
    return list(Activity.objects.order_by("pk").values_list("what", flat=True))


def link_in(mail: Outbox) -> str:
    return re.search(r"http://localhost:8000(/account/password/\S+)", mail.text)[1]  # type: ignore[index]


# -- the table -------------------------------------------------------------------------------------


@pytest.mark.once
def test_every_capability_has_words_and_somebody_who_has_it() -> None:
    assert set(WORDS) == set(Can)
    assert set(CAPABILITIES) == set(Role)
    holders = {can: [role for role, its in CAPABILITIES.items() if can in its] for can in Can}
    assert all(holders.values())
    assert holders[Can.EDIT_STAFF] == [Role.OWNER]
    assert capabilities("janitor") == frozenset()
    for role in Role:  # whoever changes something may see it
        for can in CAPABILITIES[role]:
            seen = Can.__members__.get(can.name.replace("EDIT_", "SEE_").replace("WORK_", "SEE_"))
            assert seen is None or seen in CAPABILITIES[role], (role, can)


# -- inviting ----------------------------------------------------------------------------------------


def test_an_invited_person_chooses_a_password_and_is_in(client: Browser, olga: User) -> None:
    ann = staffing.invite(by=olga, **ANN)
    assert (ann.email, ann.role, ann.is_staff) == ("ann@example.com", "support", True)
    mail = Outbox.objects.get()
    assert mail.to == "ann@example.com"
    assert "Olga gives you access" in mail.text
    assert "Support" in mail.html
    assert link_in(mail) in mail.html
    form = client.get(link_in(mail))["Location"]
    assert "you enter the back office" in client.get(form).content.decode()
    answer = client.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert answer["Location"] == "/office/"
    assert client.get("/office/queue/").status_code == 200
    assert done() == ["invited Ann Lee", "set a password by a link", "signed in"]
    with pytest.raises(Refusal, match="has chosen a password already"):
        staffing.invite_again(User.objects.get(pk=ann.pk), by=olga)


def test_an_invitation_goes_again_but_not_to_who_is_switched_off(olga: User) -> None:
    ann = staffing.invite(by=olga, **ANN)
    Outbox.objects.update(key="earlier", message_id="<earlier>")
    staffing.invite_again(ann, by=olga)
    staffing.invite_again(ann, by=olga)  # pressed twice
    assert Outbox.objects.count() == 2
    staffing.switch_off(ann, by=olga)
    ann.refresh_from_db()
    with pytest.raises(Refusal, match="switched off"):
        staffing.invite_again(ann, by=olga)


def test_an_address_is_invited_once(olga: User, sam: User) -> None:
    make_user("carla", make_client("Acme"))
    with pytest.raises(Refusal, match="Sam is staff already"):
        staffing.invite(by=olga, **ANN | {"email": "SAM@example.com"})
    with pytest.raises(Refusal, match="belongs to a client's login"):
        staffing.invite(by=olga, **ANN | {"email": "carla@example.com"})
    assert not Outbox.objects.exists()
    assert done() == []


@pytest.mark.django_db(transaction=True)
def test_one_address_invited_twice_at_once_is_one_login() -> None:
    olga = make_user("olga", None, is_staff=True)
    outcomes = at_once(*[partial(staffing.invite, by=olga, **ANN) for _ in range(2)])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Refusal", "User"]
    assert Outbox.objects.count() == 1


# -- roles, off and on -------------------------------------------------------------------------------


def test_a_role_changes_at_once(olga: User, sam: User) -> None:
    browser = Browser()
    browser.force_login(sam)
    assert browser.get("/office/staff/").status_code == 403
    staffing.change(sam, by=olga, **names(sam) | {"role": Role.OWNER})
    assert browser.get("/office/staff/").status_code == 200
    row = Activity.objects.latest("pk")
    assert (row.what, row.detail) == ("changed the role of Sam", {"role": ["support", "owner"]})
    staffing.change(sam, by=olga, **names(sam) | {"role": Role.OWNER})
    assert Activity.objects.latest("pk") == row  # nothing changed, nothing said


def test_switching_off_ends_sessions_and_links_for_good(olga: User, sam: User) -> None:
    browser = Browser()
    browser.force_login(sam)
    link = set_password_path(sam)
    staffing.switch_off(sam, by=olga)
    assert browser.get("/office/queue/")["Location"].startswith("/account/sign-in/")
    staffing.switch_on(sam, by=olga)
    staffing.switch_on(sam, by=olga)
    # On again, with the same password; what was open before stays closed.
    assert browser.get("/office/queue/").status_code == 302
    assert "does not work any more" in browser.get(link).content.decode()
    form = {"email": sam.email, "password": PASSWORD}
    assert browser.post("/account/sign-in/", form)["Location"] == "/office/"
    assert done() == ["switched Sam off", "switched Sam on again", "signed in"]


def test_the_last_owner_stays(olga: User, sam: User) -> None:
    with pytest.raises(Refusal, match="Olga is the only owner who can sign in"):
        staffing.change(olga, by=olga, **names(olga) | {"role": Role.SUPPORT})
    with pytest.raises(Refusal, match="cannot switch yourself off"):
        staffing.switch_off(olga, by=olga)
    # Somebody who was invited but never came does not count …
    staffing.invite(by=olga, **ANN | {"role": Role.OWNER})
    with pytest.raises(Refusal, match="the only owner"):
        staffing.change(olga, by=olga, **names(olga) | {"role": Role.SUPPORT})
    # … nor one who is switched off.
    other = make_user("otto", None, is_staff=True)
    staffing.switch_off(other, by=olga)
    with pytest.raises(Refusal, match="the only owner"):
        staffing.change(olga, by=olga, **names(olga) | {"role": Role.SUPPORT})
    staffing.switch_on(other, by=olga)
    staffing.change(olga, by=olga, **names(olga) | {"role": Role.SUPPORT})
    with pytest.raises(Refusal, match="no owner any more"):
        staffing.change(sam, by=olga, **names(sam) | {"role": Role.MANAGER})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["demote", "switch off", "themselves"])
def test_two_owners_at_once_leave_one(verb: str) -> None:
    olga, otto = (make_user(name, None, is_staff=True) for name in ("olga", "otto"))

    def call(one: User, by: User) -> Any:
        if verb == "switch off":
            return staffing.switch_off(one, by=by)
        return staffing.change(one, by=by, **names(one) | {"role": Role.SUPPORT})

    pairs = [(olga, otto), (otto, olga)]
    if verb == "themselves":
        pairs = [(olga, olga), (otto, otto)]
    outcomes = at_once(*[partial(call, one, by) for one, by in pairs])
    left = User.objects.filter(role=Role.OWNER, is_active=True)
    assert left.count() == 1, outcomes
    assert len(refused(outcomes)) == 1, outcomes


def test_a_lost_telephone_is_forgotten(olga: User, sam: User) -> None:
    with_app(sam, int(time.time()) // 30)
    browser = Browser()
    browser.force_login(sam)
    staffing.reset_second_step(sam, by=olga)
    assert not Authenticator.objects.exists()
    assert browser.get("/office/queue/").status_code == 302
    row = Activity.objects.latest("pk")
    assert (row.what, row.detail) == ("reset the second step of Sam", {"had": "App"})
    assert "Olga reset your second step" in Outbox.objects.latest("pk").text
    with pytest.raises(Refusal, match="This is you"):
        staffing.reset_second_step(olga, by=olga)


# -- from the shell ----------------------------------------------------------------------------------


def make_owner(*arguments: str) -> str:
    out = StringIO()
    call_command("make_owner", *arguments, stdout=out)
    return out.getvalue()


def test_the_shell_makes_an_owner_where_nobody_has_access(client: Browser, db: None) -> None:
    said = make_owner("New@example.com", "--name", "Nora")
    assert "new@example.com is a new owner" in said
    assert "within 14 days" in said
    link = re.search(r"http://localhost:8000(/\S+)", said)[1]  # type: ignore[index]
    form = client.get(link)["Location"]
    client.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert client.get("/office/staff/").status_code == 200
    assert done()[0] == "made the owner Nora from the shell"


def test_the_shell_mends_an_owner(sam: User) -> None:
    with_app(sam, int(time.time()) // 30)
    User.objects.filter(pk=sam.pk).update(is_active=False)
    said = make_owner(sam.email)
    assert "sam@example.com is an active owner" in said
    assert "within two hours" in said
    assert Authenticator.objects.exists()
    make_owner(sam.email, "--reset-two-factor")
    assert not Authenticator.objects.exists()
    sam.refresh_from_db()
    assert sam.can(Can.EDIT_STAFF)


def test_the_shell_refuses_a_client_s_login_and_nonsense(db: None) -> None:
    carla = make_user("carla", make_client("Acme"))
    for nonsense, sentence in ((carla.email, "belongs to a client"), ("x", "no e-mail address")):
        with pytest.raises(CommandError, match=sentence):
            make_owner(nonsense)
    carla.refresh_from_db()
    assert not carla.is_staff
