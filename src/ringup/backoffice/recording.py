"""What goes into the activity log: what a form changed, field by field, secrets only by name; and
who exported what."""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm, BaseModelForm
from django.http import HttpRequest

from ringup.accounts.access import actor_of
from ringup.core.models import Activity

HIDDEN = "changed"


def changes_of(form: BaseForm, *, secret: frozenset[str] = frozenset()) -> dict[str, Any]:
    """``{"name": ["before", "after"]}`` of the changed fields. A secret one says only ``changed``."""
    changes: dict[str, Any] = {}
    for name in form.changed_data:
        if name in secret:
            changes[name] = HIDDEN
        else:
            before, after = _plain(_before(form, name)), _plain(form.cleaned_data.get(name))
            # Typed differently and meant the same: Django compares before it cleans.
            if before != after:
                changes[name] = [before, after]
    return changes


def _before(form: BaseForm, name: str) -> Any:
    if isinstance(form, BaseModelForm) and name not in form.initial:
        return form.fields[name].initial
    return form.get_initial_for_field(form.fields[name], name)


def _plain(value: Any) -> str:
    return "" if value is None else str(value)[:200]


def record_export(request: HttpRequest, what: str, **filters: str) -> Activity:
    """An export leaves the house: who took it, and with which filters."""
    actor = actor_of(request)
    place = request.resolver_match.url_name if request.resolver_match else ""
    return Activity.record(actor, f"export:{place}", what, **filters)
