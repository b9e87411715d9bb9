"""Staff asks, the client answers, staff proposes a dearer number, the client takes it, staff approves."""

from __future__ import annotations

import re
import time

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from ringup.cli.demo.processes import Demo
from tests.browser.pictures import picture
from tests.browser.test_buying_a_pbx import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.once]
# On sale at the sandbox carrier; dearer than the numbers of 226 in Ontario.
DEARER = "+1 212 212 0131"
MAILBOX = "lerato@highveld.example"


def order_a_pbx(page: Page) -> None:
    """As a guest; ends on the order's page."""
    page.goto("/")
    page.get_by_role("button", name=re.compile("Order Hosted PBX")).first.click()
    page.get_by_label("Company name").fill("Highveld Mining (Pty) Ltd")
    page.get_by_label("Contact name").fill("Thandi Mokoena")
    page.get_by_label("Contact e-mail").fill(MAILBOX)
    page.get_by_label("Contact phone").fill("+1 416 555 0142")
    page.get_by_role("button", name=re.compile("Continue to")).click()
    page.get_by_role("searchbox").fill("226*")
    expect(page.locator("mark").first).to_have_text("226")
    page.get_by_role("button", name=re.compile("^Select ")).first.click()
    expect(page.get_by_label("PBX address")).to_have_value("highveldmining")
    page.get_by_role("button", name=re.compile("Continue to")).click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat password").fill(PASSWORD)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=re.compile("Create user")).click()
    page.wait_for_url("**/my/orders/**")


def office(browser: Browser, demo: Demo, uid: str) -> Page:
    """The order's page in staff's own browser."""
    context = browser.new_context(base_url=demo.url, viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto(f"/office/orders/{uid}/")
    page.get_by_label("E-mail").fill(demo.staff_email)
    page.get_by_label("Password").fill(demo.staff_password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("button", name="Approve and provision")).to_be_visible(timeout=30_000)
    return page


def subjects(demo: Demo, address: str) -> list[str]:
    mails = httpx.get(str(demo.smtp["url"])).json()
    return [mail["subject"] for mail in mails if address in str(mail["to"])]


def wait_for_mail(demo: Demo, address: str, words: str) -> None:
    deadline = time.monotonic() + 20
    while not any(words in subject for subject in subjects(demo, address)):
        assert time.monotonic() < deadline, subjects(demo, address)
        time.sleep(0.2)


def test_both_sides_agree_before_anything_is_bought(
    page: Page, demo: Demo, chromium: Browser
) -> None:
    order_a_pbx(page)
    order_url = page.url
    uid = order_url.rstrip("/").rpartition("/")[2]
    staff = office(chromium, demo, uid)

    staff.get_by_label("To Thandi Mokoena").fill("Which street are your phones in?")
    staff.get_by_role("button", name="Request information").click()
    expect(staff.get_by_text("Waiting for client: we asked something")).to_be_visible()
    expect(staff.get_by_role("button", name="Approve and provision")).to_have_count(0)
    picture(staff, "20-staff-asked")
    wait_for_mail(demo, MAILBOX, "a question before we go on")

    # What is being typed outlives the page's own looking.
    page.get_by_label(re.compile("Write to us|Your answer")).fill("Main Street 5, Toronto")
    expect(page.get_by_text("It is your turn: please answer a question")).to_be_visible(
        timeout=15_000
    )
    expect(page.get_by_label("Your answer")).to_have_value("Main Street 5, Toronto")
    picture(page, "21-client-is-asked")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_text("Your answer is sent.")).to_be_visible()
    picture(page, "22-client-answered")

    staff.reload()
    expect(staff.get_by_text("Main Street 5, Toronto")).to_be_visible()
    staff.get_by_role("link", name="Change number").click()
    expect(staff.get_by_role("radio").first).to_be_attached()
    picture(staff, "23-change-number")
    staff.get_by_label(re.compile("Another number that is on sale")).fill(DEARER)
    staff.get_by_role("button", name="Put in, or propose").click()
    expect(staff.get_by_text("Waiting for client: another number is proposed")).to_be_visible()
    picture(staff, "24-staff-proposed")
    wait_for_mail(demo, MAILBOX, "do you agree?")

    page.reload()
    expect(page.get_by_text("do you want this number instead?")).to_be_visible()
    picture(page, "25-client-decides")
    page.get_by_role("button", name=re.compile("^Take it for")).click()
    expect(page.get_by_text("The number is in your order.")).to_be_visible()
    picture(page, "26-client-took-it")
    wait_for_mail(demo, demo.staff_email, "Took +1 212 212 0131")

    staff.reload()
    button = staff.get_by_role("button", name="Approve and provision")
    expect(button).to_be_enabled(timeout=30_000)
    picture(staff, "27-plan-again")
    if (seen := staff.get_by_label(re.compile("I have looked at"))).count():
        seen.check()
    button.click()
    expect(staff.get_by_text("Completed").first).to_be_visible(timeout=30_000)
    staff.context.close()
    page.goto(order_url)
    expect(page.get_by_text("Everything is set up and works.")).to_be_visible(timeout=30_000)
    picture(page, "28-ready")
