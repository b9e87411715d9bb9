"""Inputs that the shop's pages have besides those of ``core.form_fields``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

SELECTED = mark_safe(" selected")


class LongSelect(forms.Select):
    """A list of hundreds, or groups of them, written at once: Django has a template for each line,
    which takes longer than all the rest of the page."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        chosen = frozenset(str(one) for one in self.format_value(value))
        options = _written(tuple(_plain(one) for one in self.choices), chosen)
        attributes = self.build_attrs(self.attrs, attrs) | {"name": name}
        return format_html("<select{}>{}</select>", flatatt(attributes), options)


def _plain(choice: Any) -> tuple[Any, Any]:
    """A choice, or a group of them, by which what was written can be found again."""
    key, words = choice
    return key, tuple(map(tuple, words)) if isinstance(words, list | tuple) else words


@lru_cache(maxsize=64)
def _written(choices: tuple[tuple[Any, Any], ...], chosen: frozenset[str]) -> SafeString:
    """The lines: the same for all who chose the same."""
    parts = (
        format_html('<optgroup label="{}">{}</optgroup>', key, _lines(words, chosen))
        if isinstance(words, tuple)
        else _lines([(key, words)], chosen)
        for key, words in choices
    )
    return format_html_join("", "{}", ((part,) for part in parts))


def _lines(choices: Iterable[tuple[Any, Any]], chosen: frozenset[str]) -> SafeString:
    rows = ((key, SELECTED if str(key) in chosen else "", words) for key, words in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)
