"""``{% load catalogue %}``: controls inside tables."""

from __future__ import annotations

from django import template
from django.forms import BoundField, Select
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def cell(bound: BoundField) -> SafeString:
    """A control in a table's cell: small, labelled for screen readers, marked where it is wrong. The
    row says why."""
    is_select = isinstance(bound.field.widget, Select)
    attributes: dict[str, str | bool] = {
        "class": "select select--sm" if is_select else "input input--sm",
        "aria-label": str(bound.label),
    }
    if bound.form.is_bound and bound.errors:
        # The first of them takes the focus.
        attributes |= {
            "aria-invalid": "true",
            "aria-describedby": f"{bound.form.prefix}-faults",
            "data-focus": True,
        }
    return bound.as_widget(attrs=attributes)
