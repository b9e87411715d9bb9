"""The outbox: one row per mail that must go out, written in the transaction that causes it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from ringup.core.fields import public_uid
from ringup.core.sealing import SealedField


class Outbox(models.Model):
    """One mail. ``key`` makes one mail per event; ``message_id`` stays the same at every attempt,
    since SMTP itself can repeat."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        # Told by the provider later: the mail came back, or its reader called it spam.
        BOUNCED = "bounced", "Bounced"
        COMPLAINED = "complained", "Complained"

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
    # The links among its words that sign in or open credentials, one a line: whoever reads the log
    # sees them blanked.
    secrets = SealedField()
    language = models.CharField(max_length=10, default="en")
    message_id = models.CharField(max_length=250, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)
    # Staff had it tried again then: patience begins anew.
    asked = models.DateTimeField(null=True)
    sent = models.DateTimeField(null=True)
    bounced = models.DateTimeField(null=True)
    bounce = models.TextField(blank=True, help_text="why it came back, in the provider's words")
    # When its words were erased: their time was over.
    erased = models.DateTimeField(null=True)
    # The ``uid`` of the mail that this one repeats.
    repeats = models.UUIDField(null=True)

    class Meta:
        verbose_name_plural = "outbox"
        constraints = [
            models.CheckConstraint(
                name="mail_state_is_known",
                condition=models.Q(
                    state__in=["waiting", "sent", "failed", "bounced", "complained"]
                ),
            )
        ]
        # 200,000 rows are looked through by these, never by the rows with their words.
        indexes = [
            models.Index(fields=["state", "id"], name="mail_by_state"),
            models.Index(fields=["template", "id"], name="mail_by_template"),
            models.Index(fields=["erased", "created"], name="mail_to_erase"),
            models.Index(fields=["id", "to", "subject"], name="mail_by_words"),
            models.Index(Lower("to"), name="mail_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.to}"


class MailTemplate(models.Model):
    """A brand's own words for one mail in one language, instead of the delivered ones."""

    uid = public_uid()
    brand_id = models.BigIntegerField()
    event = models.CharField(max_length=40, help_text="the name of a declared mail")
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    changed = models.DateTimeField(auto_now=True)
    changed_by = models.CharField(max_length=150)
    # Why the last mail could not be written with it, and when; it went out in the delivered words.
    fault = models.CharField(max_length=300, blank=True)
    failed = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brand_id", "event", "language"], name="mail_template_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} ({self.language})"


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
