"""A long form in cards: which fields stand under which heading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.forms import BaseForm, BoundField


@dataclass(frozen=True, slots=True)
class Section:
    """One card of ``office/form_page.html``. ``lede`` is a sentence under the heading."""

    title: str
    names: tuple[str, ...]
    lede: str = ""


@dataclass(frozen=True, slots=True)
class FilledSection:
    """A section with its bound fields."""

    title: str
    lede: str
    fields: list[BoundField]


def sections_of(form: BaseForm, sections: tuple[Section, ...]) -> Iterator[FilledSection]:
    """The sections with their fields. A field that no section names is a mistake, and raises."""
    missing = set(form.fields) - {name for section in sections for name in section.names}
    if missing:
        raise LookupError(f"no section shows {', '.join(sorted(missing))}")
    for section in sections:
        yield FilledSection(section.title, section.lede, [form[name] for name in section.names])
