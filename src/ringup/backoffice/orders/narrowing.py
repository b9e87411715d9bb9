"""Which orders the filters of the queue leave.

A filter that looks beyond the order's own row is first asked for its matches, up to ``FEW``. Are there no
more, the orders are taken by their numbers; are there more, the queue is read from the newest order on
and each is asked whether it matches, which soon fills a page. Either way no page touches all orders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import Exact

from ringup.accounts.models import Client, User
from ringup.backoffice.orders.filters import Filters
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order, OrderEvent, OrderLine
from ringup.services.models import Service

FEW = 500
LABEL = re.compile(r"[Rr]-?(\d{4,12})")
FEWEST_DIGITS = 3
# No client is called so, and no domain.
CERTAINLY_A_NUMBER = 5


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The orders, whatever their status. ``counts`` says which of them may be counted without reading
    through all orders: ``all``, the ``open`` ones, or ``none``."""

    orders: QuerySet[Order, Any]
    counts: str = "all"


@dataclass(frozen=True, slots=True)
class Beyond:
    """A filter that looks beyond the order's row. ``few`` are the orders that it leaves, or None if
    they are many; ``asks`` is the same as a question to one order, cheap enough to be asked of every
    open one if ``is_quick``."""

    few: set[int] | None
    asks: Q
    is_quick: bool


def narrowed(filters: Filters, *, reader: User, zone: str) -> Narrowed:
    """The orders that all filters but the status leave."""
    orders = Order.objects.filter(_own_columns(filters, ZoneInfo(zone)))
    beyond = list(_beyond(filters, reader))
    chosen = [one.few for one in beyond if one.few is not None]
    wide = [one for one in beyond if one.few is None]
    for one in wide:
        orders = orders.filter(one.asks)
    if chosen:
        return Narrowed(orders.filter(pk__in=set.intersection(*chosen)))
    if wide:
        return Narrowed(orders, "open" if all(one.is_quick for one in wide) else "none")
    return Narrowed(orders)


def _own_columns(filters: Filters, zone: ZoneInfo) -> Q:
    kept = Q()
    if filters.client:
        kept &= Q(client__in=Client.objects.filter(uid=filters.client).values("pk"))
    if filters.since:
        kept &= Q(submitted__gte=_midnight(filters.since, zone))
    if filters.until:
        kept &= Q(submitted__lt=_midnight(filters.until, zone) + timedelta(days=1))
    if filters.sandbox:
        kept &= Q(is_sandbox=filters.sandbox == "yes")
    return kept


def _midnight(day: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), zone)


def _beyond(filters: Filters, reader: User) -> Iterator[Beyond]:
    """One for each such filter in use."""
    if filters.provider:
        yield _of_line("service__account", int(filters.provider))
    if filters.product:
        kind = "product" if filters.product[0] == "p" else "bundle"
        yield _of_line(kind, int(filters.product[1:]))
    if filters.mine:
        own = OrderEvent.objects.filter(actor=reader.as_actor().name)
        yield Beyond(few_orders(own), Q(Exists(own.filter(order=OuterRef("pk")))), is_quick=True)
    if filters.country:
        keys = _keys(OwnedNumber.objects.filter(country=filters.country))
        few = None if keys is None else _with_numbers(keys)
        yield Beyond(few, _has_number(country=filters.country), is_quick=False)
    if filters.q:
        yield Beyond(found_by(filters.q), matches(filters.q), is_quick=False)


def _of_line(column: str, value: int) -> Beyond:
    """Asked as "what is it?" and not as "is there one?": PostgreSQL would read all lines for that."""
    it = OrderLine.objects.filter(order=OuterRef("pk")).values(column)[:1]
    few = few_orders(OrderLine.objects.filter(**{column: value}))
    return Beyond(few, Q(Exact(Subquery(it), value)), is_quick=True)


