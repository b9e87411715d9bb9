"""Tokens of links in mails. The database knows a keyed hash, never the token."""

from __future__ import annotations

import secrets

from ringup.core.fields import keyring


def new_token() -> str:
    """Unguessable, and good in a path."""
    return secrets.token_urlsafe(24)


def digest_of(token: str, *, purpose: str) -> str:
    """What is stored of it. A token of one purpose is worth nothing for another."""
    return keyring().digest(token, purpose=purpose)
