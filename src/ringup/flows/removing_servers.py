"""Deleting a PBX server: refused while anything stands on it, and said what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from ringup.catalog.models import CarrierDefaults, Mapping
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.sentences import Refusal, counted
from ringup.pbx.models import PbxServer
from ringup.services.models import DomainClaim, Service

LISTED = 5  # of each sort; the rest is counted


@dataclass(frozen=True, slots=True)
class Users:
    """One sort of rows that stands on a server: what they are called, how many, the first names."""

    one: str
    many: str
    count: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        more = ", …" if self.count > len(self.names) else ""
        return f"{counted(self.count, self.one, self.many)} ({self.listed}{more})"

    @property
    def listed(self) -> str:
        return ", ".join(f"“{name}”" for name in self.names)


def users_of(server: PbxServer) -> list[Users]:
    """What keeps the server from being deleted; sorts without rows are left out. A draft in the shop
    does not: its tenant moves to another server, and its buyer sees the new address."""
    found = (_tenants(server), _ended(server), _mapped(server), _defaults(server))
    return [users for users in found if users.count]


def naming_counts() -> Counter[int]:
    """How many mappings and defaults name each server, by its key: two queries."""
    counts: Counter[int] = Counter()
    for model in (Mapping, CarrierDefaults):
        counts.update(model.objects.filter(server__isnull=False).values_list("server", flat=True))
    return counts


def remove_server(server: PbxServer, *, actor: Actor) -> None:
    """Delete a server that nothing stands on. Nothing on the PBX itself is touched."""
    uid, name = server.uid, server.name
    try:
        with transaction.atomic():
            if users := users_of(server):
                raise Refusal(
                    f"{name} cannot be deleted: {'; '.join(map(str, users))}. Nothing was changed. "
                    "Disable it instead: then it takes no new tenants, and those that it has go on."
                )
            PbxServer.objects.filter(pk=server.pk).delete()
            Activity.record(actor, f"server:{uid}", f"Deleted PBX server {name}")
    except (ProtectedError, IntegrityError) as error:
        # Somebody mapped or ordered between the look and the end.
        raise Refusal(
            f"{name} was taken into use this moment. Nothing was changed. Look again."
        ) from error


def _tenants(server: PbxServer) -> Users:
    rows = DomainClaim.objects.filter(server=server).order_by("domain")
    names = tuple(rows.values_list("domain", flat=True)[:LISTED])
    return Users("tenant", "tenants", rows.count(), names)


def _ended(server: PbxServer) -> Users:
    """Tenants of orders that ended: the history of an order names its server."""
    rows = Service.objects.filter(server=server, tenant=None, claim=None).order_by("name")
    names = tuple(rows.values_list("name", flat=True)[:LISTED])
    return Users("ended order", "ended orders", rows.count(), names)


def _mapped(server: PbxServer) -> Users:
    rows = Mapping.objects.filter(server=server).order_by("pk")
    first = rows.select_related("product", "bundle", "group")[:LISTED]
    names = tuple(str(row.product or row.bundle or row.group) for row in first)
    return Users("product mapping", "product mappings", rows.count(), names)


def _defaults(server: PbxServer) -> Users:
    rows = CarrierDefaults.objects.filter(server=server).order_by("account__name")
    names = tuple(rows.values_list("account__name", flat=True)[:LISTED])
    return Users("provider's default", "providers' defaults", rows.count(), names)
