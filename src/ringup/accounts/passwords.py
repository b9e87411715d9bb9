"""Signed links on which a login may set its password, once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import base36_to_int, urlsafe_base64_encode

from ringup.accounts.models import User

FORGOTTEN_LIVES = timedelta(hours=2)
EPOCH = datetime(2001, 1, 1)  # noqa: DTZ001 - Django's own, naive like its clock there


class PasswordTokens(PasswordResetTokenGenerator):
    """A login without a password may take its time (``PASSWORD_RESET_TIMEOUT``, fourteen days: the
    link waits in the confirmation of an order). A forgotten one is worth stealing: two hours.
    Switching a login off, or ending its sessions, ends its links too."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}/{user.session_generation}"

    def check_token(self, user: User | None, token: str | None) -> bool:
        if user is None or not token or not user.is_active:
            return False
        if not super().check_token(user, token):
            return False
        if not user.has_usable_password():
            return True
        made = EPOCH + timedelta(seconds=base36_to_int(token.partition("-")[0]))
        return self._now() - made <= FORGOTTEN_LIVES


password_tokens = PasswordTokens()


def set_password_path(user: User) -> str:
    """The signed, one-time path on which ``user`` may set a password."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("accounts:set-password", args=[uid, password_tokens.make_token(user)])
