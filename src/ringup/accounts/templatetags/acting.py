"""``{% load acting %}``: the banner of a member of staff who acts as a client."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context

from ringup.accounts.acting import acting_of

register = template.Library()


@register.inclusion_tag("accounts/_acting.html", takes_context=True)
def acting_banner(context: Context) -> dict[str, Any]:
    """``{% acting_banner %}``: nothing for everybody else."""
    request = context.get("request")
    acting = acting_of(request) if isinstance(request, HttpRequest) else None
    known = {name: context.get(name) for name in ("time_zone", "brand")}
    return known | {"acting": acting}
