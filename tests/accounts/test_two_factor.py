"""Signing in in two steps: nothing is open before the second, and no code works twice."""

from __future__ import annotations

import json
import re
import time
from functools import partial
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver

from ringup.accounts import passkeys
from ringup.accounts.forms import SIGN_IN_BY_ACCOUNT, SIGN_IN_BY_ADDRESS
from ringup.accounts.models import User
from ringup.accounts.passwords import set_password_path
from ringup.accounts.signing_in import PASSWORD_AGAIN, PENDING, PENDING_SECONDS, SECOND_STEP
from ringup.accounts.two_factor import app_of, codes_to_show, secrets_of, take_code
from ringup.accounts.urls import urlpatterns
from ringup.core.keys import NotThisRow
from ringup.core.limiting import count
from ringup.core.models import Activity
from ringup.mail.models import Outbox
from tests.accounts.authenticators import FLAG, Device, code_at, fresh_code, secret_of, with_app
from tests.racing import at_once
from tests.world import PASSWORD, make_client, make_user

# Pages and forms: no database answers them differently.
pytestmark = pytest.mark.once

SIGN_IN, SECOND = "/account/sign-in/", "/account/sign-in/second/"
TWO_STEP, CONFIRM = "/account/two-step/", "/account/confirm/"


def now() -> int:
    return int(time.time()) // 30


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice", make_client("Acme"))


@pytest.fixture
def sam(db: None) -> User:
    return make_user("sam", None, is_staff=True)


@pytest.fixture
def guarded(alice: User) -> User:
    return with_app(alice, now())


def sign_in(browser: Browser, user: User, **more: str) -> Any:
    return browser.post(SIGN_IN, {"email": user.email, "password": PASSWORD, **more})


def done(user: User) -> list[str]:
    """What the log says about the login, oldest first."""
    rows = Activity.objects.filter(subject=f"user:{user.uid}").order_by("pk")
    return [row.what for row in rows]


def is_in(browser: Browser) -> bool:
    return SESSION_KEY in browser.session and browser.get("/my/").status_code != 302


# -- setting up ------------------------------------------------------------------------------------


def test_an_app_is_set_up_and_the_codes_are_shown_once(client: Browser, alice: User) -> None:
    elsewhere = Browser()
    sign_in(client, alice)
    sign_in(elsewhere, alice)
    page = client.get(f"{TWO_STEP}app/").content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    secret = re.search(r'translate="no">([A-Z2-7 ]+)<', page)[1].replace(" ", "")  # type: ignore[index]
    assert secret not in json.dumps(dict(client.session.items()))
    assert client.post(f"{TWO_STEP}app/", {"code": "000 000"}).status_code == 422
    assert not Authenticator.objects.exists()

    answer = client.post(f"{TWO_STEP}app/", {"code": code_at(secret, now())})

    assert answer["Location"] == f"{TWO_STEP}codes/"
    page = client.get(f"{TWO_STEP}codes/").content.decode()
    codes = re.findall(r"<li>(\d{5} \d{5})</li>", page)
    assert len(set(codes)) == 10
    assert client.get(f"{TWO_STEP}codes/")["Location"] == TWO_STEP
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code.replace(" ", "") in stored for code in codes)
    assert secret_of(alice) == secret
    assert done(alice)[-1] == "added an authenticator app"
    assert "An authenticator app was added" in Outbox.objects.get().text
    assert is_in(client)
    assert not is_in(elsewhere)
    assert "On</span>" in client.get(TWO_STEP).content.decode()


def test_a_secret_that_was_copied_to_another_login_does_not_open(guarded: User, sam: User) -> None:
    app = app_of(guarded)
    assert app
    Authenticator.objects.create(user=sam, type="totp", data=app.data)
    with pytest.raises(NotThisRow):
        take_code(sam, fresh_code(guarded))
    with secrets_of(sam):
        pass  # leaving forgets whose secrets they were …
    with pytest.raises(LookupError):  # … so nobody's can be opened by accident
        app.wrap().validate_code("123456")