def few_orders(rows: QuerySet[Any, Any]) -> set[int] | None:
    """The orders that rows speak of; None if the rows are many."""
    found = list(rows.order_by().values_list("order", flat=True)[: FEW + 1])
    return None if len(found) > FEW else set(found)


def _keys(rows: QuerySet[Any, Any]) -> list[int] | None:
    found = list(rows.order_by().values_list("pk", flat=True)[: FEW + 1])
    return None if len(found) > FEW else found


def _with_numbers(numbers: list[int]) -> set[int]:
    """The orders whose service has one of these numbers, or is the tenant that it lives in."""
    if not numbers:
        return set()
    services = Service.objects.filter(number__in=numbers)
    pairs = services.values_list("line__order", "tenant__line__order")
    return {order for pair in pairs for order in pair if order is not None}


def _has_number(**number: Any) -> Q:
    """Whether the order's service has such a number: itself, or in a part of it."""
    own = Q(**{f"service__number__{name}": value for name, value in number.items()})
    part = Q(**{f"service__parts__number__{name}": value for name, value in number.items()})
    return Q(Exists(OrderLine.objects.filter(own | part, order=OuterRef("pk"))))


# -- searching ----------------------------------------------------------------------------------------


def digits_of(words: str) -> str:
    """The digits of a number as people type it, or of a part of one; else nothing."""
    digits = re.sub(r"[\s().+/-]", "", words)
    are_digits = digits.isascii() and digits.isdigit() and len(digits) >= FEWEST_DIGITS
    return digits if are_digits else ""


def clients_called(words: str) -> QuerySet[Client]:
    """By company, contact or e-mail address."""
    return Client.objects.filter(
        Q(name__icontains=words) | Q(contact_name__icontains=words) | Q(email__icontains=words)
    )


def order_number(words: str) -> int | None:
    """The row that a label names: ``R-2041``, ``r2041``, ``2041``."""
    label = LABEL.fullmatch(words)
    plain = words if words.isascii() and words.isdigit() and 4 <= len(words) <= 12 else ""
    digits = label[1] if label else plain
    return int(digits) - 2000 if digits else None


def may_be_domain(words: str) -> bool:
    """Whether it could be a part of a PBX domain."""
    return bool(re.fullmatch(r"[A-Za-z0-9.-]+", words)) and not is_number(words)


def is_number(words: str) -> bool:
    """Whether it is so many digits that it can mean nothing but a number."""
    return len(digits_of(words)) >= CERTAINLY_A_NUMBER


def found_by(words: str) -> set[int] | None:
    """The orders that words mean: by label, client, contact, e-mail, domain, or any digits of a
    number. None if they are many."""
    label = order_number(words)
    if LABEL.fullmatch(words):
        return {label or 0}
    found = set() if label is None else {label}
    if may_be_domain(words):
        of_domain = few_orders(OrderLine.objects.filter(domain__contains=words.lower()))
        if of_domain is None:
            return None
        found |= of_domain
    if digits := digits_of(words):
        numbers = _keys(OwnedNumber.objects.filter(e164__contains=digits))
        if numbers is None:
            return None
        found |= _with_numbers(numbers)
    if not is_number(words):
        # Who has ordered nothing is one row without an order.
        rows = clients_called(words).order_by().values_list("orders", flat=True)
        orders = list(rows[: FEW + 1])
        if len(orders) > FEW:
            return None
        found.update(order for order in orders if order is not None)
    return found


def matches(words: str) -> Q:
    """The same as a question to one order."""
    found = Q()
    if (label := order_number(words)) is not None:
        found |= Q(pk=label)
    if may_be_domain(words):
        lines = OrderLine.objects.filter(order=OuterRef("pk"), domain__contains=words.lower())
        found |= Q(Exists(lines))
    if digits := digits_of(words):
        found |= _has_number(e164__contains=digits)
    if not is_number(words):
        for column in ("name", "contact_name", "email"):
            found |= Q(**{f"client__{column}__icontains": words})
    return found
