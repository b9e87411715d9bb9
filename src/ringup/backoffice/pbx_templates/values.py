"""What a template sets that is not the default, in words for a list and a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringup.pbx.custom_routes import shown_routes
from ringup.pbx.template_fields import FIELDS, FieldKind, TemplateField


def chosen_values(kind: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and value of each field that differs from its default."""
    return [
        (one.label, _words(one, values[one.name]))
        for one in FIELDS[kind]
        if one.name in values and not _same(values[one.name], one.default)
    ]


def _same(value: Any, default: Any) -> bool:
    if isinstance(value, list):
        return value == list(default or ())
    return bool(value == default)


def _words(one: TemplateField, value: Any) -> str:
    choices = dict(one.choices)
    match one.kind:
        case FieldKind.YES_NO:
            return "Yes" if value else "No"
        case FieldKind.CHOICE:
            return str(choices.get(value, value))
        case FieldKind.SETS:
            return "; ".join(choices.get(name, name) for name in value) or "Nothing"
        case FieldKind.ROUTES:
            return shown_routes(value)
        case FieldKind.NETWORKS:
            return ", ".join(value)
        case _:
            return "none" if value in (None, "") else str(value)
