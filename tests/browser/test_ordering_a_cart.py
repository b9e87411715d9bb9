"""A cart of two in one real browser: a PBX and a plain number, placed together as two orders."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pictures import picture
from tests.browser.test_buying_a_pbx import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.once]


def tell_who(page: Page) -> None:
    """The first step."""
    page.get_by_label("Company name").fill("Veld Freight")
    page.get_by_label("Contact name").fill("Thandi Mokoena")
    page.get_by_label("Contact e-mail").fill("thandi@veld.example")
    page.get_by_label("Contact phone").fill("+1 416 555 0142")
    page.get_by_role("button", name=re.compile("Continue to")).click()


def test_a_pbx_and_a_number_are_placed_together(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name=re.compile("^Order Hosted PBX")).first.click()
    tell_who(page)
    page.get_by_role("button", name=re.compile("^Select ")).first.click()
    expect(page.get_by_label("PBX address")).to_be_visible()
    page.goto("/cart/")
    expect(page.get_by_text("Still to do: PBX")).to_be_visible()
    picture(page, "cart-1-not-complete")

    page.get_by_role("link", name="Add numbers").click()
    page.get_by_role("button", name=re.compile("^Select ")).nth(3).click()
    expect(page.get_by_text("1 number selected", exact=True)).to_be_visible()
    page.goto("/cart/")
    page.get_by_role("link", name=re.compile("Continue Phone number")).click()
    tell_who(page)
    page.get_by_text("Its own SIP account").click()
    page.get_by_role("button", name="Save and go to the cart").click()
    expect(page.get_by_role("heading", name="Your cart")).to_be_visible()

    page.get_by_role("link", name=re.compile("Continue Hosted PBX")).click()
    page.get_by_role("button", name=re.compile("Continue to")).click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat password").fill(PASSWORD)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Create user & go to the cart").click()
    expect(page.get_by_text("Complete", exact=True)).to_have_count(2)
    picture(page, "cart-2-complete")

    page.get_by_role("button", name="Place all 2 orders").click()
    page.wait_for_url("**/my/orders/**")
    expect(page.get_by_text(re.compile("2 orders were placed: R-"))).to_be_visible()
    page.go_back()
    page.goto("/cart/")
    expect(page.get_by_text("Your cart is empty")).to_be_visible()
