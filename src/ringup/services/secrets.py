"""Generated secrets: made once, before any blueprint is read, and sealed on the service."""

from __future__ import annotations

import secrets
import string
from typing import Any

LETTERS_AND_DIGITS = string.ascii_letters + string.digits


def sip_password(length: int = 20) -> str:
    """Random letters and digits with at least one capital, one small letter and one digit.

    Only letters and digits: FusionPBX writes it unescaped into XML (reference, section 4), and
    VoIP.ms wants all three sorts (reference, section 8).
    """
    while True:
        text = "".join(secrets.choice(LETTERS_AND_DIGITS) for _ in range(length))
        if (
            any(map(str.isupper, text))
            and any(map(str.islower, text))
            and any(map(str.isdigit, text))
        ):
            return text


def voicemail_pin(length: int = 8) -> str:
    """Random digits."""
    return "".join(secrets.choice(string.digits) for _ in range(length))


def tenant_secrets(extensions: list[str], *, administrator_hash: str) -> dict[str, Any]:
    """All secrets of a tenant: trunk, each extension, and the administrator's bcrypt hash."""
    return {
        "administrator_hash": administrator_hash,
        "trunk_password": sip_password(),
        "extensions": {
            extension: {"sip": sip_password(), "pin": voicemail_pin()} for extension in extensions
        },
    }


def number_secrets() -> dict[str, Any]:
    """The secret of a number with its own SIP account."""
    return {"trunk_password": sip_password()}
