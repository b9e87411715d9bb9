"""One search over everything that staff looks for by name: orders, clients, people, numbers, services.

Clients and people are few (tens of thousands) and are looked through, as are the narrow indexes of
numbers and domains: any part of a name, and any digits in a row, are found. A reader finds what the
role may open, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from ringup.accounts.models import Client, Membership, User
from ringup.accounts.roles import Can
from ringup.backoffice.orders.narrowing import (
    clients_called,
    digits_of,
    few_orders,
    is_number,
    may_be_domain,
    order_number,
)
from ringup.numbers.models import OwnedNumber
from ringup.orders.models import Order, OrderLine

SHORTEST = 2
# In the list below the box, and on the page.
FEW, MANY = 5, 25


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found, and what it belongs to."""

    text: str
    about: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind. ``has_more`` says that not all of it is shown."""

    title: str
    icon: str
    hits: list[Hit]
    has_more: bool


def search(words: str, reader: User, *, most: int) -> list[Group]:
    """The groups in which something was found, ``most`` of each."""
    if len(words) < SHORTEST:
        return []
    found = []
    for title, icon, needs, find in KINDS:
        if reader.can(needs):
            hits = list(find(words, most + 1))
            if hits:
                found.append(Group(title, icon, hits[:most], len(hits) > most))
    return found


def _orders(words: str, most: int) -> Iterator[Hit]:
    """By the label alone: what else an order is known by is found below, and leads to it."""
    number = order_number(words)
    if number is None or number > 2**62:
        return
    for order in Order.objects.filter(pk=number).select_related("client"):
        yield Hit(order.label, order.client.name, reverse("office:order", args=[order.uid]))


def _clients(words: str, most: int) -> Iterator[Hit]:
    if is_number(words):
        return
    for client in clients_called(words).order_by("-pk")[:most]:
        yield Hit(client.name, f"{client.contact_name}, {client.email}", _of_client(client))


def _people(words: str, most: int) -> Iterator[Hit]:
    if is_number(words):
        return
    places = Membership.objects.filter(
        Q(user__email__icontains=words)
        | Q(user__first_name__icontains=words)
        | Q(user__last_name__icontains=words)
    )
    for place in places.select_related("user", "client").order_by("-pk")[:most]:
        name = place.user.get_full_name()
        about = f"{place.client.name}, {place.get_role_display().lower()}"
        text = f"{name}, {place.user.email}" if name else place.user.email
        yield Hit(text, about, _of_client(place.client))


def _numbers(words: str, most: int) -> Iterator[Hit]:
    digits = digits_of(words)
    if not digits:
        return
    numbers = OwnedNumber.objects.filter(e164__contains=digits).select_related("client")
    for number in numbers.order_by("-pk")[:most]:
        about = f"{number.client.name}, {number.get_state_display().lower()}"
        yield Hit(number.words, about, reverse("office:owned-number", args=[number.uid]))


def _services(words: str, most: int) -> Iterator[Hit]:
    """Tenants by their domain, as they were ordered."""
    if not may_be_domain(words):
        return
    lines = OrderLine.objects.filter(domain__contains=words.lower())
    few = few_orders(lines)
    if few is not None:
        # Found by the index of domains; the newest first, PostgreSQL would look through all lines.
        lines = lines.filter(order__in=sorted(few)[-most:])
    known = lines.select_related("service", "order__client").defer(
        "quote", "service__wanted", "service__secrets_sealed"
    )
    for line in known.order_by("-order")[:most]:
        about = f"{line.order.client.name}, {line.service.get_state_display().lower()}"
        yield Hit(line.domain, about, f"{_of_client(line.order.client)}#services")


def _of_client(client: Client) -> str:
    return reverse("office:client", args=[client.uid])


KINDS: tuple[tuple[str, str, Can, Callable[[str, int], Iterator[Hit]]], ...] = (
    ("Orders", "inbox", Can.SEE_ORDERS, _orders),
    ("Clients", "users", Can.SEE_CLIENTS, _clients),
    ("People", "user", Can.SEE_CLIENTS, _people),
    ("Numbers", "phone", Can.SEE_NUMBERS, _numbers),
    ("Services", "server", Can.SEE_CLIENTS, _services),
)
