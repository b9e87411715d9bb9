"""Several brands: each host its own, and nothing of one at another's."""

from __future__ import annotations

import re
import struct
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from ringup.accounts import branding, brands, colours
from ringup.accounts.brands import default_brand, url_of
from ringup.accounts.inviting import invite
from ringup.accounts.logos import MOST_BYTES, checked_logo
from ringup.accounts.member_roles import MemberRole
from ringup.accounts.models import Brand, TermsVersion, User
from ringup.core.actors import RINGUP
from ringup.core.sentences import Refusal
from ringup.mail.models import Outbox
from tests.world import PASSWORD, make_client, make_user, run_jobs

# Pages and forms: no database answers them differently.
pytestmark = [pytest.mark.django_db, pytest.mark.once]
HOUSE, KAROO = "testserver", "shop.karoo.test"
SIGN_IN = "/account/sign-in/"


def make_brand(name: str = "Karoo", domain: str = KAROO, **more: object) -> Brand:
    brand = Brand(
        name=name,
        domain=domain,
        mail_from=f"{name} <service@{name.lower()}.test>",
        support_email=f"help@{name.lower()}.test",
        **more,
    )
    branding.save_brand(brand, changes={"name": ["", name]}, actor=RINGUP)
    return brand


def png(width: int = 40, height: int = 30, *, padding: int = 0) -> bytes:
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR"
    return header + struct.pack(">II", width, height) + b"\x08\x06\x00\x00\x00" + b"\0" * padding


@pytest.fixture
def karoo() -> Brand:
    default_brand()
    return make_brand()


def thandi_of(brand: Brand, name: str = "thandi") -> User:
    client = make_client(f"{name} ltd".title().replace(" ", ""))
    client.brand = brand
    client.save()
    return make_user(name, client)


# -- hosts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "shop.karoo.test.evil.example", "", "a b", "[::2]",
             "karoo.test", "testserver@evil.example", "shop.karoo.test@evil.example"]
)  # fmt: skip
def test_a_host_that_is_none_of_ours_is_refused(karoo: Brand, host: str) -> None:
    for path in (SIGN_IN, "/healthz", "/nothing-here", "/static/ringup/ringup.css"):
        answer = Browser(headers={"Host": host}).get(path)
        assert answer.status_code == 400, path
        assert "evil" not in answer.content.decode()


def test_a_forwarded_host_is_not_believed(karoo: Brand) -> None:
    answer = Browser().get(SIGN_IN, headers={"X-Forwarded-Host": KAROO})
    assert "Karoo" not in answer.content.decode()


@pytest.mark.parametrize("host", [KAROO, f"{KAROO}:8000", "SHOP.Karoo.Test", f"{KAROO}."])
def test_a_new_brand_s_domain_is_served_at_once(db: None, host: str) -> None:
    browser = Browser(headers={"Host": host})
    assert browser.get(SIGN_IN).status_code == 400
    brand = make_brand()
    assert "Karoo" in browser.get(SIGN_IN).content.decode()
    brand.domain = "other.karoo.test"
    branding.save_brand(brand, changes={"domain": [KAROO, brand.domain]}, actor=RINGUP)
    assert browser.get(SIGN_IN).status_code == 400


def test_domains_are_not_read_with_every_request(karoo: Brand) -> None:
    browser = Browser(headers={"Host": KAROO})
    browser.get(SIGN_IN)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        browser.get(SIGN_IN)
    assert [row["sql"] for row in asked if "domain" in row["sql"] and "IN" in row["sql"]] == []
    assert len(asked) <= 2


def test_a_form_of_the_brand_s_own_page_is_taken(karoo: Brand) -> None:
    """Also where a proxy ends TLS and does not say so, and never one of another site."""
    browser = Browser(enforce_csrf_checks=True, headers={"Host": KAROO})
    browser.get(SIGN_IN)
    token = browser.cookies["csrftoken"].value
    typed = {"email": "x@y.test", "password": "no", "csrfmiddlewaretoken": token}
    own = browser.post(SIGN_IN, typed, headers={"Origin": brands.url_at(KAROO)})
    other = browser.post(SIGN_IN, typed, headers={"Origin": "http://evil.example"})
    assert (own.status_code, other.status_code) == (422, 403)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Shop.Karoo.Example.", "shop.karoo.example"),
        ("", ""),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_domain_is_kept_as_browsers_send_it(typed: str, kept: str) -> None:
    assert branding.checked_domain(typed, is_default=False) == kept


@pytest.mark.parametrize(
    "typed",
    ["https://a.example", "a.example/x", "a.example:80", "10.0.0.1", "::1", "a b.example", "karoo",
     "testserver", "localhost", "*.karoo.example", "-a.example", "a..example", "x" * 300 + ".example"],
)  # fmt: skip
def test_what_is_no_host_name_of_its_own_is_no_domain(typed: str) -> None:
    with pytest.raises(Refusal) as refusal:
        branding.checked_domain(typed, is_default=False)
    assert refusal.value.field == "domain"


