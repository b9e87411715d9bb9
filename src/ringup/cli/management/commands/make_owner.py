"""``ringup make_owner``: an owner from the shell, when nobody can sign in any more."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from ringup.accounts.passwords import set_password_path
from ringup.accounts.staffing import make_owner
from ringup.core.sentences import Refusal


class Command(BaseCommand):
    help = (
        "Make an owner, or make an existing member of staff an active owner again, and print a "
        "link on which the password is set."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="how a new owner is called")
        parser.add_argument(
            "--reset-two-factor",
            action="store_true",
            help="take away app, passkeys and recovery codes; all sessions end",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
            owner, is_new = make_owner(
                options["email"],
                name=options["name"][:150],
                reset_factors=options["reset_two_factor"],
            )
        except ValidationError as error:
            raise CommandError(f"{options['email']!r} is no e-mail address.") from error
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        lives = "14 days" if not owner.has_usable_password() else "two hours"
        self.stdout.write(
            f"{owner.email} is {'a new' if is_new else 'an active'} owner. Set the password here, "
            f"once, within {lives}:\n{settings.RINGUP_URL}{set_password_path(owner)}"
        )
