"""Impatient buyers in a real browser: whatever they press, there is one order."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.once]

PASSWORD = "Correct-Horse-9"
ORDER = re.compile(r"/my/orders/[0-9a-f-]{36}/")


def up_to_the_last_button(page: Page, company: str) -> None:
    page.goto("/")
    page.get_by_role("button", name=re.compile("Order Hosted PBX")).first.click()
    page.get_by_label("Company name").fill(company)
    page.get_by_label("Contact name").fill("Thandi Mokoena")
    page.get_by_label("Contact e-mail").fill(f"{company.split()[0].lower()}@placed.example")
    page.get_by_label("Contact phone").fill("+1 416 555 0142")
    page.get_by_role("button", name=re.compile("Continue to")).click()
    page.get_by_role("button", name=re.compile("^Select ")).first.click()
    page.wait_for_url("**/tenant/")
    page.get_by_role("button", name=re.compile("Continue to")).click()
    page.wait_for_url("**/administrator/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat password").fill(PASSWORD)
    page.get_by_role("checkbox").first.check()


def test_a_double_click_and_the_back_button_make_one_order(page: Page) -> None:
    up_to_the_last_button(page, "Fynbos Freight")
    form = page.url

    page.get_by_role("button", name=re.compile("Create user")).dblclick()

    page.wait_for_url(ORDER)
    order = page.url
    page.go_back()
    expect(page).to_have_url(order)
    page.goto(form)
    expect(page).to_have_url(order)


def test_extensions_follow_what_is_typed_and_enter_goes_on(page: Page) -> None:
    up_to_the_last_button(page, "Protea Books")
    page.goto(page.url.replace("administrator", "tenant"))
    first = page.get_by_label("First extension")
    first.fill("200")
    first.press("Tab")
    expect(page.get_by_text("10, numbered 200 to 209")).to_be_visible()
    first.fill("905")
    first.press("Tab")
    expect(page.get_by_text("would include 911, which people dial for help").first).to_be_visible()
    first.fill("300")

    first.press("Enter")

    page.wait_for_url("**/administrator/")
