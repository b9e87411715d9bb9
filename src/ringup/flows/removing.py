"""Deleting what others may stand on: refused while they do, and said who they are."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Count, ProtectedError
from django.utils import timezone

from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import Mapping
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.phones import shown
from ringup.core.sentences import Refusal, counted
from ringup.numbers.models import Hold, OwnedNumber, OwnStock
from ringup.orders.models import Order
from ringup.services.models import Service

LISTED = 20  # of each sort; the rest is counted


@dataclass(frozen=True, slots=True)
class Thing:
    """One row that stands on an account. ``order`` is the order to open, where there is one."""

    words: str
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Users:
    """One sort of rows: how many, and the first of them. ``sort`` is one of ``mapping``,
    ``service``, ``number``, ``shelf``, ``hold``."""

    sort: str
    one: str
    many: str
    count: int
    things: list[Thing] = field(default_factory=list)

    @property
    def words(self) -> str:
        """``2 numbers``"""
        return counted(self.count, self.one, self.many)

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.things)


def users_of(account: CarrierAccount) -> list[Users]:
    """What keeps the account from being deleted; sorts without rows are left out."""
    found = [
        _mappings(account),
        _services(account),
        _numbers(account),
        _shelf(account),
        _holds(account),
    ]
    return [users for users in found if users.count]


def serves_anybody(account: CarrierAccount) -> bool:
    """Whether clients' numbers or services stand on it."""
    numbers = OwnedNumber.objects.filter(account=account).exclude(state=OwnedNumber.State.RELEASED)
    services = Service.objects.filter(account=account).exclude(state=Service.State.CANCELLED)
    return numbers.exists() or services.exists()


def counts_by_account() -> dict[int, dict[str, int]]:
    """How many mappings, and numbers that are not given back, each account has: three queries."""
    counts: dict[int, dict[str, int]] = {}
    sorts = {
        "mappings": Mapping.objects.filter(account__isnull=False),
        "numbers": OwnedNumber.objects.exclude(state=OwnedNumber.State.RELEASED),
        "services": Service.objects.exclude(state=Service.State.CANCELLED),
    }
    for sort, rows in sorts.items():
        for key, count in rows.values_list("account").annotate(Count("pk")).order_by():
            counts.setdefault(key, {})[sort] = count
    return counts


def delete_account(account: CarrierAccount, *, actor: Actor) -> None:
    """Delete an account that nothing stands on; its price rules and PBX defaults go with it."""
    uid, name = account.uid, account.name
    try:
        with transaction.atomic():
            users = users_of(account)
            if users:
                listed = ", ".join(found.words for found in users)
                raise Refusal(
                    f"{name} cannot be deleted while it is in use: {listed}. Nothing was changed. "
                    "Retire it instead: then it gets no new orders and serves the existing ones."
                )
            CarrierAccount.objects.filter(pk=account.pk).delete()
            Activity.record(actor, f"carrier:{uid}", f"Deleted provider {name}")
    except (ProtectedError, IntegrityError) as error:
        # Somebody mapped or ordered between the look and the end.
        raise Refusal(
            f"{name} was taken into use this moment. Nothing was changed. Look again."
        ) from error


def _mappings(account: CarrierAccount) -> Users:
    rows = Mapping.objects.filter(account=account).select_related("product", "bundle", "group")
    things = [Thing(str(row.product or row.bundle or row.group)) for row in rows[:LISTED]]
    return Users("mapping", "product mapping", "product mappings", rows.count(), things)


def _services(account: CarrierAccount) -> Users:
    """Every service came from an order and is listed with it: pending ones are orders at work."""
    rows = Service.objects.filter(account=account, tenant__isnull=True).order_by("-pk")
    things = []
    for row in rows.select_related("line__order")[:LISTED]:
        order = row.line.order if hasattr(row, "line") else None
        words = f"{row.name}, {row.get_state_display().lower()}"
        things.append(Thing(f"{order.label}: {words}" if order else words, order))
    return Users("service", "order or service", "orders and services", rows.count(), things)


def _numbers(account: CarrierAccount) -> Users:
    rows = OwnedNumber.objects.filter(account=account).select_related("client").order_by("-pk")
    things = [
        Thing(f"{row.words}, {row.client.name}, {row.get_state_display().lower()}")
        for row in rows[:LISTED]
    ]
    return Users("number", "number", "numbers", rows.count(), things)


def _shelf(account: CarrierAccount) -> Users:
    """What the reseller owns there, withdrawn or not: it can be moved to another provider."""
    rows = OwnStock.objects.filter(account=account).order_by("e164")
    things = [Thing(shown(row.e164)) for row in rows[:LISTED]]
    return Users(
        "shelf", "number of your own stock", "numbers of your own stock", rows.count(), things
    )


def _holds(account: CarrierAccount) -> Users:
    """Numbers that somebody in the shop is ordering now."""
    live = Hold.objects.filter(account=account).exclude(
        state=Hold.State.HELD, expires__lte=timezone.now()
    )
    things = [Thing(shown(row.e164)) for row in live[:LISTED]]
    return Users("hold", "number held by a buyer", "numbers held by buyers", live.count(), things)
