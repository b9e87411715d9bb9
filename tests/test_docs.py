"""Documents that the code can contradict."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from ringup.cli.management.commands.lifecycle import lifecycle

pytestmark = pytest.mark.once
ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]


def test_the_order_lifecycle_is_the_code_s() -> None:
    written = (ROOT / "docs" / "order-lifecycle.md").read_text()
    assert written.strip() == lifecycle().strip(), "run: ringup lifecycle > docs/order-lifecycle.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_pages_exist(page: Path) -> None:
    text = page.read_text()
    scripts = set(re.findall(r"\./scripts/(\w+)", text))
    assert [name for name in scripts if not (ROOT / "scripts" / name).exists()] == []
    known = set(get_commands()) | {"sandbox", "demo"}
    named = set(re.findall(r"^\s*(?:\$ )?ringup (\w+)", text, flags=re.MULTILINE))
    named |= set(re.findall(r"`ringup (\w+)", text))
    assert sorted(named - known) == []


def test_every_setting_is_documented() -> None:
    settings = (ROOT / "src/ringup/config/settings.py").read_text()
    names = set(re.findall(r'env(?:_\w+)?\(\s*"(\w+)"', settings))
    operations = (ROOT / "docs" / "operations.md").read_text()
    assert sorted(name for name in names if f"RINGUP_{name}" not in operations) == []
