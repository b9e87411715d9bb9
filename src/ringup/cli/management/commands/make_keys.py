"""``ringup make_keys``: the key file of a new installation. An existing one is left as it is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ringup.core.keys import create_key_file, read_keyring


class Command(BaseCommand):
    help = "Make the key file (RINGUP_KEY_PATH) where there is none; print its fingerprint."
    # The checks refuse to go on without the file that this makes.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.RINGUP_KEY_FILE
        is_new = not path.exists()
        create_key_file(path)
        word = "Made" if is_new else "Kept"
        self.stdout.write(f"{word} {path}, newest key {read_keyring(path).fingerprint}")
        if is_new:
            self.stdout.write("Keep a copy away from the backups: ringup backup --keys FILE")
