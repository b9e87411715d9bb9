"""What a form changed, for the activity log: field by field, secrets only by name."""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm, BaseModelForm

HIDDEN = "changed"


def changes_of(form: BaseForm, *, secret: frozenset[str] = frozenset()) -> dict[str, Any]:
    """``{"name": ["before", "after"]}`` of the changed fields. A secret one says only ``changed``."""
    changes: dict[str, Any] = {}
    for name in form.changed_data:
        if name in secret:
            changes[name] = HIDDEN
        else:
            changes[name] = [_plain(_before(form, name)), _plain(form.cleaned_data.get(name))]
    return changes


def _before(form: BaseForm, name: str) -> Any:
    if isinstance(form, BaseModelForm) and name not in form.initial:
        return form.fields[name].initial
    return form.get_initial_for_field(form.fields[name], name)


def _plain(value: Any) -> str:
    return "" if value is None else str(value)[:200]
