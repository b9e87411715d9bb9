"""Finding and holding numbers in a real browser: typing, filters, Back, a selection with its
countdown, and somebody else who must not see what is held."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from ringup.numbers.models import Hold
from ringup.sandbox.voipms import running_voipms
from tests.shop.buying import Shop, make_shop

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

SELECT = re.compile(r"^Select \+1")


@pytest.fixture
def shop() -> Iterator[Shop]:
    with running_voipms() as carrier, override_settings(RINGUP_SHELF_SECONDS=0):
        yield make_shop(carrier)


class Visitor:
    """One person's browser in the shop."""

    def __init__(self, chromium: Browser, url: str, **options: Any) -> None:
        size: Any = {"width": 1440, "height": 1000}
        self.page: Page = chromium.new_context(
            base_url=url, **({"viewport": size} | options)
        ).new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda line: self.problems.append(line.text))

    def require_quiet(self) -> None:
        assert [t for t in self.problems if "Security Policy" in t or "Error" in t] == []


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(live_server: Any, chromium: Browser, shop: Shop) -> Iterator[Visit]:
    """Opens one person's browser, with options; all are closed behind the test."""
    visitors: list[Visitor] = []

    def come(**options: Any) -> Visitor:
        visitors.append(Visitor(chromium, live_server.url, **options))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.page.context.close()


@pytest.fixture
def buyer(visit: Visit) -> Visitor:
    return visit()


@pytest.fixture
def stranger(visit: Visit) -> Visitor:
    return visit()


def seconds_left(seconds: int) -> None:
    Hold.objects.update(expires=timezone.now() + timedelta(seconds=seconds))


def find(page: Page, digits: str) -> None:
    page.goto(f"/?q={digits}")


def test_typing_filters_and_going_back(buyer: Visitor) -> None:
    page = buyer.page
    page.goto("/")
    box = page.get_by_role("searchbox", name="Digits, a word or a pattern")
    box.press_sequentially("212", delay=20)
    expect(page).to_have_url(re.compile(r"\?q=212$"))
    expect(page.locator("mark").first).to_have_text("212")
    expect(box).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="numbers")).to_be_attached()

    page.get_by_role("radio", name="United States").check()
    expect(page).to_have_url(re.compile(r"\?q=212&country=US$"))
    state = page.get_by_role("group", name="State").get_by_role("radio", name="New York")
    state.check()
    expect(page).to_have_url(re.compile(r"&region=NY$"))
    expect(page.locator("#found")).to_contain_text("in New York")
    expect(state).to_be_focused()
    page.get_by_role("link", name="Take off New York").click()
    expect(page).to_have_url(re.compile(r"\?q=212&country=US$"))
    expect(state).not_to_be_checked()

    in_a_row = page.get_by_label("How many in a row")
    in_a_row.focus()
    in_a_row.select_option("2")
    expect(page.locator("#found")).to_contain_text("of 2 in a row")
    expect(in_a_row).to_be_focused()
    page.get_by_role("link", name="Take off 2 in a row").click()
    expect(in_a_row).to_have_value("1")

    page.go_back()
    expect(page.locator("#found")).to_contain_text("of 2 in a row")
    expect(in_a_row).to_have_value("2")
    page.go_back()
    expect(in_a_row).to_have_value("1")  # the place alone stood on the page before, too
    expect(page.locator("#found")).to_contain_text("in the United States")
    page.go_back()
    expect(page.locator("#found")).to_contain_text("in New York")
    expect(state).to_be_checked()
    page.go_back()
    expect(page.locator("#found")).to_contain_text("in the United States")
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?q=212$"))
    expect(box).to_have_value("212")

    box.fill("ring")
    expect(page.locator(".keypad")).to_be_visible()
    page.reload()
    expect(box).to_have_value("ring")
    buyer.require_quiet()


