"""Schedules: whoever looks first at a new slot makes its job, and nobody makes it twice.

A slot begins at every whole multiple of its interval, by the database's clock. Slots that pass
while no worker looks are not made up for: the latest one stands for all of them.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from ringup.jobs import clock
from ringup.jobs.enqueuing import enqueue
from ringup.jobs.models import Job, Schedule


def begin_due_slots() -> int:
    """Enqueue the job of each schedule whose current slot has none yet. Returns how many."""
    second = int(clock.now().timestamp())
    seen = dict(Schedule.objects.values_list("name", "last_slot"))
    begun = 0
    for name, (job, every_seconds) in settings.RINGUP_SCHEDULES.items():
        slot = second - second % every_seconds
        if name not in seen:
            Schedule.objects.bulk_create([Schedule(name=name)], ignore_conflicts=True)
        if seen.get(name, -1) < slot:
            begun += begin(name, job, slot)
    return begun


def begin(name: str, job: str, slot: int) -> bool:
    """Enqueue the job of one slot, unless somebody has begun this slot or a later one."""
    with transaction.atomic():
        first = Schedule.objects.filter(name=name, last_slot__lt=slot).update(last_slot=slot)
        if first:
            enqueue(job, key=f"{name}@{slot}")
    return bool(first)


def forget_parked_before(key: str | None) -> None:
    """Keep only the newest parked job of a schedule: one that always fails must not pile up."""
    name, _, slot = (key or "").rpartition("@")
    if name in settings.RINGUP_SCHEDULES:
        parked = Job.objects.filter(parked=True, key__startswith=f"{name}@")
        parked.exclude(key=f"{name}@{slot}").delete()