def test_another_telephone_replaces_the_first(client: Browser, alice: User) -> None:
    sign_in(client, alice)
    for _ in range(2):
        page = client.get(f"{TWO_STEP}app/").content.decode()
        secret = re.search(r'translate="no">([A-Z2-7 ]+)<', page)[1].replace(" ", "")  # type: ignore[index]
        client.post(f"{TWO_STEP}app/", {"code": code_at(secret, now())})
    assert secret_of(alice) == secret
    assert done(alice)[-1] == "replaced the authenticator app"
    assert client.get(TWO_STEP).status_code == 200


# -- signing in ------------------------------------------------------------------------------------


def test_a_password_alone_opens_nothing(client: Browser, guarded: User) -> None:
    answer = sign_in(client, guarded, next="/checkout/x/")
    assert answer["Location"] == SECOND
    assert not is_in(client)
    assert client.get(TWO_STEP)["Location"].startswith(SIGN_IN)
    assert client.get(f"{TWO_STEP}app/")["Location"].startswith(SIGN_IN)
    assert client.get(SECOND).status_code == 200
    for wrong in ("000000", "", "x" * 10_000, "\x00", "١٢٣٤٥٦"):
        page = client.post(SECOND, {"code": wrong})
        assert page.status_code in (422, 429), wrong
        assert not is_in(client)


def test_a_code_signs_in_once(client: Browser, guarded: User) -> None:
    code = fresh_code(guarded)
    sign_in(client, guarded, next="/checkout/x/")
    assert client.post(SECOND, {"code": f"{code[:3]} {code[3:]}"})["Location"] == "/checkout/x/"
    assert is_in(client)
    assert PENDING not in client.session
    row = Activity.objects.filter(what="signed in").latest("pk")
    assert row.detail == {"how": "password, authenticator app", "address": "127.0.0.1"}
    other = Browser()
    sign_in(other, guarded)
    page = other.post(SECOND, {"code": code})
    assert page.status_code == 422
    assert "it was used already" in page.content.decode()
    assert not is_in(other)
    older = code_at(secret_of(guarded), app_of(guarded).data["step"] - 1)  # type: ignore[union-attr]
    assert other.post(SECOND, {"code": older}).status_code == 422


def test_a_recovery_code_signs_in_once_and_is_told(client: Browser, guarded: User) -> None:
    codes = codes_to_show(guarded)
    sign_in(client, guarded)
    assert client.post(SECOND, {"code": codes[3]}).status_code == 302
    assert is_in(client)
    assert "9 are left" in Outbox.objects.latest("pk").text
    other = Browser()
    sign_in(other, guarded)
    assert other.post(SECOND, {"code": codes[3]}).status_code == 422
    client.post(f"{TWO_STEP}codes/new/")
    renewed = client.get(f"{TWO_STEP}codes/").content.decode()
    assert codes[4] not in renewed
    assert other.post(SECOND, {"code": codes[4]}).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_of_two_with_one_code_at_once_one_gets_in() -> None:
    user = with_app(make_user("sam", None, is_staff=True), now())
    for code in (fresh_code(user), codes_to_show(user)[0]):
        ways = at_once(*[partial(take_code, user, code) for _ in range(4)])
        assert sum(way is not None for way in ways) == 1, ways


def test_guessing_is_stopped_and_written_down(client: Browser, guarded: User) -> None:
    sign_in(client, guarded)
    for _ in range(SECOND_STEP.times):
        assert client.post(SECOND, {"code": "000000"}).status_code == 422
    other = Browser()
    sign_in(other, guarded)  # the right password again begins nothing anew
    page = other.post(SECOND, {"code": fresh_code(guarded)})
    assert page.status_code == 429
    assert "Wait 15 minutes" in page.content.decode()
    assert not is_in(other)
    assert done(guarded).count("was locked out after 5 wrong codes") == 1


