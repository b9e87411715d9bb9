"""Jobs waiting or running, the schedules that make them, and the processes that look for them.

Finished jobs leave no row.
"""

from __future__ import annotations

from django.db import models


class Job(models.Model):
    """One piece of background work that has not ended yet.

    ``owner`` is empty while it waits; while it runs, it names one claim of one worker process, and
    every statement of that run is conditional on it. All times are the database's own.
    """

    name = models.CharField(max_length=100)
    arguments = models.TextField(default="{}")
    key = models.CharField(max_length=200, null=True, unique=True)
    queue = models.CharField(max_length=40, default="default")
    due = models.DateTimeField()
    # Asked for again while it ran: it becomes due then, once this run has ended.
    next_due = models.DateTimeField(null=True)
    # Runs begun since it last succeeded, and how many of them ended with their worker's death.
    tries = models.IntegerField(default=0)
    deaths = models.IntegerField(default=0)
    owner = models.CharField(max_length=120, default="", blank=True)
    lease_until = models.DateTimeField(null=True)
    last_error = models.TextField(default="", blank=True)
    # It failed too often and waits for a person: see parking.py.
    parked = models.BooleanField(default=False)
    created = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["due", "id"], condition=models.Q(parked=False), name="jobs_in_due_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}" + (f" ({self.key})" if self.key else "")


class Schedule(models.Model):
    """The last slot of one entry of ``RINGUP_SCHEDULES`` for which a job was made.

    A slot is named by the second at which it begins, counted since 1970.
    """

    name = models.CharField(max_length=100, unique=True)
    last_slot = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return self.name


class WorkerSeen(models.Model):
    """A worker process that looks for jobs. It renews ``seen`` between jobs (see ``attending.py``);
    while it runs one, that job's lease tells that it lives. Times are the database's own."""

    host = models.CharField(max_length=100)
    pid = models.PositiveIntegerField()
    # The queues that it serves, comma-separated; empty for all.
    queues = models.CharField(max_length=200, default="", blank=True)
    seen = models.DateTimeField()

    class Meta:
        verbose_name_plural = "workers seen"
        constraints = [models.UniqueConstraint(fields=["host", "pid"], name="jobs_worker_once")]

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"
