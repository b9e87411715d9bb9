"""PBX servers: how to reach one, and what its tenants get."""

from __future__ import annotations

import json

from django.db import models

from ringup.core.fields import public_uid
from ringup.core.sealing import SealedField
from ringup.pbx.port import PbxConnection


class PbxServer(models.Model):
    """One PBX that hosts tenants. ``secrets`` seals ``{"dsn": …, "event_password": …}``."""

    class Environment(models.TextChoices):
        SANDBOX = "sandbox", "Sandbox"
        PRODUCTION = "production", "Production"

    uid = public_uid()
    kind = models.CharField(max_length=20, default="fusionpbx")
    name = models.CharField(max_length=80, unique=True)
    environment = models.CharField(max_length=10, choices=Environment, default=Environment.SANDBOX)
    # What phones are told: public SIP host and ports, and the suffix of every tenant's domain.
    sip_host = models.CharField(max_length=150)
    sip_port = models.PositiveIntegerField(default=5060)
    sip_tls_port = models.PositiveIntegerField(default=5061)
    domain_suffix = models.CharField(
        max_length=150, help_text="pbx.example.com: tenants are acme.pbx.example.com"
    )
    # How we reach it.
    secrets = SealedField()
    event_host = models.CharField(max_length=150, default="127.0.0.1")
    event_port = models.PositiveIntegerField(default=8021)
    cache_dir = models.CharField(max_length=300, blank=True, default="/var/cache/fusionpbx")
    recordings_dir = models.CharField(
        max_length=300, blank=True, default="/var/lib/freeswitch/recordings"
    )
    voicemail_dir = models.CharField(
        max_length=300, blank=True, default="/var/lib/freeswitch/storage/voicemail"
    )
    template_domain = models.CharField(max_length=150, blank=True)
    access_list = models.CharField(max_length=60, default="providers")
    # What it can carry.
    max_tenants = models.PositiveIntegerField(default=200)
    time_zone = models.CharField(max_length=60, default="America/New_York")
    language = models.CharField(max_length=10, default="en-us")
    is_enabled = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_sandbox(self) -> bool:
        return self.environment == self.Environment.SANDBOX

    def set_secrets(self, *, dsn: str, event_password: str) -> None:
        """Seal how we reach database and event socket. Save the row afterwards."""
        self.secrets = json.dumps({"dsn": dsn, "event_password": event_password})

    def connection(self) -> PbxConnection:
        """Addresses and secrets as the frozen value that an adapter gets."""
        secrets = json.loads(self.secrets or "{}")
        return PbxConnection(
            dsn=secrets.get("dsn", ""),
            event_host=self.event_host,
            event_port=self.event_port,
            event_password=secrets.get("event_password", ""),
            cache_dir=self.cache_dir,
            recordings_dir=self.recordings_dir,
            voicemail_dir=self.voicemail_dir,
            template_domain=self.template_domain,
            access_list=self.access_list,
        )