@pytest.mark.parametrize("what", ["late", "switched off", "other password", "sessions ended"])
def test_the_second_step_waits_for_this_password_and_not_for_long(
    client: Browser, guarded: User, what: str
) -> None:
    sign_in(client, guarded)
    if what == "late":
        session = client.session
        session[PENDING] = session[PENDING] | {"at": int(time.time()) - PENDING_SECONDS - 1}
        session.save()
    elif what == "switched off":
        guarded.is_active = False
    elif what == "other password":
        guarded.set_password("another-password-9")
    else:
        guarded.session_generation += 1
    guarded.save()
    assert client.post(SECOND, {"code": fresh_code(guarded)})["Location"] == SIGN_IN
    assert not is_in(client)


def test_a_link_to_set_a_password_does_not_skip_the_second_step(
    client: Browser, guarded: User
) -> None:
    form = client.get(set_password_path(guarded))["Location"]
    new = {"new_password1": "four-words-in-a-row", "new_password2": "four-words-in-a-row"}
    assert client.post(form, new)["Location"] == SECOND
    assert not is_in(client)
    assert client.post(SECOND, {"code": fresh_code(guarded)})["Location"] == "/my/"
    assert is_in(client)


def test_a_login_that_is_off_sets_no_password(client: Browser, guarded: User) -> None:
    path = set_password_path(guarded)
    guarded.is_active = False
    guarded.save()
    assert "does not work any more" in client.get(path).content.decode()


# -- changing factors --------------------------------------------------------------------------------


def test_changing_factors_asks_for_the_password_again(client: Browser, guarded: User) -> None:
    client.force_login(guarded)
    app = app_of(guarded)
    assert app
    for path in ("app/", "passkey/", "codes/"):
        assert client.get(TWO_STEP + path)["Location"].startswith(CONFIRM), path
    for path in ("codes/new/", f"remove/{app.pk}/", "passkey/options/"):
        assert client.post(TWO_STEP + path)["Location"].startswith(CONFIRM), path
    assert app_of(guarded) is not None
    assert client.post(CONFIRM, {"password": "wrong"}).status_code == 422
    foreign = client.post(CONFIRM, {"password": PASSWORD, "next": "https://evil.example/"})
    assert foreign["Location"] == TWO_STEP
    assert client.get(f"{TWO_STEP}app/").status_code == 200
    assert client.post(f"{TWO_STEP}remove/{app.pk}/")["Location"] == TWO_STEP
    assert not Authenticator.objects.exists()  # the recovery codes went with it
    assert done(guarded)[-1] == "removed the authenticator app"


def test_guessing_the_password_on_an_open_screen_is_stopped(client: Browser, alice: User) -> None:
    client.force_login(alice)
    for _ in range(PASSWORD_AGAIN.times):
        client.post(CONFIRM, {"password": "guess"})
    assert client.post(CONFIRM, {"password": PASSWORD}).status_code == 429
    assert done(alice) == ["typed 10 wrong passwords while signed in"]


def test_nobody_removes_the_factor_of_another(client: Browser, guarded: User, sam: User) -> None:
    sign_in(client, sam)
    app = app_of(guarded)
    assert app
    assert client.post(f"{TWO_STEP}remove/{app.pk}/").status_code == 404
    assert app_of(guarded) is not None


def test_lockouts_are_written_down(client: Browser, alice: User) -> None:
    count(SIGN_IN_BY_ACCOUNT, *[alice.email] * (SIGN_IN_BY_ACCOUNT.times - 2))
    for place in range(4):
        client.post(
            SIGN_IN, {"email": alice.email, "password": "x"}, REMOTE_ADDR=f"203.0.113.{place}"
        )
    assert done(alice) == ["was locked out after 10 wrong passwords"]
    count(SIGN_IN_BY_ADDRESS, *["127.0.0.1"] * (SIGN_IN_BY_ADDRESS.times - 2))
    for guess in range(4):
        client.post(SIGN_IN, {"email": f"{guess}@example.com", "password": "x"})
    rows = Activity.objects.filter(subject="address:127.0.0.1")
    assert [row.what for row in rows] == ["was locked out after 20 wrong passwords"]


