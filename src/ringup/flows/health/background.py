"""Work in the background: somebody works, schedules go on, and nothing is left lying."""

from __future__ import annotations

from django.conf import settings

from ringup.core.sentences import counted
from ringup.flows.health.findings import (
    Check,
    Group,
    Verdict,
    broken,
    doubtful,
    fine,
    listed,
)
from ringup.jobs import attending, clock
from ringup.jobs.models import Job, Schedule
from ringup.provisioning.models import Run

START = "Start it: ringup worker (docs/install.md has a unit for systemd)."
# A job that nobody took for so long: all workers are busy, or serve other queues.
LATE_SECONDS, VERY_LATE_SECONDS = 120.0, 900.0
# Of a schedule's interval; and what a worker may need to come back.
MISSED_SLOTS, GRACE_SECONDS = 3, 60


def workers() -> Verdict:
    """Whether a process looks for jobs."""
    alive, running = attending.living(), attending.running()
    if not alive and not running:
        return broken("No worker runs: nothing is provisioned and no mail goes out.", START)
    hosts = sorted({worker.host for worker in alive})
    busy = f", {counted(running, 'job')} running" if running else ""
    if alive and all(worker.queues for worker in alive):
        served = {queue for worker in alive for queue in worker.queues.split(",")}
        if "default" not in served:
            return broken(
                f"The workers serve only {listed(sorted(served))}, and most jobs wait in default.",
                "Start one for all queues: ringup worker",
            )
    processes = counted(len(alive), "process", "processes")
    return fine(f"{processes} on {listed(hosts) or 'a busy host'}{busy}.")


def schedules() -> Verdict:
    """Whether each schedule's last slot is recent, by the database's clock."""
    now = int(clock.now().timestamp())
    begun = dict(Schedule.objects.values_list("name", "last_slot"))
    late = [
        name
        for name, (_, seconds) in settings.RINGUP_SCHEDULES.items()
        if now - begun.get(name, -1) > MISSED_SLOTS * seconds + GRACE_SECONDS
    ]
    if late:
        return broken(
            f"Standing still: {listed(sorted(late))}.", f"Any worker begins them. {START}"
        )
    return fine(f"{counted(len(settings.RINGUP_SCHEDULES), 'schedule')} on time.")


def parked() -> Verdict:
    """Jobs that failed too often and wait for a person."""
    jobs = Job.objects.filter(parked=True).order_by("pk")
    count = jobs.count()
    if not count:
        return fine("None.")
    names = sorted(set(jobs.values_list("name", flat=True)))
    return doubtful(
        f"{counted(count, 'job waits', 'jobs wait')} for a person: {listed(names)}.",
        "Read why, then release or drop: ringup parked",
    )


def late() -> Verdict:
    """Jobs that nobody takes."""
    remedy = "Start more: ringup worker --processes 8. See also whether one job holds all of them."
    if very := attending.late(VERY_LATE_SECONDS):
        return broken(f"{counted(very, 'job')} due for over 15 minutes.", remedy)
    if some := attending.late(LATE_SECONDS):
        return doubtful(f"{counted(some, 'job')} due for over 2 minutes.", remedy)
    return fine("None is late.")


def stopped_runs() -> Verdict:
    """Orders whose provisioning stands still until staff decides."""
    states = (Run.State.FAILED, Run.State.ASKING, Run.State.UNDO_FAILED)
    count = Run.objects.filter(state__in=states).count()
    if count:
        return doubtful(
            f"{counted(count, 'order waits', 'orders wait')} for a decision of staff.",
            "Open them in the provisioning queue, under Failed.",
        )
    return fine("None waits for staff.")


def checks() -> list[Check]:
    group = Group.BACKGROUND
    return [
        Check(group, "Worker", workers),
        Check(group, "Schedules", schedules),
        Check(group, "Parked jobs", parked),
        Check(group, "Late jobs", late),
        Check(group, "Stopped orders", stopped_runs),
    ]
