"""What this part remembers: how the last checkups of the installation ended."""

from __future__ import annotations

from django.db import models


class Checkup(models.Model):
    """One look at everything that Ringup stands on. ``findings`` are ``health.Finding`` as data.

    ``under_way`` is True while it lasts and None afterwards: at most one lasts at a time. ``expected``
    is how many findings there will be.
    """

    started = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True)
    under_way = models.BooleanField(null=True, default=True, unique=True, editable=False)
    by_label = models.CharField(max_length=150)
    expected = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)

    class Meta:
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"checkup of {self.started:%Y-%m-%d %H:%M}"
