"""Errors in few words, without the secrets that outside systems like to quote back."""

from __future__ import annotations

import re
import traceback

_TELLTALES = r"passw(?:or)?d|pwd|secret|token|api[_-]?key|authorization|credential|\bpin\b"
_PATTERNS = [
    # user:password@host in an address
    (re.compile(r"(://[^\s:/@]{0,100}:)[^\s/@]{1,200}@"), r"\1***@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 ***"),
    # password=…, "api_key": "…", Authorization: …
    (
        re.compile(
            rf"(?i)([\w-]{{0,20}}(?:{_TELLTALES})[\w-]{{0,20}}[\"']?\s{{0,3}}[=:]\s{{0,3}})"
            r"(\"[^\"]*\"|'[^']*'|[^\s,;&)}\]]+)"
        ),
        r"\1***",
    ),
]


def redact(text: str) -> str:
    """``text`` with passwords, tokens and keys replaced by ``***``. A net, not a licence."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def brief(error: BaseException, *, length: int = 500) -> str:
    """An error for staff and for the log: its type and its message, redacted and cut."""
    # Cut twice: long texts (whole pages) would cost time, and the marks change the length.
    # A database quotes whole rows behind DETAIL; PostgreSQL text must not hold NUL.
    message = str(error)[: 2 * length].partition("DETAIL:")[0].replace("\0", "").strip()
    return redact(f"{type(error).__name__}: {message}".rstrip(": "))[:length]


def whereabouts(error: BaseException, *, frames: int = 12) -> str:
    """The last lines of code that an error passed, without any values."""
    return "".join(traceback.format_tb(error.__traceback__)[-frames:]).rstrip()
