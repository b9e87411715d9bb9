"""What active services bring a month, out of the quotes that were frozen when they were ordered.

Currencies are never added together: each has its own sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet, Sum

from ringup.core.money import Money
from ringup.orders.models import OrderLine
from ringup.services.models import Service

_PLACE = "flows/revenue/monthly"
# The sum of all reads every line, so it may be a few minutes old.
REMEMBERED_SECONDS = 300


def monthly() -> list[Money]:
    """Of all clients, by currency; at most five minutes old."""
    known: list[tuple[int, str]] | None = cache.get(_PLACE)
    if known is None:
        known = [(micros, currency) for currency, micros in _sums(_live(), "monthly_currency")]
        cache.set(_PLACE, known, REMEMBERED_SECONDS)
    return [Money(micros, currency) for micros, currency in known]


def monthly_of(clients: Iterable[int]) -> dict[int, list[Money]]:
    """Of each of these clients (row numbers), by currency. One query; clients without are left out."""
    of_them = _live().filter(service__client__in=list(clients))
    found: dict[int, list[Money]] = defaultdict(list)
    for client, currency, micros in _sums(of_them, "service__client", "monthly_currency"):
        found[client].append(Money(micros, currency))
    return dict(found)


def _live() -> QuerySet[OrderLine, Any]:
    return OrderLine.objects.filter(service__state=Service.State.ACTIVE)


def _sums(lines: QuerySet[OrderLine, Any], *by: str) -> list[tuple[Any, ...]]:
    """Rows of ``by`` and micros, the greatest sum first."""
    sums = lines.order_by().values_list(*by).annotate(micros=Sum("monthly_micros"))
    return list(sums.order_by("-micros"))
