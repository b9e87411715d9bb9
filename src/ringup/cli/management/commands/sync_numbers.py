"""``ringup sync_numbers``: fetch what a provider has on sale now, and not when it is due."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ringup.carriers.models import CarrierAccount
from ringup.core.actors import Actor
from ringup.core.sentences import Refusal
from ringup.jobs import attending
from ringup.numbers import publishing, syncing
from ringup.numbers.models import Sync

COMMAND_LINE = Actor("ringup", "Command line")
_LOOK_SECONDS = 0.2
# A worker that was just started, or that starts again.
_PATIENCE_SECONDS = 60.0
NO_WORKER = (
    "No worker runs, so nothing is fetched. The pass waits in the queue. Start one: ringup worker"
)


class Command(BaseCommand):
    help = "Have what the providers have on sale fetched now. A worker does the work."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", default="", help="one provider, by its name (all)")
        parser.add_argument("--area", default="", help="one area of it, for example US/NY (all)")
        parser.add_argument(
            "--wait",
            action="store_true",
            help="until it is done and the search index of this host shows it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = _accounts(options["account"])
        if options["area"] and len(accounts) > 1:
            raise CommandError("Say which --account the area belongs to. Nothing was fetched.")
        try:
            passes = [
                syncing.begin(account, actor=COMMAND_LINE, scope=options["area"])
                for account in accounts
            ]
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if not options["wait"]:
            for account in accounts:
                self.stdout.write(f"{account.name}: asked for.")
            return
        ended = [self._ended(begun) for begun in passes]
        publishing.publish()
        if any(row.problem for row in ended):
            raise CommandError("What could not be fetched stays as it was.")

    def _ended(self, begun: Sync) -> Sync:
        """The pass when it has ended, its progress told on the way."""
        name, told = begun.account.name, -1
        no_later_than = time.monotonic() + _PATIENCE_SECONDS
        while True:
            row = Sync.objects.filter(pk=begun.pk).first()
            if row is None:
                raise CommandError(f"{name} was deleted meanwhile.")
            if row.finished is not None:
                self.stdout.write(f"{name}: {row.numbers} numbers in {row.areas_done} areas.")
                if row.problem:
                    self.stderr.write(f"{name}: {row.problem}")
                return row
            if row.areas and row.areas_done * 10 // row.areas != told:
                told = row.areas_done * 10 // row.areas
                self.stdout.write(f"{name}: {row.areas_done} of {row.areas} areas")
            if attending.living() or attending.running():
                no_later_than = time.monotonic() + _PATIENCE_SECONDS
            elif time.monotonic() > no_later_than:
                raise CommandError(NO_WORKER)
            time.sleep(_LOOK_SECONDS)


def _accounts(name: str) -> list[CarrierAccount]:
    accounts = list(CarrierAccount.objects.order_by("name"))
    if not name:
        found = [account for account in accounts if account.takes_orders]
        if not found:
            raise CommandError("No provider is in use. Nothing was fetched.")
        return found
    chosen = [account for account in accounts if account.name == name]
    if not chosen:
        known = ", ".join(account.name for account in accounts) or "none"
        raise CommandError(f"There is no provider {name!r}. Known: {known}. Nothing was fetched.")
    return chosen
