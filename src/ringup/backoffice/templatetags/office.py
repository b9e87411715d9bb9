"""``{% load office %}``: the side navigation, and what a reader may do."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse

from ringup.accounts.models import User
from ringup.accounts.roles import Can
from ringup.backoffice.navigation import navigation_for

register = template.Library()


@register.inclusion_tag("office/_navigation.html", takes_context=True)
def navigation(context: Context) -> dict[str, Any]:
    """The links that the signed-in member of staff may open; ``nav`` names the current one."""
    user = context.get("user")
    groups = navigation_for(user) if isinstance(user, User) else []
    return {
        "groups": [(t, [e for e in es if _there(e.url)]) for t, es in groups],
        "nav": context.get("nav", ""),
    }


def _there(name: str) -> bool:  # TEMPORARY while areas are being built
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


@register.filter
def may(user: object, capability: str) -> bool:
    """``{% if user|may:"edit-prices" %}``: hides what the server would refuse anyway."""
    return isinstance(user, User) and user.can(Can(capability))
