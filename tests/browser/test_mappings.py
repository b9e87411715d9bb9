"""The three mapping methods in one walk through a real browser, and a colleague who was faster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from ringup.catalog.choosing import Method
from tests.mapping_shop import NOAH, MappingShop
from tests.world import make_user

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


def choose(page: Page, thing: str, provider: str, *, section: str) -> None:
    within = page.get_by_role("region", name=section)
    within.get_by_label(f"Provider for {thing}", exact=True).select_option(label=provider)


def test_the_three_methods_in_one_walk(page: Page) -> None:
    shop = MappingShop()
    page.goto("/office/mappings/")
    expect(page.get_by_text("products need attention")).to_be_visible()

    # By bundle: looked at, then saved; all its products get the provider.
    choose(page, "Complete PBX Package", "Provider 1", section="Bulk Assign by Bundle")
    page.get_by_role("button", name="Save Bundle Mappings").click()
    expect(page.get_by_text("4 rows would change")).to_be_visible()
    assert shop.provider(shop.package) == ""
    page.get_by_role("button", name="Save Bundle Mappings: change 4 rows").click()
    expect(page.get_by_text("4 mappings saved.")).to_be_visible()
    assert [shop.provider(part) for part in shop.parts] == ["Provider 1"] * 3

    # By group: back at the form the choice is still there.
    choose(page, "Domestic DIDs", "Provider 2", section="Bulk Assign by Product Group")
    page.get_by_role("button", name="Save Group Mappings").click()
    page.get_by_role("button", name="Back to my choices").click()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    expect(page.get_by_label("Provider for Domestic DIDs")).to_have_value(str(shop.two.pk))
    page.get_by_role("button", name="Save Group Mappings").click()
    page.get_by_role("button", name="Save Group Mappings: change 4 rows").click()
    expect(page.get_by_text("4 mappings saved.")).to_be_visible()

    # Singly, with a filter that stays; meanwhile Noah was faster.
    page.get_by_label("Product group", exact=True).select_option(label="Domestic DIDs")
    page.get_by_role("button", name="Show").click()
    choose(page, "UK DID", "Provider 1", section="Individual Product Mappings")
    shop.save(Method.SINGLE, shop.choice(shop.ca, shop.one), actor=NOAH)
    page.get_by_role("button", name="Save Product Mappings").click()
    expect(page.get_by_role("heading", name="Somebody saved before you")).to_be_visible()
    expect(page.get_by_role("heading", name="Noah")).to_be_visible()
    assert shop.provider(shop.uk) == "Provider 2"
    page.get_by_role("button", name="Save Product Mappings: change 1 row").click()
    expect(page.get_by_text("1 mapping saved.")).to_be_visible()
    assert f"group={shop.domestic.pk}" in page.url
    single = page.get_by_role("region", name="Individual Product Mappings")
    expect(single.get_by_role("row").filter(has_text="UK DID")).to_contain_text("Single")
    assert [shop.provider(p) for p in (shop.us, shop.ca, shop.uk)] == [
        "Provider 2", "Provider 1", "Provider 1",
    ]  # fmt: skip

    page.get_by_role("link", name="Undo this save").click()
    page.get_by_role("button", name="Undo this save").click()
    expect(page.get_by_text("Undid save 4").first).to_be_visible()
    assert shop.provider(shop.uk) == "Provider 2"
