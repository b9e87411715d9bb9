"""Rate limits, counted in Django's cache.

The default cache lives in the process, so each web process counts for itself: with N processes a
limit is up to N times as wide. That is enough against guessing and floods from one place; name a
shared cache in the settings for an exact count.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``times`` in ``seconds``, counted from the first, for each key separately."""

    name: str
    times: int
    seconds: int

    @property
    def minutes(self) -> int:
        """The window in minutes, rounded up: what a refusal tells people to wait."""
        return -(-self.seconds // 60)


def within(limit: Limit, *keys: str) -> bool:
    """Whether all ``keys`` are below the limit now. Counts nothing."""
    return all(cache.get(_place(limit, key), 0) < limit.times for key in keys if key)


def count(limit: Limit, *keys: str) -> bool:
    """Count one for each of ``keys``. False when that passed the limit for any of them."""
    counts = [_count(limit, key) for key in keys if key]
    return all(counted <= limit.times for counted in counts)


def tally(limit: Limit, key: str) -> int:
    """Count one for ``key``, and say how many there are now."""
    return _count(limit, key)


def forget(limit: Limit, *keys: str) -> None:
    """Begin again at zero, for example after a sign-in that worked."""
    cache.delete_many([_place(limit, key) for key in keys if key])


def _count(limit: Limit, key: str) -> int:
    place = _place(limit, key)
    if cache.add(place, 1, timeout=limit.seconds):
        return 1
    try:
        return cache.incr(place)
    except ValueError:  # it ran out between the two
        cache.set(place, 1, timeout=limit.seconds)
        return 1


def _place(limit: Limit, key: str) -> str:
    # Keys are addresses and e-mails: neither belongs readable into a shared cache.
    digest = hashlib.sha256(f"{limit.name}\n{key}".encode()).hexdigest()
    return f"limit/{limit.name}/{digest[:32]}"


def address_of(request: HttpRequest) -> str:
    """The caller's address; an IPv6 one as its /64, which one customer of a network has whole.

    ``X-Forwarded-For`` counts only behind our own proxy (``RINGUP_BEHIND_PROXY``), and only its
    last entry, the one that our proxy wrote.
    """
    text = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:
        text = str(request.META.get("HTTP_X_FORWARDED_FOR", text)).rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text[:60]
    mapped = address.ipv4_mapped if address.version == 6 else None
    if mapped is not None or address.version == 4:
        return str(mapped or address)
    return str(ipaddress.ip_network((address, 64), strict=False))
