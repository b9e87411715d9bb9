"""The tags and filters of mail templates: nothing here reads files, models or settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import template
from django.template import defaultfilters, defaulttags

register = template.Library()
register.tag("if", defaulttags.do_if)
register.tag("for", defaulttags.do_for)
# Each gives a text or number no longer than what went in, but for a few characters.
FILTERS: dict[str, Callable[..., Any]] = {
    "capfirst": defaultfilters.capfirst,
    "default": defaultfilters.default,
    "first": defaultfilters.first,
    "join": defaultfilters.join,
    "last": defaultfilters.last,
    "length": defaultfilters.length,
    "linebreaksbr": defaultfilters.linebreaksbr,
    "lower": defaultfilters.lower,
    "pluralize": defaultfilters.pluralize,
    "truncatechars": defaultfilters.truncatechars,
    "upper": defaultfilters.upper,
}
for name, function in FILTERS.items():
    register.filter(name, function)
