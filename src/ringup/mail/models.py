"""The outbox: one row per mail that must go out, written in the transaction that causes it."""

from __future__ import annotations

from django.db import models

from ringup.core.fields import public_uid
from ringup.core.sealing import SealedField


class Outbox(models.Model):
    """One mail. ``key`` makes one mail per event; ``message_id`` stays the same at every attempt,
    since SMTP itself can repeat."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    uid = public_uid()
    key = models.CharField(max_length=120, unique=True)
    template = models.CharField(max_length=40)
    brand_id = models.BigIntegerField(db_index=True)
    client_id = models.BigIntegerField(null=True, db_index=True)
    subject_of = models.CharField(
        max_length=80, db_index=True, help_text="order:<uid> and the like"
    )
    to = models.EmailField()
    sender = models.CharField(max_length=150)
    subject = models.CharField(max_length=200)
    # Sealed: a mail may carry a link that signs in, or opens credentials once.
    text = SealedField()
    html = SealedField()
    message_id = models.CharField(max_length=250, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    sent = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "outbox"
        constraints = [
            models.CheckConstraint(
                name="mail_state_is_known",
                condition=models.Q(state__in=["waiting", "sent", "failed"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.to}"


class MailServer(models.Model):
    """The SMTP server that staff configured in the browser: one row, or none. Without it the
    ``RINGUP_SMTP_*`` settings count."""

    class Security(models.TextChoices):
        NONE = "none", "None (only on this machine)"
        STARTTLS = "starttls", "STARTTLS (usually port 587)"
        TLS = "tls", "TLS from the start (usually port 465)"

    uid = public_uid()
    is_the_one = models.BooleanField(default=True, unique=True, editable=False)
    host = models.CharField(max_length=150)
    port = models.PositiveIntegerField(default=587)
    security = models.CharField(max_length=8, choices=Security, default=Security.STARTTLS)
    user = models.CharField(max_length=150, blank=True)
    password = SealedField()
    tested = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
