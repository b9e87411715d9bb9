"""Accounts at carriers: which adapter, which credentials, which environment."""

from __future__ import annotations

import json

from django.db import models

from ringup.carriers.port import CarrierConnection
from ringup.core.fields import MoneyField, public_uid
from ringup.core.sealing import SealedField


class CarrierAccount(models.Model):
    """Our account at one carrier ("provider" on staff's screens).

    ``identity`` and ``options`` are the adapter's declared fields; ``secrets`` is a sealed JSON object.
    """

    class Environment(models.TextChoices):
        SANDBOX = "sandbox", "Sandbox"
        PRODUCTION = "production", "Production"

    uid = public_uid()
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=80, unique=True)
    environment = models.CharField(max_length=10, choices=Environment, default=Environment.SANDBOX)
    url = models.URLField()
    identity = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    secrets = SealedField()
    currency = models.CharField(max_length=3, default="USD")
    calls_per_second = models.FloatField(default=1.0)
    read_timeout_seconds = models.FloatField(default=30.0)
    is_enabled = models.BooleanField(default=True)
    support_contact = models.CharField(max_length=150, blank=True)
    # Below this balance staff is warned.
    low_balance = MoneyField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_sandbox(self) -> bool:
        return self.environment == self.Environment.SANDBOX

    def set_secrets(self, secrets: dict[str, str]) -> None:
        """Seal the adapter's secret fields. Save the row afterwards."""
        self.secrets = json.dumps(secrets)

    def connection(self) -> CarrierConnection:
        """Addresses and secrets as the frozen value that an adapter gets."""
        return CarrierConnection(
            url=self.url,
            identity={str(k): str(v) for k, v in self.identity.items()},
            secrets=json.loads(self.secrets or "{}"),
            options={str(k): str(v) for k, v in self.options.items()},
            currency=self.currency,
            read_timeout_seconds=self.read_timeout_seconds,
            calls_per_second=self.calls_per_second,
        )
