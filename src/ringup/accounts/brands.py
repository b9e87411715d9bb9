"""Brands by the host that was asked for, and the address that a brand's links begin with.

Which host is which brand's is remembered for some seconds: it is asked with every request.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.request import split_domain_port

from ringup.accounts.models import Brand, Client, User
from ringup.core.prepared import prepared

_PLACE = "accounts/brand-domains"
REMEMBERED_SECONDS = 5


class Shown(NamedTuple):
    """What is remembered of a brand with a domain."""

    brand: int
    is_default: bool


def default_brand() -> Brand:
    """The brand that speaks where no other is meant; made on first use of a new installation."""
    for brand in _default_brands():
        return brand
    brand, _ = Brand.objects.get_or_create(
        is_default=True,
        defaults={
            "name": "Ringup",
            "mail_from": "Ringup <service@ringup.example>",
            "support_email": "support@ringup.example",
        },
    )
    return brand


@prepared
def _default_brands() -> QuerySet[Brand]:
    return Brand.objects.filter(is_default=True).order_by("pk")[:1]


def domains() -> dict[str, Shown]:
    """The brands that have a host name of their own, by it."""
    known: dict[str, Shown] | None = cache.get(_PLACE)
    if known is None:
        rows = Brand.objects.exclude(domain="").values_list("domain", "pk", "is_default")
        known = {domain: Shown(pk, is_default) for domain, pk, is_default in rows}
        cache.set(_PLACE, known, REMEMBERED_SECONDS)
    return known


def forget_domains() -> None:
    """A brand was saved: this process looks again at once, the others within some seconds."""
    cache.delete(_PLACE)


def host_of(request: HttpRequest) -> str:
    """The host name that was asked for, in small letters, without a port."""
    return split_domain_port(request.get_host())[0]


def own_brand_at(request: HttpRequest) -> int | None:
    """The key of the brand whose own shop was asked for; None at the house's address, where the
    default brand speaks."""
    shown = domains().get(host_of(request))
    return None if shown is None or shown.is_default else shown.brand


def brand_at(request: HttpRequest) -> Brand:
    """The brand whose domain is the host, else the default one."""
    own = own_brand_at(request)
    found = Brand.objects.filter(pk=own).first() if own is not None else None
    return found or default_brand()


def serves(request: HttpRequest, brand: Brand) -> bool:
    """Whether clients of ``brand`` are at home at the host that was asked for: at their brand's own,
    or at the house's address when their brand has none."""
    own = own_brand_at(request)
    if own is not None:
        return brand.pk == own
    return brand.is_default or not brand.domain


def url_of(brand: Brand) -> str:
    """What links for this brand's clients begin with: its own domain, else the house's address."""
    return url_at(brand.domain) if brand.domain else settings.RINGUP_URL


def url_at(domain: str) -> str:
    """The address of a brand's domain: with the scheme and the port of the house's."""
    house = urlsplit(settings.RINGUP_URL)
    port = f":{house.port}" if house.port else ""
    return f"{house.scheme or 'https'}://{domain}{port}"


def brand_of_login(user: User) -> Brand:
    """Under which brand a login is written to: its first client's, without one the default."""
    rows = Client.objects.filter(users=user).select_related("brand").order_by("memberships__pk")
    first = rows.first()
    return default_brand() if first is None else first.brand


def welcomes(request: HttpRequest, user: User) -> bool:
    """Whether this login may sign in at the host that was asked for. Clients' people may where one of
    their clients is at home; staff, and who belongs to no client any more, at the house's address."""
    if user.is_staff:
        return own_brand_at(request) is None
    rows = Brand.objects.filter(clients__users=user).distinct()
    brands = list(rows.only("pk", "domain", "is_default"))
    if not brands:
        return own_brand_at(request) is None
    return any(serves(request, brand) for brand in brands)