def test_two_numbers_are_selected_held_extended_and_let_go(
    buyer: Visitor, stranger: Visitor
) -> None:
    page, theirs = buyer.page, stranger.page
    page.goto("/?country=US&region=NY")
    tray = page.get_by_role("region", name="Your selection")
    for count in (1, 2):
        page.get_by_role("button", name=SELECT).first.click()
        expect(tray).to_contain_text(f"{count} number")
    held = [
        str(one.get_attribute("value")).removeprefix("+1")
        for one in tray.get_by_role("button", name=re.compile("^Let .* go$")).all()
    ]
    assert len(held) == 2
    clock = page.locator("#held time")
    first = clock.inner_text()
    expect(clock).not_to_have_text(first)
    assert re.fullmatch(r"14:\d\d", clock.inner_text())

    # His own page still shows the number; nobody else's does.
    find(page, held[0])
    expect(page.get_by_role("button", name=re.compile("^Selected: "))).to_be_visible()
    find(theirs, held[0])
    expect(theirs.get_by_text(f"Nothing matches {held[0]}")).to_be_visible()

    longer = tray.get_by_role("button", name="Keep them 15 minutes longer")
    expect(longer).to_be_hidden()
    seconds_left(118)
    page.reload()
    longer.click()
    expect(clock).to_have_text(re.compile(r"^16:\d\d$"))
    expect(longer).to_have_count(0)

    tray.get_by_role("button", name=re.compile("^Let .* go$")).first.click()
    expect(tray).to_contain_text("1 number selected")
    page.get_by_role("link", name="Order it").click()
    expect(page.get_by_role("heading", name="Who is this for?")).to_be_visible()
    expect(page.locator("#held time")).to_have_text(re.compile(r"^16:\d\d$"))
    page.get_by_role("button", name="Stop here and release the number").first.click()
    expect(page.get_by_text("is no longer held. Nothing was ordered or charged.")).to_be_visible()
    assert not Hold.objects.exists()
    find(theirs, held[0])
    expect(theirs.get_by_role("button", name=SELECT)).to_be_visible()
    buyer.require_quiet()
    stranger.require_quiet()


def test_a_hold_that_runs_out_is_said_without_a_click(buyer: Visitor) -> None:
    page = buyer.page
    page.goto("/?country=US&region=NY")
    page.get_by_role("button", name=SELECT).first.click()
    tray = page.get_by_role("region", name="Your selection")
    expect(tray).to_contain_text("1 number selected")
    seconds_left(3)
    page.reload()

    expect(tray).to_contain_text("no longer held", timeout=15_000)
    tray.get_by_role("button", name=re.compile("^Hold .* again$")).click()
    expect(tray.locator("time")).to_have_text(re.compile(r"^1[45]:\d\d$"))
    buyer.require_quiet()


def test_without_a_script_everything_works_by_buttons(visit: Visit) -> None:
    page = visit(java_script_enabled=False).page
    page.goto("/")
    page.get_by_role("searchbox", name="Digits, a word or a pattern").fill("*00")
    page.get_by_role("radio", name="United States").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator("mark").first).to_have_text("00")
    expect(page.get_by_role("radio", name="United States")).to_be_checked()
    page.get_by_role("button", name=SELECT).first.click()
    tray = page.get_by_role("region", name="Your selection")
    expect(tray).to_contain_text("1 number selected")
    tray.get_by_role("button", name="Keep it 15 minutes longer").click()
    expect(tray.locator("time")).to_have_text(re.compile(r"^29:\d\d$"))


def test_on_a_telephone_the_filters_are_a_sheet(visit: Visit) -> None:
    page = visit(viewport={"width": 390, "height": 844}).page
    page.goto("/")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    sheet = page.locator("#filters")
    expect(sheet).to_be_hidden()
    page.get_by_role("button", name="Filters", exact=True).click()
    sheet.get_by_role("radio", name="Canada").check()
    expect(sheet.get_by_role("radio", name="Ontario")).to_be_visible()
    sheet.get_by_role("radio", name="Ontario").check()
    sheet.get_by_role("button", name=re.compile(r"^Show \d+ numbers$")).click()
    expect(sheet).to_be_hidden()
    expect(page.locator("#found")).to_contain_text("in Ontario")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
