"""``ringup parked``: the jobs that wait for a person, to be released or dropped."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.jobs import parking
from ringup.jobs.models import Job

ALL = "all"
COMMAND_LINE = Actor("ringup", "Command line")


class Command(BaseCommand):
    help = "List the parked jobs; let some of them run again, or drop them for good."

    def add_arguments(self, parser: CommandParser) -> None:
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--release", nargs="+", metavar="ID", help="numbers, or all")
        group.add_argument("--drop", nargs="+", metavar="ID", help="numbers, or all")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["release"]:
            self._end(options["release"], parking.release, "released")
        elif options["drop"]:
            self._end(options["drop"], parking.drop, "dropped")
        else:
            self._list()

    def _list(self) -> None:
        jobs = Job.objects.filter(parked=True).order_by("pk")
        for job in jobs:
            self.stdout.write(f"{job.pk}  {job.name}  {job.key or ''}  {job.arguments}")
            self.stdout.write(f"    {job.last_error}")
        if not jobs:
            self.stdout.write("No job is parked.")

    def _end(self, ids: list[str], verb: Any, word: str) -> None:
        jobs = Job.objects.filter(parked=True)
        if ids != [ALL]:
            if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in ids):
                raise CommandError("Give numbers of parked jobs, or all. Nothing was changed.")
            jobs = jobs.filter(pk__in=[int(text) for text in ids])
        done = 0
        with transaction.atomic():
            for job in jobs.order_by("pk"):
                done += verb(job.pk)
                Activity.record(COMMAND_LINE, f"job:{job.pk}", word, name=job.name, key=job.key)
        self.stdout.write(f"{done} jobs {word}.")
