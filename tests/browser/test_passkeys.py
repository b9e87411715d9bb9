"""A passkey in a real browser: made, used as second step, and used without a password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.world import PASSWORD, make_user

pytestmark = [pytest.mark.browser, pytest.mark.once]

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(live_server: Any, chromium: Browser) -> Iterator[Page]:
    """A page of a browser whose device makes passkeys."""
    problems: list[str] = []
    # Passkeys belong to a name: not to the server's number.
    address = re.sub(r"//[^:]+", "//localhost", live_server.url)
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text))
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield page
    context.close()
    assert [text for text in problems if "Security Policy" in text or "Error" in text] == []


def type_password(page: Page) -> None:
    page.goto("/account/sign-in/")
    page.get_by_label("E-mail").fill("sam@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/office/queue/")
    page.locator(".side__foot summary").click()
    page.get_by_role("button", name="Sign out").click()


def test_a_passkey_is_made_and_signs_in(page: Page, settings: Any) -> None:
    settings.RINGUP_STAFF_TWO_FACTOR = "required"
    make_user("sam", None, is_staff=True)
    type_password(page)
    expect(page.get_by_text("Set up a second step to go on")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(
        10
    )
    page.get_by_role("link", name="I have kept them").click()
    page.goto("/account/two-step/")
    expect(page.get_by_text("Work laptop")).to_be_visible()
    sign_out(page)

    type_password(page)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("navigation", name="Back office")).to_be_visible()
    sign_out(page)

    page.goto("/account/sign-in/?next=/office/activity/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Activity log")).to_be_visible()
    expect(page.get_by_text("How: passkey")).to_be_visible()
