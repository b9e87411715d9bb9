"""``ringup backup``: the database into one archive; with ``--keys``, the keys into a file apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ringup.cli.backup.carrying_keys import export_keys
from ringup.cli.backup.files import refuse_taken
from ringup.cli.backup.making import back_up
from ringup.cli.backup.passphrases import VARIABLE, new_passphrase
from ringup.core.actors import Actor
from ringup.core.sentences import Refusal

COMMAND_LINE = Actor("ringup", "Command line")


class Command(BaseCommand):
    help = (
        "Write the database into one archive, while everything goes on running. The encryption keys "
        "are never in it: they leave only by --keys, into a file of their own."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", help="a directory, or a file name (x.tar.gz) that is free")
        parser.add_argument(
            "--keys", action="store_true", help="write the keys, protected by a passphrase"
        )
        parser.add_argument(
            "--passphrase-file", default="", help=f"with --keys: a file that holds it ({VARIABLE})"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["path"])
        try:
            if options["keys"]:
                self._keys(path, options["passphrase_file"])
            else:
                self._database(path)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def _keys(self, path: Path, passphrase_file: str) -> None:
        refuse_taken(path)
        names = export_keys(path, new_passphrase(passphrase_file), actor=COMMAND_LINE)
        self.stdout.write(f"{path} holds the keys {', '.join(names)}.")
        self.stdout.write("Keep it and its passphrase away from the backups of the database.")

    def _database(self, path: Path) -> None:
        made = back_up(path, actor=COMMAND_LINE)
        self.stdout.write(f"{made.path} ({made.bytes / 1_000_000:.1f} MB)")
        if not made.is_noted:
            self.stderr.write("The Health page does not know of it: run ringup migrate.")
