"""``ringup restore``: a backup onto an empty installation; with ``--keys``, its keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ringup.cli.backup.carrying_keys import import_keys, key_path
from ringup.cli.backup.engines import VENDORS
from ringup.cli.backup.passphrases import VARIABLE, known_passphrase
from ringup.cli.backup.restoring import Restored, restore
from ringup.core.actors import Actor
from ringup.core.sentences import Refusal

COMMAND_LINE = Actor("ringup", "Command line")


class Command(BaseCommand):
    help = (
        "Restore a backup onto an empty installation: first its keys (--keys FILE), then the archive. "
        "Stop ringup serve and ringup worker before."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", help="what ringup backup wrote")
        parser.add_argument("--keys", action="store_true", help="the file holds keys")
        parser.add_argument(
            "--passphrase-file", default="", help=f"with --keys: a file that holds it ({VARIABLE})"
        )
        parser.add_argument(
            "--replace", metavar="NAME", default="", help="replace the database of this name"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["path"])
        try:
            if options["keys"]:
                names = import_keys(path, known_passphrase(options["passphrase_file"]))
                self.stdout.write(f"{key_path()} holds the keys {', '.join(names)}.")
            else:
                self._tell(restore(path, replace=options["replace"], actor=COMMAND_LINE))
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def _tell(self, restored: Restored) -> None:
        manifest, back = restored.manifest, restored.came_back
        vendor = VENDORS.get(manifest.vendor, manifest.vendor)
        say = self.stdout.write
        say(f"Restored the backup of {manifest.moment} (Ringup {manifest.ringup}, {vendor}).")
        if restored.kept:
            say(f"What was there before is kept: {restored.kept}")
        if restored.migrated:
            say(f"{restored.migrated} migrations brought it up to date.")
        if back.orders:
            say(f"Unfinished, and asking a person now: {', '.join(back.orders)}.")
        if back.jobs:
            say(
                f"{back.jobs} jobs wait for a person ({back.mails} mails among them): ringup parked"
            )
        say("Everybody signs in again. Next: ringup doctor, then ringup serve and ringup worker.")
