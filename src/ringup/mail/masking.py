"""Mails as others than their readers may see them: links that sign in or open something are blanked."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlsplit

from ringup.mail.models import Outbox

BLANK = "…blanked…"
# Long random words in any address: a second net, also for mails from before links were noted.
_TOKEN = re.compile(r"(https?://[^\s\"'<>]*?[/=])([A-Za-z0-9_:=.%-]{20,})(?=[/\s\"'<>?&#]|$)")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DOORS = re.compile(
    r"(/my/secrets/|/my/join/|/my/profile/e-mail/|/account/password/[^/\s\"'<>]+/)[^/\s\"'<>]+"
)


def masked_text(mail: Outbox) -> str:
    """The plain text without what opens anything; empty once it is erased."""
    return _masked(mail.text, mail.secrets.splitlines())


def masked_html(mail: Outbox) -> str:
    """The page without what opens anything; empty once it is erased."""
    secrets = mail.secrets.splitlines()
    return _masked(mail.html, [*secrets, *(escape(secret) for secret in secrets)])


def opens_something(mail: Outbox) -> bool:
    """Whether a link in it signs in or opens credentials."""
    return bool(mail.secrets) or bool(_DOORS.search(mail.text))


def _masked(text: str, secrets: list[str]) -> str:
    for secret in sorted(set(secrets), key=len, reverse=True):
        parts = urlsplit(secret)
        place = f"{parts.scheme}://{parts.netloc}/{BLANK}" if parts.netloc else BLANK
        text = text.replace(secret, place)
    text = _DOORS.sub(rf"\1{BLANK}", text)
    return _TOKEN.sub(lambda found: found[1] + _unless_name(found[2]), text)


def _unless_name(word: str) -> str:
    """An order's public id opens nothing without a sign-in."""
    return word if _UUID.fullmatch(word) else BLANK