# -- required of staff ---------------------------------------------------------------------------------


def test_staff_that_must_sets_up_a_second_step_before_anything_else(
    client: Browser, sam: User, settings: Any
) -> None:
    settings.RINGUP_STAFF_TWO_FACTOR = "required"
    sign_in(client, sam)
    assert client.get("/office/queue/")["Location"] == TWO_STEP
    fragment = client.get("/office/queue/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (204, TWO_STEP)
    assert "Set up a second step to go on" in client.get(TWO_STEP).content.decode()
    page = client.get(f"{TWO_STEP}app/").content.decode()
    secret = re.search(r'translate="no">([A-Z2-7 ]+)<', page)[1].replace(" ", "")  # type: ignore[index]
    client.post(f"{TWO_STEP}app/", {"code": code_at(secret, now())})
    assert client.get("/office/queue/").status_code == 200
    app = app_of(sam)
    assert app
    client.post(f"{TWO_STEP}remove/{app.pk}/")
    assert app_of(sam) is not None
    assert "this is your only second step" in client.get(TWO_STEP).content.decode()
    # A passkey beside it, and the app may go.
    Device().add_to(client)
    client.post(f"{TWO_STEP}remove/{app.pk}/")
    assert app_of(sam) is None


def test_clients_may_go_without_and_staff_where_it_is_only_offered(
    client: Browser, alice: User, sam: User, settings: Any
) -> None:
    assert settings.RINGUP_STAFF_TWO_FACTOR == "offered"
    sign_in(client, sam)
    assert client.get("/office/queue/").status_code == 200
    settings.RINGUP_STAFF_TWO_FACTOR = "required"
    other = Browser()
    sign_in(other, alice)
    assert is_in(other)


# -- passkeys --------------------------------------------------------------------------------------------


def test_a_passkey_is_a_second_step_and_signs_in_alone(client: Browser, alice: User) -> None:
    sign_in(client, alice)
    device = Device()
    assert device.add_to(client, "Work laptop")["Location"] == f"{TWO_STEP}codes/"
    row = Authenticator.objects.get(type="webauthn")
    assert set(row.data["credential"]["response"]) == {"clientDataJSON", "attestationObject"}

    second = Browser()
    assert sign_in(second, alice)["Location"] == SECOND
    options = second.post(f"{SECOND}options/").json()
    assert len(options["publicKey"]["allowCredentials"]) == 1
    answer = device.get(options)
    assert second.post(f"{SECOND}passkey/", {"answer": answer})["Location"] == "/my/"
    assert is_in(second)

    alone = Browser()
    options = alone.post(f"{SIGN_IN}passkey/options/").json()
    assert not options["publicKey"].get("allowCredentials")
    answer = device.get(options)
    form = {"answer": answer, "next": "//evil.example/"}
    assert alone.post(f"{SIGN_IN}passkey/", form)["Location"] == "/my/"
    assert is_in(alone)
    assert Activity.objects.filter(what="signed in").latest("pk").detail["how"] == "passkey"
    # It is no password: changing factors asks for one.
    assert alone.get(f"{TWO_STEP}app/")["Location"].startswith(CONFIRM)

    replay = Browser()
    replay.post(f"{SIGN_IN}passkey/options/")
    assert replay.post(f"{SIGN_IN}passkey/", {"answer": answer})["Location"] == SIGN_IN
    assert not is_in(replay)


@pytest.mark.parametrize(
    "what", ["other site", "not verified", "unknown key", "other login", "switched off", "nobody"]
)
def test_a_passkey_that_is_not_right_opens_nothing(
    client: Browser, alice: User, sam: User, what: str
) -> None:
    sign_in(client, alice)
    device = Device()
    device.add_to(client)
    if what == "other site":
        device.origin = "https://testserver.evil.example"
    elif what == "not verified":
        device.verifies = FLAG(0)
    elif what == "unknown key":
        device.key = Device().key
    elif what == "other login":
        device.handle = sam.uid.bytes
    elif what == "switched off":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    else:
        device.handle = b"nobody"
    alone = Browser()
    options = alone.post(f"{SIGN_IN}passkey/options/").json()
    answer = alone.post(f"{SIGN_IN}passkey/", {"answer": device.get(options)})
    assert answer["Location"] == SIGN_IN
    assert SESSION_KEY not in alone.session
    assert "This passkey is not known here" in alone.get(SIGN_IN).content.decode()


NONSENSE = (
    "", "{", "[]", "null", '"x"', "1", "{}", '{"id": 1}', "[" * 5000, "x" * 30_000, "\x00",
    '{"id":"eA","rawId":"eA","type":"public-key","response":{}}',
    '{"id":"eA","rawId":"eA","type":"public-key","response":{"userHandle":"AA"}}',
    '{"id":"eA","rawId":"eA","type":"public-key","response":{"clientDataJSON":"eA",'
    '"attestationObject":"eA","authenticatorData":"eA","signature":"eA","userHandle":null}}',
    '{"id":"\\u0000","rawId":["eA"],"type":{},"response":[1]}',
)  # fmt: skip


def test_nonsense_for_a_passkey_is_refused_in_a_sentence(client: Browser, alice: User) -> None:
    sign_in(client, alice)
    for answer in NONSENSE:
        client.post(f"{TWO_STEP}passkey/options/")
        page = client.post(f"{TWO_STEP}passkey/", {"name": "Key", "answer": answer})
        assert page.status_code == 422, answer[:80]
        assert "Nothing was changed" in page.content.decode()
    assert not Authenticator.objects.exists()
    with_app(alice, now())
    Device().add_to(client)
    other = Browser()
    sign_in(other, alice)
    for answer in NONSENSE[-4:]:
        other.post(f"{SIGN_IN}passkey/options/")
        assert other.post(f"{SIGN_IN}passkey/", {"answer": answer})["Location"] == SIGN_IN
    for answer in NONSENSE:
        other.post(f"{SECOND}options/")
        assert other.post(f"{SECOND}passkey/", {"answer": answer}).status_code == 422
        assert SESSION_KEY not in other.session


def test_the_number_and_the_names_of_passkeys_have_a_limit(client: Browser, alice: User) -> None:
    sign_in(client, alice)
    assert Device().add_to(client, "x" * 61).status_code == 422
    assert Device().add_to(client, "a\x00b").status_code == 422
    assert Device().add_to(client).status_code == 302
    row = Authenticator.objects.get(type="webauthn")
    Authenticator.objects.bulk_create(
        Authenticator(user=alice, type="webauthn", data=row.data) for _ in range(passkeys.MOST - 1)
    )
    refused = client.post(f"{TWO_STEP}passkey/options/")
    assert refused.status_code == 422
    assert "which is the most" in refused.json()["problem"]


# -- addresses -------------------------------------------------------------------------------------


@pytest.mark.once
def test_these_are_all_addresses_of_accounts_and_none_is_allauth_s() -> None:
    assert sorted(str(page.pattern) for page in urlpatterns) == [
        "confirm/", "password/", "password/<uidb64>/<token>/", "password/forgotten/",
        "password/forgotten/sent/", "sign-in/", "sign-in/passkey/", "sign-in/passkey/options/",
        "sign-in/second/", "sign-in/second/options/", "sign-in/second/passkey/", "sign-out/",
        "two-step/", "two-step/app/", "two-step/codes/", "two-step/codes/new/",
        "two-step/passkey/", "two-step/passkey/options/", "two-step/remove/<int:pk>/",
    ]  # fmt: skip

    def callbacks(patterns: list[Any]) -> list[str]:
        found: list[str] = []
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                found += callbacks(pattern.url_patterns)
            elif isinstance(pattern, URLPattern):
                found.append(pattern.callback.__module__)
        return found

    modules = callbacks(get_resolver().url_patterns)
    assert len(modules) > 40
    assert [name for name in modules if name.startswith("allauth")] == []
