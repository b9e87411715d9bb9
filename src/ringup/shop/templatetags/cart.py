"""The link to the cart in the top bar."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest

from ringup.shop.cart_items import drafts_of

register = template.Library()


@register.inclusion_tag("checkout/_cart_link.html", takes_context=True)
def cart_link(context: template.Context) -> dict[str, Any]:
    """With the number of items; nothing while there is none. A page that has read the cart's drafts
    has them as ``in_cart``."""
    request: HttpRequest = context["request"]
    drafts = context.get("in_cart")
    count = len(drafts_of(request) if drafts is None else drafts)
    return {"count": count, "is_here": context.get("nav") == "cart"}
