"""What holds for every page: the content-security policy, the error pages, the static files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client as Browser
from django.test import RequestFactory

import ringup
from ringup.core.faults import server_error
from ringup.core.templatetags.ringup import HTMX_CONFIG

SOURCE = Path(ringup.__file__).parent
# Mails are the exception: their readers have no stylesheet.
TEMPLATES = [path for path in SOURCE.glob("*/templates/**/*.html") if "mail" not in path.parts]
FORBIDDEN = {
    "a style attribute": r"\sstyle=",
    "a style element": r"<style",
    "an inline script": r"<script(?![^>]*\ssrc=)",
    "an event attribute": r"\son[a-z]+=",
    "script in htmx": r"hx-on|hx-vals=['\"]js:",
    "something from another site": r"(?:src|href)=[\"']https?://",
}


@pytest.mark.once
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds_what_the_policy_blocks(what: str) -> None:
    guilty = [
        str(path.relative_to(SOURCE))
        for path in TEMPLATES
        if re.search(FORBIDDEN[what], path.read_text(), re.IGNORECASE)
    ]

    assert TEMPLATES
    assert guilty == []


@pytest.mark.once
def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = Path(finders.find("ringup/icons.svg") or "").read_text()
    known = set(re.findall(r'id="i-([a-z-]+)"', sprite))
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r"\{% icon [\"']([a-z-]+)[\"']", path.read_text())
    }

    assert named
    assert named - known == set()


@pytest.mark.once
def test_htmx_injects_and_evaluates_nothing() -> None:
    assert HTMX_CONFIG["includeIndicatorStyles"] is False
    assert HTMX_CONFIG["allowEval"] is False
    assert HTMX_CONFIG["historyCacheSize"] == 0
    assert json.dumps(HTMX_CONFIG)


@pytest.mark.django_db
def test_pages_carry_the_policy(client: Browser) -> None:
    policy = client.get("/account/sign-in/")["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_a_page_that_is_not_there_says_so(client: Browser) -> None:
    page = client.get("/no/such/page/")

    assert page.status_code == 404
    assert "There is no page here" in page.content.decode()


@pytest.mark.once
def test_a_fault_of_ours_has_a_reference_and_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """Rendered without a database: the page must work when the database is what broke."""
    page = server_error(RequestFactory().get("/checkout/"))

    reference = re.search(r"reference ([0-9A-F]{4}-[0-9A-F]{4})", page.content.decode())
    assert page.status_code == 500
    assert reference
    assert reference[1] in caplog.text
    assert "Traceback" not in page.content.decode()
