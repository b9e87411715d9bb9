"""Arrows that import-linter cannot see: foreign keys in models and migrations, lazy imports, sizes."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "ringup"
LAYERS = next(
    contract["layers"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    if contract["name"] == "Arrows go down"
)
# "carriers | pbx | (payments) | mail" is one height; a lower line has a greater number.
HEIGHT = {
    name.strip(" ()"): height for height, line in enumerate(LAYERS) for name in line.split("|")
}
# Where a size is exceeded, and why.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}


def allowed(source: str, target: str) -> bool:
    """A part may point into itself, downwards, and at Django's own apps."""
    return source == target or target not in HEIGHT or HEIGHT[source] < HEIGHT[target]


def test_foreign_keys_of_models_point_down() -> None:
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model.__module__.startswith("ringup.")
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model
        if not allowed(model._meta.app_label, field.related_model._meta.app_label)
    ]
    assert wrong == []


def test_foreign_keys_of_migrations_point_down() -> None:
    loader = MigrationLoader(None)
    wrong = []
    for (label, name), migration in loader.disk_migrations.items():
        if label not in HEIGHT:
            continue
        for target, _ in migration.dependencies:
            if not allowed(label, target):
                wrong.append(f"{label}.{name} -> {target}")
    assert wrong == []


def test_the_arrow_test_can_fail() -> None:
    assert not allowed("core", "orders")
    assert not allowed("carriers", "pbx")
    assert allowed("flows", "orders")


@cache
def sources() -> list[Path]:
    return [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts]


@cache
def text_of(path: Path) -> str:
    return path.read_text()


def statements(within: ast.AST) -> Iterator[ast.AST]:
    """All statements below this node, at any depth. Expressions, which hold none, are passed by:
    they are nine tenths of a file."""
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        for node in getattr(within, field, ()):
            yield node
            yield from statements(node)


class Function(NamedTuple):
    """What is looked at in a function. Its tree is not kept: all of them fill the memory."""

    name: str
    lines: int
    has_import: bool


@cache
def functions() -> list[Function]:
    """Every function of ours, also inside others, with the name it is reported by."""
    return [
        Function(
            f"{path.relative_to(SOURCE)}:{node.name}",
            (node.end_lineno or 0) - node.lineno + 1,
            any(isinstance(inner, ast.Import | ast.ImportFrom) for inner in statements(node)),
        )
        for path in sources()
        for node in statements(ast.parse(text_of(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_no_import_hides_in_a_function() -> None:
    assert [function.name for function in functions() if function.has_import] == []


def test_files_and_functions_stay_small() -> None:
    long_files = [
        str(path.relative_to(SOURCE)) for path in sources() if len(text_of(path).splitlines()) > 500
    ]
    long_functions = [function.name for function in functions() if function.lines > 60]
    assert [name for name in long_files if name not in LONG_FILES] == []
    assert [name for name in long_functions if name not in LONG_FUNCTIONS] == []


def test_names_say_what_they_hold() -> None:
    vague = re.compile(r"^(utils?|helpers?|managers?|services|misc|common)\.py$")
    assert [str(path) for path in sources() if vague.match(path.name)] == []


def test_no_signals_between_our_own_parts() -> None:
    found = [
        str(path)
        for path in sources()
        if re.search(r"@receiver\(|\.connect\(.*sender", text_of(path))
    ]
    assert found == []


def test_templates_bring_no_script_or_style_of_their_own() -> None:
    """The content security policy forbids them; mails are the exception, their readers know no sheets."""
    pages = [path for path in SOURCE.rglob("templates/**/*.html") if "mail" not in path.parts]
    wrong = [
        str(path.relative_to(SOURCE))
        for path in pages
        if re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|<style", path.read_text())
    ]
    assert wrong == []
