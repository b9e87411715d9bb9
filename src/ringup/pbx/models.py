"""PBX servers, how to reach one, and what its tenants get; templates of what we write there."""

from __future__ import annotations

import json

from django.db import models

from ringup.core.fields import public_uid
from ringup.core.sealing import SealedField
from ringup.pbx.last_test import LastTest
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
    max_extensions = models.PositiveIntegerField(default=5000)
    # Claimed by our orders: raised and lowered by conditional updates, never read and written back.
    claimed_tenants = models.PositiveIntegerField(default=0)
    claimed_extensions = models.PositiveIntegerField(default=0)
    # Addresses (CIDR) from which the PBX calls out: some carriers want them.
    egress_addresses = models.JSONField(default=list, blank=True)
    country = models.CharField(max_length=2, blank=True)
    time_zone = models.CharField(max_length=60, default="America/New_York")
    language = models.CharField(max_length=10, default="en-us")
    is_enabled = models.BooleanField(default=True)
    # The last connection test: its moment, and ``last_test`` as data, without secrets.
    tested = models.DateTimeField(null=True, blank=True)
    test_report = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_sandbox(self) -> bool:
        return self.environment == self.Environment.SANDBOX

    @property
    def last_test(self) -> LastTest:
        """What the last test found; empty before the first."""
        return LastTest.from_data(self.test_report)

    @property
    def room(self) -> int:
        """How many more tenants fit, beside those that we have promised and those of others."""
        taken = self.claimed_tenants + self.test_report.get("others_tenants", 0)
        return max(0, self.max_tenants - int(taken))

    @property
    def room_for_extensions(self) -> int:
        """How many more extensions fit, counted alike."""
        taken = self.claimed_extensions + self.test_report.get("others_extensions", 0)
        return max(0, self.max_extensions - int(taken))

    def has_room(self, extensions: int) -> bool:
        """Whether one more tenant with so many extensions fits."""
        return self.room > 0 and self.room_for_extensions >= extensions

    def tested_with(self) -> tuple[object, ...]:
        """All that a test looks at: when it changes, the last test says nothing any more."""
        names = (self.sip_host, self.sip_tls_port, self.domain_suffix, self.environment)
        return (self.kind, self.connection(), *names)

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


class PbxTemplate(models.Model):
    """Values that orders bring to the PBX: of a gateway, an inbound or outbound route, or an access
    list. ``values`` are the fields that ``pbx.merging`` declares for the kind; their merge fields
    (``{domain}``) are filled in with the order's values."""

    class Kind(models.TextChoices):
        GATEWAY = "gateway", "Gateway"
        INBOUND = "inbound", "Inbound route"
        OUTBOUND = "outbound", "Outbound route"
        ACCESS = "access", "Access list"

    uid = public_uid()
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=80)
    note = models.CharField(max_length=200, blank=True)
    values = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="pbx_template_name_once"),
            models.CheckConstraint(
                name="pbx_template_kind_is_known",
                condition=models.Q(kind__in=["gateway", "inbound", "outbound", "access"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name
