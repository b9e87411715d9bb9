"""The HTML of a form's fields, written here and not by templates: Django has one for each input and one
for its attributes, and they took a third of the time of a page with a form."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_KINDS = (
    "checkbox color date datetime email file hidden number password search tel text time url"
).split()
# All of these are one ``<input>``.
_INPUTS = frozenset(f"django/forms/widgets/{kind}.html" for kind in _KINDS)


class Renderer(DjangoTemplates):
    """What ``FORM_RENDERER`` names: Django's own, but for inputs."""

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        if template_name in _INPUTS:
            return _input(context["widget"])
        return super().render(template_name, context, request)


def _input(widget: dict[str, Any]) -> SafeString:
    value = "" if widget["value"] is None else format_html(' value="{}"', widget["value"])
    attributes = _attributes(widget["attrs"])
    return format_html(
        '<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, attributes
    )


def _attributes(attributes: dict[str, Any]) -> SafeString:
    """As Django's template writes them: in their order, those that are true without a value."""
    said = ((name, value) for name, value in attributes.items() if value is not False)
    parts = (
        format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value)
        for name, value in said
    )
    return mark_safe("".join(parts))  # noqa: S308 - each part is escaped


def field_html(
    *,
    control: str,
    control_id: str,
    label: str,
    message: str,
    kind: str,
    icon: str = "",
    is_checkbox: bool = False,
    is_optional: bool = False,
    suffix: str = "",
) -> SafeString:
    """A label, its control and one message of a ``kind`` (``err``, ``ok`` or ``help``), behind an
    icon."""
    if is_checkbox:
        named = format_html('<label class="check">{}<span>{}</span></label>', control, label)
    else:
        mark = OPTIONAL if is_optional else ""
        group = format_html(GROUP, control, suffix) if suffix else control
        named = format_html('<label for="{}">{}{}</label>{}', control_id, label, mark, group)
    said = format_html(SAID, kind, control_id, icon, message) if message else ""
    return format_html('<div class="field">{}{}</div>', named, said)


OPTIONAL = mark_safe(' <span class="opt">(optional)</span>')
GROUP = '<div class="group">{}<span class="group__text">{}</span></div>'
SAID = '<p class="{}" id="{}-help">{}<span>{}</span></p>'


@lru_cache(maxsize=64)
def option_lines(choices: tuple[tuple[Any, Any], ...], chosen: frozenset[str]) -> SafeString:
    """The lines of a ``<select>``, and its groups: the same for all who chose the same."""
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


SELECTED = mark_safe(" selected")
