"""One real browser for the tests of this directory, and one demo for many of them to walk through."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings
from playwright.sync_api import Browser, Page, sync_playwright

from ringup.cli.demo.processes import Demo, running_demo
from tests.cli.installations import looking_into

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the browser test does not run here")
    return CHROMIUM


@pytest.fixture(scope="package")
def chromium(chromium_path: str) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, beside which tests touch the database. So it
        # ends with the last test of this directory.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=chromium_path,
            args=["--no-sandbox", "--disable-background-networking", "--disable-quic"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def empty_database(django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database that counts as migrated: its tables are made from models, as those
    of other tests are. To run all migrations takes ten seconds of a core."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo')}/ringup.sqlite3"
    none: dict[str, str | None] = dict.fromkeys(app.label for app in apps.get_app_configs())
    with django_db_blocker.unblock(), looking_into(url):
        with override_settings(MIGRATION_MODULES=none):
            call_command("migrate", run_syncdb=True, verbosity=0)
        with override_settings(MIGRATION_MODULES={}):
            known = MigrationLoader(None).disk_migrations
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        recorder.Migration.objects.bulk_create(
            recorder.Migration(app=app, name=name) for app, name in known
        )
    return url


@pytest.fixture(scope="session")
def demo(chromium_path: str, request: pytest.FixtureRequest) -> Iterator[Demo]:
    """One for all files: every test orders for a company of its own."""
    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "sqlite":
            patch.setenv("RINGUP_DATABASE_URL", request.getfixturevalue("empty_database"))
        with running_demo(port=0) as demo:
            patch.undo()
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
