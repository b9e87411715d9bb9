"""The activity log, and the fingerprint of the key that this database was written with."""

from __future__ import annotations

from typing import Any

from django.db import models

from ringup.core.actors import Actor


class Activity(models.Model):
    """One thing that somebody did. ``subject`` is ``order:<uid>`` and the like."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.CharField(max_length=60)
    actor_label = models.CharField(max_length=150)
    on_behalf_of = models.CharField(max_length=60, blank=True)
    subject = models.CharField(max_length=80)
    what = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "activities"
        # The log is read newest first, page by page, of one actor or about one subject.
        indexes = [
            models.Index(fields=["actor", "-id"], name="core_activity_by_actor"),
            models.Index(fields=["subject", "-id"], name="core_activity_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.what}"

    @classmethod
    def record(cls, actor: Actor, subject: str, what: str, **detail: Any) -> Activity:
        """Write one row in the caller's transaction. Never put a secret into ``detail``."""
        return cls.objects.create(
            actor=actor.name,
            actor_label=actor.label[:150],
            on_behalf_of=actor.on_behalf_of,
            subject=subject,
            what=what[:200],
            detail=detail,
        )


class KeyFingerprint(models.Model):
    """The name of a key that has sealed rows of this database. A key file without it is refused."""

    name = models.CharField(max_length=8, unique=True)
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
