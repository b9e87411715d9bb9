"""What a client owns and pays for. The wanted state says what it should be outside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from typing import Any, ClassVar

from django.db import models

from ringup.accounts.models import Brand, Client
from ringup.carriers.models import CarrierAccount
from ringup.core.fields import public_uid
from ringup.core.scoping import ClientRows
from ringup.core.sealing import SealedField
from ringup.numbers.models import OwnedNumber
from ringup.pbx.models import PbxServer
from ringup.regulatory.models import RegulatoryFile


class Service(models.Model):
    """One tenant or one number of a client.

    ``wanted`` is its wanted state without secrets (``services.wanted`` describes it); ``secrets``
    seals the generated passwords. ``generation`` rises when a removed one is built again. A
    number that lives in a tenant names it in ``tenant``; it is built with or beside it.
    """

    class Kind(models.TextChoices):
        TENANT = "tenant", "Hosted PBX"
        NUMBER = "number", "Number"

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        ACTIVE = "active", "Active"
        CANCELLED = "cancelled", "Cancelled"

    uid = public_uid()
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="services")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="services")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    generation = models.PositiveIntegerField(default=1)
    wanted = models.JSONField(default=dict)
    secrets = SealedField()
    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="services")
    server = models.ForeignKey(
        PbxServer, null=True, on_delete=models.PROTECT, related_name="services"
    )
    number = models.OneToOneField(
        OwnedNumber, null=True, on_delete=models.PROTECT, related_name="service"
    )
    tenant = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    # The papers of its (main) number, where that needs some.
    papers = models.OneToOneField(
        RegulatoryFile, null=True, on_delete=models.PROTECT, related_name="service"
    )
    created = models.DateTimeField(auto_now_add=True)
    activated = models.DateTimeField(null=True)

    objects = ClientRows.as_manager()

    # Every legal move, in one place. What is not here cannot happen.
    MOVES: ClassVar[Mapping[str, Set[str]]] = {
        State.PENDING: {State.ACTIVE, State.CANCELLED},
        State.ACTIVE: frozenset(),
        State.CANCELLED: frozenset(),
    }

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="services_kind_is_known", condition=models.Q(kind__in=["tenant", "number"])
            ),
            models.CheckConstraint(
                name="services_state_is_known",
                condition=models.Q(state__in=["pending", "active", "cancelled"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def open_secrets(self) -> dict[str, Any]:
        """The generated secrets, for building and for the one-time page. Never log them."""
        opened: dict[str, Any] = json.loads(self.secrets or "{}")
        return opened

    def set_secrets(self, secrets: dict[str, Any]) -> None:
        """Seal the generated secrets. Save the row afterwards."""
        self.secrets = json.dumps(secrets)


class DomainClaim(models.Model):
    """A tenant domain that a service has or is going to have: once per PBX server."""

    server = models.ForeignKey(PbxServer, on_delete=models.CASCADE, related_name="claims")
    domain = models.CharField(max_length=200)
    service = models.OneToOneField(Service, on_delete=models.CASCADE, related_name="claim")
    # The room that it takes on the server, beside its one tenant.
    extensions = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["server", "domain"], name="services_domain_claimed_once"
            )
        ]

    def __str__(self) -> str:
        return self.domain


class SecretLink(models.Model):
    """A link in a mail behind which a service's credentials can be read once.

    Only a keyed hash of the token is stored. Issuing another link ends the earlier ones.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="secret_links")
    token_digest = models.CharField(max_length=64, unique=True)
    expires = models.DateTimeField()
    opened = models.DateTimeField(null=True)
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"link to {self.service}, until {self.expires:%Y-%m-%d}"
