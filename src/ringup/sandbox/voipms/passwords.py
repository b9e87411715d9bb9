"""The rules for SIP passwords, each with its own status."""

from __future__ import annotations

import re

from ringup.sandbox.voipms.statuses import StatusError

ALLOWED = re.compile(r"[A-Za-z0-9!#$%&/()=?*\[\]_:.,{}+\-]+")
SHORTEST = 8
RULES = (
    (re.compile(r"[A-Z]"), "invalid_password_missing_uppercase"),
    (re.compile(r"[a-z]"), "invalid_password_missing_lowercase"),
    (re.compile(r"[0-9]"), "invalid_password_missing_number"),
)
# A stand-in for the carrier's list of common passwords, which nobody outside knows.
WEAK = frozenset({"Password1", "Passw0rd", "Qwerty123", "Welcome1", "Abcd1234"})


def check_password(password: str) -> None:
    """Raises the status of the first rule that ``password`` breaks."""
    if not ALLOWED.fullmatch(password):
        raise StatusError("invalid_password_ilegal_characters")
    if len(password) < SHORTEST:
        raise StatusError("invalid_password_lessthan_8characters_long")
    for pattern, status in RULES:
        if not pattern.search(password):
            raise StatusError(status)
    if password in WEAK:
        raise StatusError("weak_password")
