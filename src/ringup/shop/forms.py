"""The wizard's inputs. Each refuses nonsense with a sentence that says what to type instead."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

BAD_EMAIL = "Type a complete e-mail address, for example anna@example.com."
MOST_EMAIL = 254  # RFC 5321 allows no more, and the columns hold no more
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


class EmailAddress(forms.EmailField):
    """An address in small letters: it is the login, and logins are compared."""

    default_error_messages = {
        "required": BAD_EMAIL,
        "invalid": BAD_EMAIL,
        "max_length": "Use an e-mail address of at most %(limit_value)d characters.",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": MOST_EMAIL, **options})

    def clean(self, value: Any) -> Any:
        address = str(super().clean(str(value or "").replace("\x00", ""))).lower()
        # The PBX writes it unescaped into its directory.
        if unfit := sorted(set(address) & set('&<>"$')):
            raise ValidationError(
                f"Use an e-mail address without {' and '.join(unfit)}: the PBX cannot store it."
            )
        return address
