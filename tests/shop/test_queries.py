"""How much placing an order asks of the database: the same for everybody, and not too much."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.shop.buying import COMPANY, Shop
from tests.world import make_client, make_user

# A little above what they are, for each page on the way of a signed-in buyer.
MOST = {
    "start": 30,
    "company": 13,
    "company sent": 19,
    "destination": 13,
    "submit": 52,
    "order": 9,
}


@pytest.mark.once
def test_each_page_on_the_way_to_an_order_asks_little(shop: Shop) -> None:
    browser, offer = Browser(), shop.cheap_offer()
    browser.force_login(make_user("thandi", make_client("Karoo")))
    asked: dict[str, int] = {}

    def ask(name: str, method: str, path: str, **fields: str) -> str:
        with CaptureQueriesContext(connection) as queries:
            answer = getattr(browser, method)(path, fields or None)
        asked[name] = len(queries)
        assert answer.status_code in (200, 302), answer.content.decode()
        return str(answer.headers.get("Location", ""))

    begun = {"slug": "number", "e164": offer.e164}
    draft = ask("start", "post", reverse("shop:start"), **begun)
    ask("company", "get", f"{draft}company/")
    ask("company sent", "post", f"{draft}company/", **COMPANY, country="US", region="NY")
    ask("destination", "get", f"{draft}destination/")
    goal = {"goal": "telephone", "telephone": "416 555 0177"}
    order = ask("submit", "post", f"{draft}destination/", **goal)
    assert order.startswith("/my/orders/")
    ask("order", "get", order)
    assert all(asked[name] <= most for name, most in MOST.items()), asked
