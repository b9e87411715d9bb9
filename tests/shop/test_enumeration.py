"""No page tells whether an address has a login: each is asked with one that has and one that has not.

Compared are the status, the place it leads to, and every word; besides, how often the database is
asked and whether a password is hashed, which is what an attacker's clock sees.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from ringup.accounts.models import User
from ringup.numbers.models import Hold
from tests.shop.buying import COMPANY, Buyer, Shop
from tests.world import PASSWORD, make_client, make_user

KNOWN, UNKNOWN = "alice@example.com", "nobody@example.com"


@dataclass(frozen=True)
class Seen:
    """What a stranger sees of one answer."""

    status: int
    where: str
    page: str
    hashes: int
    queries: int


Ask = Callable[[Shop, str], Any]


def sign_in(shop: Shop, email: str) -> Any:
    return Browser().post("/account/sign-in/", {"email": email, "password": "wrong-password"})


def sign_in_locked(shop: Shop, email: str) -> Any:
    for _ in range(10):
        sign_in(shop, email)
    return Browser(REMOTE_ADDR="198.51.100.7").post(
        "/account/sign-in/", {"email": email, "password": PASSWORD}
    )


def forgotten(shop: Shop, email: str) -> Any:
    return Browser().post("/account/password/forgotten/", {"email": email})


def forgotten_too_often(shop: Shop, email: str) -> Any:
    for _ in range(4):
        forgotten(shop, email)
    return forgotten(shop, email)


def order(shop: Shop, email: str) -> Any:
    return _ordered(Buyer(shop, Browser()), email)


def order_page(shop: Shop, email: str) -> Any:
    buyer = Buyer(shop, Browser())
    return buyer.get(_ordered(buyer, email)["Location"])


def _ordered(buyer: Buyer, email: str) -> Any:
    taken = set(Hold.objects.values_list("e164", flat=True))
    e164 = next(one.e164 for one in buyer.shop.offers() if one.e164 not in taken)
    draft = buyer.start("number", e164=e164)
    assert buyer.send(draft, "company", COMPANY | {"email": email}).status_code == 302
    return buyer.send(draft, "destination", {"goal": "sip-account"})


def change_email(shop: Shop, email: str) -> Any:
    browser = Browser()
    browser.force_login(User.objects.get(email="charlie@example.com"))
    return browser.post("/my/profile/e-mail/", {"email": email, "password": PASSWORD})


def invite(shop: Shop, email: str) -> Any:
    browser = Browser()
    browser.force_login(User.objects.get(email="charlie@example.com"))
    return browser.post("/my/people/invite/", {"email": email, "role": "billing"})


def passkey(shop: Shop, email: str) -> Any:
    return Browser().post("/account/sign-in/passkey/options/")


ASKED: dict[str, Ask] = {
    "sign-in": sign_in,
    "locked sign-in": sign_in_locked,
    "forgotten password": forgotten,
    "forgotten password, too often": forgotten_too_often,
    "order": order,
    "page of the order": order_page,
    "another address": change_email,
    "invitation": invite,
    "passkey": passkey,
}
# What differs between any two answers: tokens, ids, numbers, times, and the address itself.
OWN = re.compile(
    r'csrf\w*"[^>]*value="\w+"|"X-CSRFToken": "\w+"|[0-9a-f]{8}-[0-9a-f-]{27}|R-\d+|'
    r'"challenge": "[^"]+"|(?:<span class="num.*?</span>|\+1[\d\s-]+)|<time.*?</time>|'
    r"seen=\w+|\d[\d\s\xa0-]{6,}\d|alice@example.com|nobody@example.com",
    re.DOTALL,
)


def seen(ask: Ask, shop: Shop, email: str, monkeypatch: pytest.MonkeyPatch) -> Seen:
    cache.clear()  # each begins with no tries
    hashed: list[str] = []
    hasher = hashers.get_hasher()
    genuine = type(hasher).encode

    def counted(self: Any, *args: Any, **kwargs: Any) -> str:
        hashed.append("")
        return genuine(self, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(type(hasher), "encode", counted)
        with CaptureQueriesContext(connection) as queries:
            answer = ask(shop, email)
    page = answer.content.decode()
    where = answer.headers.get("Location", "")
    return Seen(
        answer.status_code, OWN.sub("", where), OWN.sub("", page), len(hashed), len(queries)
    )


@pytest.mark.parametrize("name", ASKED)
def test_a_page_answers_alike_whether_the_address_is_known(
    shop: Shop, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user("alice", make_client("Acme"))
    make_user("charlie", make_client("Other"))
    ASKED[name](shop, "warm@example.com")  # what is read once
    known = seen(ASKED[name], shop, KNOWN, monkeypatch)
    unknown = seen(ASKED[name], shop, UNKNOWN, monkeypatch)
    assert known.page == unknown.page
    assert (known.status, known.where, known.hashes) == (
        unknown.status,
        unknown.where,
        unknown.hashes,
    )
    # Writing a row more or less is below the noise of a page; work that takes its time is not there.
    assert abs(known.queries - unknown.queries) <= 4


def test_a_new_login_without_a_password_is_as_slow_as_any(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(shop, "thandi@karoo.example")
    new = seen(sign_in, shop, "thandi@karoo.example", monkeypatch)
    assert new.hashes == seen(sign_in, shop, UNKNOWN, monkeypatch).hashes > 0
