"""``ringup first_owner``: the address on which the first owner of a new installation is made."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ringup.accounts import first_owner


class Command(BaseCommand):
    help = "Print the address on which the first owner is made; it works until there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        if not first_owner.is_needed():
            raise CommandError("There is an owner already. Sign in, or ask the owner.")
        self.stdout.write(settings.RINGUP_URL + first_owner.path())
