"""Through the queue by keyboard alone, and from the search to a client's record, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tests.factories import Shop, make_pbx_order, make_shop
from tests.world import make_client, make_user

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(live_server: Any, chromium: Browser) -> Iterator[Page]:
    """The browser of a member of staff who is signed in."""
    client = Client()
    client.force_login(make_user("maya", None, is_staff=True, role="manager"))
    page = chromium.new_context(base_url=live_server.url).new_page()
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
    )
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text))
    yield page
    page.context.close()
    assert [text for text in problems if "Security Policy" in text or "Error:" in text] == []


def test_keys_move_select_and_open(page: Page) -> None:
    shop: Shop = make_shop()
    orders = [make_pbx_order(shop, make_client(name)) for name in ("Karoo", "Fern", "Delta")]
    newest, middle, oldest = reversed(orders)
    page.goto("/office/queue/")
    for key in ("j", "j", "x"):
        page.keyboard.press(key)
    expect(page.get_by_label(f"Select {middle.label}")).to_be_checked()
    expect(page.get_by_role("button", name="Approve the selected")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.get_by_label(f"Select {middle.label}")).not_to_be_checked()
    expect(page.get_by_role("button", name="Approve the selected")).to_be_hidden()
    # What is typed into a field is typed, and moves nothing.
    page.get_by_label("Search the queue").fill("")
    page.get_by_label("Search the queue").press_sequentially("jx")
    expect(page.get_by_text("No order matches")).to_be_visible()
    page.goto("/office/queue/")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{page.url.split('/office')[0]}/office/orders/{oldest.uid}/")
    assert newest.label


def test_from_the_search_to_the_record_of_a_client(page: Page) -> None:
    shop = make_shop()
    karoo = make_client("Karoo Freight")
    make_pbx_order(shop, karoo, domain="karoo.pbx.example")
    page.goto("/office/queue/")
    page.keyboard.press("/")
    page.keyboard.type("karoo")
    found = page.locator("#found")
    expect(found.get_by_text("karoo.pbx.example")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(found.get_by_role("link", name="Karoo Freight").first).to_be_focused()
    # A later answer to the same words takes nothing out of one's hands.
    with page.expect_response("**/office/search/**"):
        page.locator("[data-finds]").dispatch_event("search")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    expect(found.get_by_role("link", name="Karoo Freight").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Search orders, clients")).to_be_focused()
    page.keyboard.press("Escape")
    expect(found).to_be_empty()
    page.keyboard.type(" f")
    expect(found.get_by_role("link")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Karoo Freight")).to_be_visible()
    expect(page.get_by_text("karoo.pbx.example").first).to_be_visible()