def test_the_installation_s_own_address_is_no_other_brand_s(settings: Any) -> None:
    settings.RINGUP_URL, settings.RINGUP_HOSTS = "https://shop.house.test", [".house.test"]
    for typed in ("shop.house.test", "other.house.test"):
        with pytest.raises(Refusal, match="the installation itself"):
            branding.checked_domain(typed, is_default=False)
        assert branding.checked_domain(typed, is_default=True) == typed


def test_two_brands_never_share_a_domain(karoo: Brand) -> None:
    with pytest.raises(Refusal, match="Another brand has this domain"):
        make_brand("Second")
    assert Brand.objects.count() == 2


# -- who is at home where -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whose", "host", "enters"),
    [
        ("karoo", KAROO, True),
        ("karoo", HOUSE, False),
        ("default", KAROO, False),
        ("default", HOUSE, True),
        ("staff", KAROO, False),
        ("staff", HOUSE, True),
        ("homeless brand", HOUSE, True),
        ("homeless brand", KAROO, False),
    ],
)
def test_people_sign_in_where_their_brand_is_at_home(
    karoo: Brand, whose: str, host: str, enters: bool
) -> None:
    if whose == "staff":
        user = make_user("sam", None, is_staff=True)
    else:
        found = {"karoo": karoo, "default": default_brand()}.get(whose)
        user = thandi_of(found or make_brand("Small", ""))
    browser = Browser(headers={"Host": host})
    wrong = browser.post(SIGN_IN, {"email": user.email, "password": "wrong"})
    answer = browser.post(SIGN_IN, {"email": user.email, "password": PASSWORD})
    assert answer.status_code == (302 if enters else 422)
    if not enters:
        # Like a wrong password: nobody learns here that the login is another brand's.
        assert main_of(answer) == main_of(wrong)


def main_of(answer: object) -> str:
    page = answer.content.decode().partition("<main")[2]  # type: ignore[attr-defined]
    return re.sub(r'(csrf[^>]*value=)"\w+"', r"\1", page)


def test_a_session_shows_no_client_of_another_brand(karoo: Brand) -> None:
    """A cookie is of one host. Carried to another by hand, it opens nothing there."""
    user = thandi_of(karoo)
    browser = Browser()
    browser.force_login(user)
    assert browser.get("/my/", headers={"Host": KAROO}).status_code == 200
    assert browser.get("/my/", headers={"Host": HOUSE}).status_code == 403


def test_a_brand_without_a_domain_is_seen_by_its_clients_alone(karoo: Brand) -> None:
    small = make_brand("Smalltalk", "")
    browser = Browser()
    browser.force_login(thandi_of(small))
    assert "Smalltalk" in browser.get("/my/").content.decode()
    assert "Smalltalk" not in Browser().get("/").content.decode()
    assert "Smalltalk" not in browser.get("/my/", headers={"Host": KAROO}).content.decode()


@pytest.mark.django_db(transaction=True)
def test_links_in_mails_lead_to_the_brand_s_own_shop(karoo: Brand) -> None:
    user = thandi_of(karoo)
    invite(user.clients.get(), email="new@karoo.test", role=MemberRole.BILLING, by=user)
    Browser(headers={"Host": KAROO}).post("/account/password/forgotten/", {"email": user.email})
    run_jobs()
    texts = [row.text for row in Outbox.objects.all()]
    assert len(texts) == 2
    assert all(f"http://{KAROO}:8000/" in text and "localhost" not in text for text in texts)


@pytest.mark.django_db(transaction=True)
def test_a_link_to_a_password_goes_out_only_where_the_login_is_at_home(karoo: Brand) -> None:
    at_karoo, at_house = thandi_of(karoo), thandi_of(default_brand(), "hedda")
    sam = make_user("sam", None, is_staff=True)
    for host in (KAROO, HOUSE):
        for user in (at_karoo, at_house, sam):
            path, typed = "/account/password/forgotten/", {"email": user.email}
            Browser(headers={"Host": host}).post(path, typed)
    run_jobs()
    sent = {row.to: (row.brand_id, row.text) for row in Outbox.objects.all()}
    assert {to: brand for to, (brand, _) in sent.items()} == {
        at_karoo.email: karoo.pk,
        at_house.email: default_brand().pk,
        sam.email: default_brand().pk,
    }
    assert Outbox.objects.count() == 3
    assert KAROO in sent[at_karoo.email][1]
    assert KAROO not in sent[sam.email][1]


def test_the_address_of_a_brand(karoo: Brand) -> None:
    assert url_of(karoo) == f"http://{KAROO}:8000"
    assert url_of(default_brand()) == "http://localhost:8000"


