"""``{% load mappings %}``: the lines of a drop-down, of which a page has hundreds."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from ringup.backoffice.mappings.selects import Option

register = template.Library()


@register.simple_tag
def lines(options: Iterable[Option]) -> SafeString:
    """``{% lines select.accounts %}``: its ``<option>`` elements, in a tenth of a loop's time."""
    return mark_safe("".join(map(_line, options)))  # noqa: S308 - made of escaped pieces


def _line(option: Option) -> str:
    selected = mark_safe(" selected") if option.is_selected else ""
    return format_html('<option value="{}"{}>{}</option>', option.value, selected, option.words)
