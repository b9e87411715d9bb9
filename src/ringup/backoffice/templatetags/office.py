"""``{% load office %}``: the side navigation, and what a reader may do."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from ringup.accounts.models import User
from ringup.accounts.roles import Can
from ringup.backoffice.navigation import navigation_for

register = template.Library()


@register.inclusion_tag("office/_navigation.html", takes_context=True)
def navigation(context: Context) -> dict[str, Any]:
    """The links that the signed-in member of staff may open; ``nav`` names the current one."""
    user = context.get("user")
    groups = navigation_for(user) if isinstance(user, User) else []
    return {"groups": groups, "nav": context.get("nav", "")}


@register.filter
def may(user: object, capability: str) -> bool:
    """``{% if user|may:"edit-prices" %}``: hides what the server would refuse anyway."""
    return isinstance(user, User) and user.can(Can(capability))


@register.filter
def grouped(count: int) -> str:
    """``1,000,000``"""
    return f"{count:,}"
