"""One real browser for the tests of a file, and one demo for all of them to walk through."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from ringup.cli.demo.processes import Demo, running_demo

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the browser test does not run here")
    return CHROMIUM


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, beside which tests touch the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=chromium_path,
            args=["--no-sandbox", "--disable-background-networking", "--disable-quic"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo(chromium_path: str) -> Iterator[Demo]:
    """One for all files: every test orders for a company of its own."""
    with running_demo(port=0) as demo:
        yield demo


@pytest.fixture
def page(chromium: Browser, demo: Demo) -> Iterator[Page]:
    """A guest in the demo's shop."""
    context = chromium.new_context(base_url=demo.url, viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: "Security Policy" in line.text and problems.append(line.text))
    yield page
    context.close()
    # A script or style that the content security policy refuses shows in the console, too.
    assert problems == []
