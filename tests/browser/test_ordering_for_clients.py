"""Staff in a real browser: orders for a client who calls, then acts as the client."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ringup.cli.demo.processes import Demo
from tests.browser.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.once]

SELECT = re.compile(r"^Select \+1")
ONWARD = re.compile("Continue to")


@pytest.fixture
def page(chromium: Browser, demo: Demo) -> Iterator[Page]:
    """A member of staff, signed in."""
    context = chromium.new_context(base_url=demo.url, viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda line: "Security Policy" in line.text and problems.append(f"{page.url}: {line.text}"),
    )
    page.goto("/office/queue/")
    page.get_by_label("E-mail").fill(demo.staff_email)
    page.get_by_label("Password").fill(demo.staff_password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    yield page
    context.close()
    assert problems == []


def choose_number_and_place(page: Page) -> None:
    """What follows the contact in the wizard of a plain number."""
    page.get_by_role("button", name=SELECT).first.click()
    page.get_by_role("link", name="Continue with this number").click()
    page.get_by_label("Own SIP account").check()


def order_for_a_caller(page: Page) -> None:
    page.goto("/office/queue/")
    page.get_by_role("link", name="New order").click()
    picture(page, "01-which-client")
    form = page.locator("#new-client")
    form.get_by_label("Company").fill("Protea Tea")
    form.get_by_label("Contact").fill("Zanele Dube")
    form.get_by_label("E-mail").fill("zanele@protea.example")
    form.get_by_label("Telephone").fill("416 555 0199")
    form.get_by_label("Country").select_option("CA")
    form.get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New order for Protea Tea")
    picture(page, "02-what")
    page.get_by_role("button", name=re.compile("^Order Phone number")).first.click()
    expect(page.get_by_label("Ordering for a client")).to_contain_text(
        "You are ordering for Protea Tea."
    )
    expect(page.get_by_label("Contact name")).to_have_value("Zanele Dube")
    picture(page, "03-wizard")
    page.get_by_label("State or province").select_option(label="Ontario")
    page.get_by_role("button", name=ONWARD).click()
    picture(page, "04-number")
    # Begun and not finished: a colleague would find it here.
    page.get_by_label("Ordering for a client").get_by_role("button", name="End").click()
    picture(page, "05-unfinished")
    page.get_by_role("link", name="Go on").click()
    choose_number_and_place(page)
    expect(page.get_by_label("Ordering for a client")).to_be_visible()
    picture(page, "06-last")
    page.get_by_role("button", name="Place order").click()
    page.wait_for_url("**/office/orders/**")
    expect(page.get_by_text(re.compile("for Protea Tea")).first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Approve"))).to_be_enabled(timeout=30_000)
    picture(page, "07-order")
    page.goto("/office/queue/")
    expect(page.locator("#queue")).to_contain_text("Protea Tea")


def act_as_the_client(page: Page) -> None:
    """From that order, and back to it."""
    page.goto("/office/queue/?q=protea")
    page.get_by_role("link", name=re.compile("R-2")).first.click()
    order = page.url
    page.get_by_role("button", name="Act as client").click()
    banner = page.get_by_label("Acting as a client")
    expect(banner).to_contain_text("You act as Protea Tea. Everything is logged.")
    expect(page).to_have_url(re.compile("/my/$"))
    picture(page, "11-portal")
    page.goto("/my/people/")
    expect(page.get_by_text("for its own people alone")).to_be_visible()
    page.goto("/")
    expect(banner).to_be_visible()
    picture(page, "12-shop")
    page.get_by_role("button", name=SELECT).first.click()
    page.get_by_role("link", name="Order it").click()
    page.get_by_label("State or province").select_option(label="Ontario")
    page.get_by_role("button", name=ONWARD).click()
    page.get_by_label("Own SIP account").check()
    picture(page, "13-wizard")
    page.get_by_role("button", name="Place order").click()
    page.wait_for_url("**/my/orders/**")
    expect(page.get_by_text(re.compile("for Protea Tea")).first).to_be_visible()
    picture(page, "14-order")
    page.goto("/office/queue/")
    expect(banner).to_be_visible()
    picture(page, "15-back-office")
    page.goto("/my/")
    banner.get_by_role("button", name="End").click()
    expect(page).to_have_url(order)
    expect(banner).to_have_count(0)
    assert page.goto("/my/").status == 403  # type: ignore[union-attr]


def test_staff_orders_for_a_client_and_then_acts_as_him(page: Page) -> None:
    order_for_a_caller(page)
    act_as_the_client(page)
