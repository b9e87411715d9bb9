"""Accounts at carriers: which adapter, which credentials, which environment."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models

from ringup.carriers.port import CarrierConnection
from ringup.carriers.reporting import ConnectionReport
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
    connect_timeout_seconds = models.FloatField(default=5.0)
    read_timeout_seconds = models.FloatField(default=30.0)
    is_enabled = models.BooleanField(default=True)
    support_contact = models.CharField(max_length=150, blank=True)
    # Below this balance staff is warned, by mail to the address beside it (else every owner's).
    low_balance = MoneyField(null=True)
    low_balance_email = models.EmailField(blank=True)
    # Retired: kept for the numbers that it serves, and never chosen again.
    is_retired = models.BooleanField(default=False)
    portal_url = models.URLField(blank=True)
    # What phones and clients are told instead of the carrier's own host.
    sip_host = models.CharField(max_length=150, blank=True)
    caller_id = models.CharField(max_length=16, blank=True)
    max_numbers_per_client = models.PositiveIntegerField(null=True, blank=True)
    is_first_number_free = models.BooleanField(default=False)
    # ISO codes on sale, and ``US-NY`` for regions; empty lists mean all that the carrier has.
    countries = models.JSONField(default=list, blank=True)
    regions = models.JSONField(default=list, blank=True)
    # The last connection test: its moment, and ``ConnectionReport`` as data, without secrets.
    tested = models.DateTimeField(null=True, blank=True)
    test_report = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_sandbox(self) -> bool:
        return self.environment == self.Environment.SANDBOX

    @property
    def takes_orders(self) -> bool:
        """Whether new orders may go to it."""
        return self.is_enabled and not self.is_retired

    @property
    def last_report(self) -> ConnectionReport | None:
        """What the last connection test found; None when nobody tested since the last change."""
        return ConnectionReport.from_data(self.test_report) if self.tested else None

    def tested_with(self) -> tuple[Any, ...]:
        """What a connection test speaks about: a change of it makes the last report worthless."""
        opened = self.open_secrets()
        return (self.environment, self.url, self.currency, self.identity, self.options, opened)

    @property
    def callback_url(self) -> str:
        """Where the carrier may call back (``carriers.hearing``); empty while nobody could reach us."""
        return f"{settings.RINGUP_URL}/hooks/carriers/{self.uid}/" if settings.RINGUP_URL else ""

    def set_secrets(self, secrets: dict[str, str]) -> None:
        """Seal the adapter's secret fields. Save the row afterwards."""
        self.secrets = json.dumps(secrets)

    def open_secrets(self) -> dict[str, str]:
        """The adapter's secret fields in clear. Never log them, never show them."""
        opened: dict[str, str] = json.loads(self.secrets or "{}")
        return opened

    def connection(self) -> CarrierConnection:
        """Addresses and secrets as the frozen value that an adapter gets."""
        return CarrierConnection(
            url=self.url,
            identity={str(k): str(v) for k, v in self.identity.items()},
            secrets=self.open_secrets(),
            options={str(k): str(v) for k, v in self.options.items()},
            currency=self.currency,
            connect_timeout_seconds=self.connect_timeout_seconds,
            read_timeout_seconds=self.read_timeout_seconds,
            calls_per_second=self.calls_per_second,
            sip_host=self.sip_host,
            caller_id=self.caller_id,
            callback_url=self.callback_url,
        )


class ProvenKind(models.Model):
    """A kind of carrier that is sandbox-only until tested, and that the owner has released for
    production. Without this row, production is refused in code."""

    kind = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=60)
    by_label = models.CharField(max_length=150)

    def __str__(self) -> str:
        return self.kind
