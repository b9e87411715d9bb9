"""The part of a search page that htmx swaps: the list, and out of band the filters, the hint, the
spoken total and the countdown in the top bar."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from ringup.shop.finding import Search, address_headers


def render_fragment(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """``context`` as for the whole page. Rendered without the request: what its processors look up
    (login, brand, messages) is not on this part, which is asked for at every pause in typing."""
    found: Search = context["search"]
    page = render_to_string(
        "shop/_found.html", context | {"csrf_token": get_token(request), "oob": True}
    )
    headers = address_headers(request, found.asked)
    return HttpResponse(page, status=found.status, headers=headers)
