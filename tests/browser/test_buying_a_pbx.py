"""One buyer, one member of staff, one real browser: from the search to the finished timeline."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from ringup.cli.demo.processes import Demo
from tests.browser.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.once]

PASSWORD = "Correct-Horse-9"


def test_a_guest_buys_a_pbx_and_sees_it_ready(page: Page, demo: Demo) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Find your number")).to_be_visible()
    picture(page, "01-home")
    page.get_by_role("button", name=re.compile("Order Hosted PBX")).first.click()

    page.get_by_label("Company name").fill("Karoo Freight (Pty) Ltd")
    page.get_by_label("Contact name").fill("Thandi Mokoena")
    page.get_by_label("Contact e-mail").fill("thandi@karoo.example")
    page.get_by_label("Contact phone").fill("not a number")
    page.get_by_role("button", name=re.compile("Continue to")).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was ordered")
    expect(page.get_by_label("Company name")).to_have_value("Karoo Freight (Pty) Ltd")
    picture(page, "02-company-refused")
    page.get_by_label("Contact phone").fill("+1 416 555 0142")
    page.get_by_role("button", name=re.compile("Continue to")).click()

    page.get_by_role("searchbox").fill("416*")
    expect(page.locator("mark").first).to_have_text("416")
    picture(page, "03-number")
    page.get_by_role("button", name=re.compile("^Select ")).first.click()
    expect(page.get_by_label("PBX address")).to_have_value("karoofreight")
    picture(page, "04-tenant")
    page.get_by_role("button", name=re.compile("Continue to")).click()

    page.get_by_label("Password", exact=True).fill("weak")
    page.get_by_label("Repeat password").fill("weak")
    picture(page, "05-administrator")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat password").fill(PASSWORD)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=re.compile("Create user")).click()

    page.wait_for_url("**/my/orders/**")
    expect(page.get_by_text("We check your order").first).to_be_visible()
    picture(page, "06-order-received")
    order_url = page.url
    approve(page, demo, order_url.rstrip("/").rpartition("/")[2])
    page.goto(order_url)
    expect(page.get_by_text("Everything is set up and works.")).to_be_visible(timeout=30_000)
    picture(page, "09-order-ready")


def approve(buyer: Page, demo: Demo, uid: str) -> None:
    """Staff, in a browser of her own: waits for the plan, approves it, sees every step finish."""
    browser = buyer.context.browser
    assert browser is not None
    context = browser.new_context(base_url=demo.url, viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto("/office/queue/")
    page.get_by_label("E-mail").fill(demo.staff_email)
    page.get_by_label("Password").fill(demo.staff_password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    picture(page, "07-queue")
    page.goto(f"/office/orders/{uid}/")
    button = page.get_by_role("button", name=re.compile("Approve"))
    expect(button).to_be_enabled(timeout=30_000)
    picture(page, "08-plan")
    if (seen := page.get_by_label(re.compile("I have looked at"))).count():
        seen.check()
    button.click()
    expect(page.get_by_text("Completed").first).to_be_visible(timeout=30_000)
    picture(page, "08-run-done")
    context.close()
