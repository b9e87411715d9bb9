"""``ringup worker``: run background jobs until stopped."""

from __future__ import annotations

import signal
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand
from django.db import connections

from ringup.jobs.supervising import Supervisor
from ringup.jobs.tether import die_with_parent
from ringup.jobs.working import Worker


class Command(BaseCommand):
    help = "Runs background jobs until SIGTERM or Ctrl-C, then finishes those that run."
    # The parent checks once that the key file fits the database; its children start quickly.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--processes", type=_count, default=2, help="jobs that run at the same time (2)"
        )
        parser.add_argument(
            "--queues", type=_names, default=(), help="only these, comma-separated (all)"
        )
        parser.add_argument("--child", action="store_true", help="internal: one worker process")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["child"]:
            _work(options["queues"])
            return
        self.check(tags=[Tags.database], databases=["default"])
        connections.close_all()
        Supervisor(options["processes"], options["queues"]).run()


def _work(queues: tuple[str, ...]) -> None:
    worker = Worker(queues)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: worker.drain())
    die_with_parent()
    worker.run()


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError("give a whole number from 1 up")
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if not names:
        raise ArgumentTypeError("give at least one queue")
    return names