# -- look -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "accent", ["#0b5a73", "#000000", "#b00020", "#5c33ab", "#6b4f00", "#0000ff"]
)
def test_every_text_on_or_of_an_accent_can_be_read(accent: str) -> None:
    light, dark = colours.light_tones(accent), colours.dark_tones(accent)
    for tones, page in ((light, colours.LIGHT), (dark, colours.DARK)):
        assert colours.contrast(tones.accent, page) >= colours.READABLE
        assert colours.contrast(tones.accent, tones.soft) >= colours.READABLE
        assert colours.contrast(tones.ink, tones.accent) >= colours.READABLE
        assert colours.contrast(tones.ink, tones.hover) >= colours.READABLE


@pytest.mark.parametrize("typed", ["#ffcc00", "#ffffff", "#62c3df", "FFFF00"])
def test_an_accent_that_nobody_can_read_is_refused_with_one_that_can(typed: str) -> None:
    with pytest.raises(Refusal, match="hard to read on a white page") as refusal:
        colours.checked_accent(typed)
    better = str(refusal.value).partition(" is the next")[0].rpartition(" ")[2]
    assert colours.checked_accent(better) == better


@pytest.mark.parametrize("typed", ["red", "#12345", "#12345g", "#0b5a73;}body{display:none"])
def test_what_is_no_colour_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match="six digits"):
        colours.checked_accent(typed)


def test_pages_link_the_stylesheet_of_the_accent(karoo: Brand) -> None:
    karoo.accent = "#b00020"
    branding.save_brand(karoo, changes={"accent": ["", karoo.accent]}, actor=RINGUP)
    browser = Browser(headers={"Host": KAROO})
    page = browser.get(SIGN_IN).content.decode()
    assert f'<link rel="stylesheet" href="{karoo.colours_path}">' in page
    sheet = browser.get(karoo.colours_path)
    assert "--accent: light-dark(#b00020, #" in sheet.content.decode()
    assert sheet["Content-Type"].startswith("text/css")
    assert karoo.colours_path not in Browser().get(SIGN_IN).content.decode()
    for nonsense in ("ffcc00", "zzz", "0b5a7"):
        assert browser.get(f"/brand/colours/1/{nonsense}.css").status_code == 404


WEBP = (
    b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0"
    + b"\0" * 4
    + (39).to_bytes(3, "little")
    + (29).to_bytes(3, "little")
)
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08"
    + struct.pack(">HH", 30, 40)
    + b"\x01\x01\x11\x00"
)


@pytest.mark.parametrize(
    ("data", "kind"), [(png(), "image/png"), (WEBP, "image/webp"), (JPEG, "image/jpeg")]
)
def test_a_logo_is_what_its_bytes_say(data: bytes, kind: str) -> None:
    assert checked_logo(data).content_type == kind


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", b"GIF89a",
     b"<html>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\xff\xff" * 9,
     b"RIFF\0\0\0\0WEBPVP8 ", png(padding=MOST_BYTES), png(0, 5), png(60_000, 60_000)],
)  # fmt: skip
def test_what_is_no_small_picture_is_no_logo(data: bytes) -> None:
    with pytest.raises(Refusal) as refusal:
        checked_logo(data)
    assert refusal.value.field == "logo"


def test_a_logo_is_served_as_a_picture_and_nothing_else(karoo: Brand) -> None:
    picture = checked_logo(png() + b"<script>alert(1)</script>")
    karoo.logo_digest = picture.digest
    branding.save_brand(karoo, changes={"logo": ["", "new"]}, actor=RINGUP, logo=picture)
    answer = Browser(headers={"Host": KAROO}).get(karoo.logo_path)
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in answer["Cache-Control"]
    assert answer.content == picture.data
    assert Browser().get("/brand/logo/0123").status_code == 404
    assert karoo.logo_path in Browser(headers={"Host": KAROO}).get(SIGN_IN).content.decode()


# -- terms ----------------------------------------------------------------------------------------


def test_each_change_of_the_terms_is_a_version_and_older_ones_stay(karoo: Brand) -> None:
    for text in ("First.", "First.", "Second.", "", "Third."):
        karoo.terms = text
        branding.save_brand(karoo, changes={"terms": ["", text]}, actor=RINGUP)
    rows = TermsVersion.objects.filter(brand=karoo).values_list("version", "text")
    assert list(rows) == [(3, "Third."), (2, "Second."), (1, "First.")]
    assert Brand.objects.get(pk=karoo.pk).terms_version == 3


def test_a_brand_that_is_used_or_the_default_is_not_deleted(karoo: Brand) -> None:
    thandi_of(karoo)
    for brand in (karoo, default_brand()):
        with pytest.raises(Refusal, match="Nothing was deleted"):
            branding.delete_brand(brand, actor=RINGUP)
    empty = make_brand("Empty", "empty.test", terms="Be kind.")
    branding.delete_brand(empty, actor=RINGUP)
    assert Browser(headers={"Host": "empty.test"}).get(SIGN_IN).status_code == 400
