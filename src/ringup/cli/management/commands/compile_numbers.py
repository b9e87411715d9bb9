"""``ringup compile_numbers``: the search index of this host, now or whenever the stock changes."""

from __future__ import annotations

import signal
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ringup.core.sentences import counted
from ringup.jobs.tether import die_with_parent
from ringup.numbers import publishing
from ringup.numbers.following import Follower
from ringup.numbers.index import columns


class Command(BaseCommand):
    help = (
        "Compiles the search index of this host from the stock in the database. "
        "`ringup serve` does so by itself."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--follow",
            action="store_true",
            help="again whenever the stock changes, until SIGTERM or Ctrl-C: for other web servers",
        )
        parser.add_argument("--child", action="store_true", help="internal: dies with its parent")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["child"]:
            die_with_parent()
        if options["follow"]:
            self._follow()
            return
        began = time.monotonic()
        if not publishing.publish():
            self.stdout.write("The index is as new as the stock.")
            return
        path = publishing.index_file()
        count = columns.read(path).size
        self.stdout.write(f"{counted(count, 'number')} in {time.monotonic() - began:.1f} s: {path}")

    def _follow(self) -> None:
        follower = Follower()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: follower.stop())
        self.stdout.write(f"Following the stock: {publishing.index_file()}")
        follower.run()
