"""The pages of shop and checkout are held to axe-core's rules on a telephone's width and on a desk's,
in light and dark; those of the back office on a desk's."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from ringup.cli.demo.processes import Demo
from tests.browser.test_ordering_for_clients import ONWARD

pytestmark = [pytest.mark.browser, pytest.mark.once]

# After a change of the scheme, colours are read when the page has been painted with it.
SETTLED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
PASSWORD = "Blue-heron-77"
# Width, and the scheme that is looked at with it.
LOOKS = ((1440, "light"), (360, "dark"))
AT_A_DESK = LOOKS[:1]
# What passes a rule is not written out: a page has thousands of such places.
OPTIONS = {"resultTypes": ["violations"]}


def violations(page: Page, looks: tuple[tuple[int, str], ...] = LOOKS) -> list[str]:
    """What axe finds on the page as it stands, in each look."""
    found = []
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.evaluate(SETTLED)
        for violation in Axe().run(page, options=OPTIONS).response["violations"]:
            places = [" ".join(map(str, node["target"])) for node in violation["nodes"][:3]]
            where = f"{page.url} {width} {scheme}"
            found.append(f"{where}: {violation['id']} at {'; '.join(places)}")
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.emulate_media(color_scheme="light")
    return found


def test_the_shop_and_the_checkout(page: Page) -> None:
    page.goto("/")
    found = violations(page)
    page.get_by_role("button", name=re.compile("^Order Hosted PBX")).first.click()
    found += violations(page)
    page.get_by_role("button", name=ONWARD).click()  # nothing is filled in: the refusals
    found += violations(page)
    page.get_by_label("Company name").fill("Blue Heron")
    page.get_by_label("Contact name").fill("Ann Bell")
    page.get_by_label("Contact e-mail").fill("ann@heron.example")
    page.get_by_label("Contact phone").fill("+1 416 555 0142")
    page.get_by_role("button", name=ONWARD).click()
    found += violations(page)
    page.get_by_role("button", name=re.compile("^Select ")).first.click()
    page.wait_for_url("**/tenant/")
    found += violations(page)
    page.get_by_role("button", name=ONWARD).click()
    found += violations(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat password").fill(PASSWORD)
    page.get_by_role("checkbox").check()
    page.goto("/cart/")
    found += violations(page)
    page.go_back()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat password").fill(PASSWORD)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=re.compile("complete order")).click()
    page.wait_for_url("**/my/orders/**")
    found += violations(page)
    page.goto("/accounts/sign-in/")
    found += violations(page)
    assert found == []


def test_the_back_office(page: Page, demo: Demo) -> None:
    page.goto("/office/queue/")
    page.get_by_label("E-mail").fill(demo.staff_email)
    page.get_by_label("Password").fill(demo.staff_password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/office/**")
    links = page.locator(".side nav a[href^='/office/']").evaluate_all(
        "links => [...new Set(links.map(link => link.pathname))]"
    )
    assert len(links) > 10
    found = []
    for link in links:
        page.goto(link)
        found += violations(page, AT_A_DESK)
    assert found == []
