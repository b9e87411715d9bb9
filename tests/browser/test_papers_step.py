"""The step of the papers in a real browser: what its style sheet hides, what an upload leaves alone, and
axe-core's rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from ringup.cli.seeding import DidwwAddress, seed_worldwide
from ringup.flows.checkout import drafting
from ringup.numbers.holding import Buyer
from ringup.orders.models import Draft
from ringup.sandbox.didww import running_didww
from tests.browser.pictures import picture
from tests.browser.test_accessibility import violations
from tests.factories import make_shop
from tests.regulatory.files import png
from tests.shop.buying import COMPANY
from tests.shop.test_papers_walk import AT_HOME, FIRM, Walk

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def papers(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A guest at the papers of a German number."""
    shop, guest = make_shop(), chromium.new_context(base_url=live_server.url)
    page = guest.new_page()
    with running_didww() as didww:
        seed_worldwide(DidwwAddress(didww.url, didww.key, didww.callback_secret), shop.server)
        page.goto("/")
        page.request.post(
            "/start/",
            form={"slug": "number-worldwide", "csrfmiddlewaretoken": _token(page)},
            headers={"Referer": page.url},
        )
        draft = Draft.objects.get()
        drafting.save_company(draft, COMPANY | {"phone": "+14165550142"})
        number = Walk(didww, None).number_in("DE")  # type: ignore[arg-type]
        drafting.choose_number(draft, number, buyer=Buyer(draft.uid))
        page.goto(f"/checkout/{draft.uid}/papers/")
        yield page
    guest.close()


def _token(page: Page) -> str:
    return next(
        cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken"
    )


def test_the_form_the_documents_and_the_rules_of_access(papers: Page, tmp_path: Path) -> None:
    page = papers
    picture(page, "papers")
    found = violations(page)
    birth, company = (
        page.get_by_label("Date of birth"),
        page.get_by_label("Registered company name"),
    )
    assert company.is_visible()
    assert not birth.is_visible()
    page.get_by_label("A person").check()
    assert birth.is_visible()
    assert not company.is_visible()
    page.get_by_role("button", name="Continue to destination").click()
    page.get_by_text("things to correct").wait_for()
    picture(page, "papers-refused")
    found += violations(page)
    page.get_by_label("A company").check()
    for name, text in (FIRM | AT_HOME["DE"]).items():
        line = page.locator(f"#papers input[name={name}]:visible")
        if name != "kind" and line.count():
            line.fill(text)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Save and add documents").click()
    page.get_by_role("button", name="Upload").first.wait_for()
    picture(page, "papers-saved")
    found += violations(page)
    _upload(page, tmp_path / "scan.png")
    assert found == []


def _upload(page: Page, scan: Path) -> None:
    """A document comes in, and what was typed meanwhile and is not saved yet stays."""
    scan.write_bytes(png())
    street = page.get_by_label("Street address")
    street.fill("99 Unsaved Street")
    row = page.locator("#papers-identity-1")
    row.get_by_label("Kind of document").select_option(index=1)
    row.get_by_label("File").set_input_files(scan)
    row.get_by_role("button", name="Upload").click()
    page.locator("#papers-identity-1", has_text="Received").wait_for()
    assert street.input_value() == "99 Unsaved Street"
    row = page.locator("#papers-address-1")
    row.get_by_label("Kind of document").select_option(index=1)
    row.get_by_label("Date on the document").fill("2001-01-01")
    row.get_by_label("File").set_input_files(scan)
    row.get_by_role("button", name="Upload").click()
    page.locator("#papers-address-1 .err").wait_for()
    assert street.input_value() == "99 Unsaved Street"
    assert "/upload/" not in page.url
