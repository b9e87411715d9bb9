"""Inputs that the shop's pages have besides those of ``core.form_fields``."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ringup.core.form_rendering import option_lines


class LongSelect(forms.Select):
    """A list of hundreds, or groups of them, written at once: Django has a template for each line,
    which takes longer than all the rest of the page."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        chosen = frozenset(str(one) for one in self.format_value(value))
        options = option_lines(tuple(_plain(one) for one in self.choices), chosen)
        attributes = self.build_attrs(self.attrs, attrs) | {"name": name}
        return format_html("<select{}>{}</select>", flatatt(attributes), options)


def _plain(choice: Any) -> tuple[Any, Any]:
    """A choice, or a group of them, by which what was written can be found again."""
    key, words = choice
    return key, tuple(map(tuple, words)) if isinstance(words, list | tuple) else words
