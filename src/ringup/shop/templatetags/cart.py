"""The link to the cart in the top bar."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest

from ringup.shop.cart_items import count_of

register = template.Library()


@register.inclusion_tag("checkout/_cart_link.html", takes_context=True)
def cart_link(context: template.Context) -> dict[str, Any]:
    """With the number of items; nothing while there is none."""
    request: HttpRequest = context["request"]
    return {"count": count_of(request), "is_here": context.get("nav") == "cart"}
