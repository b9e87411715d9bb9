"""The brand of a request: whose name, look and terms its page has."""

from __future__ import annotations

from django.http import HttpRequest

from ringup.accounts.access import client_of
from ringup.accounts.brands import brand_at, default_brand, own_brand_at
from ringup.accounts.models import Brand


def brand_of(request: HttpRequest) -> Brand:
    """At a brand's own domain that brand. At the house's address the default one, or the brand of
    the client who is signed in, which then has no domain. Read once for each request."""
    known: Brand | None = getattr(request, "_ringup_brand", None)
    if known is not None:
        return known
    if not hasattr(request, "user"):
        return default_brand()  # refused at the door: the host is nobody's
    client = client_of(request) if own_brand_at(request) is None else None
    brand = client.brand if client is not None else brand_at(request)
    request._ringup_brand = brand  # type: ignore[attr-defined]
    return brand


def brand_of_request(request: HttpRequest) -> dict[str, object]:
    """Template context: ``brand``."""
    return {"brand": brand_of(request)}
