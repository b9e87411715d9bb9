"""Keeps the tokens of one-time links out of the log: Django names the path of every refused request."""

from __future__ import annotations

import logging
import re

_TOKENS = re.compile(
    r"(/my/secrets/|/my/join/|/my/profile/e-mail/|/account/password/[^/\s]+/)[^/\s]+"
)


class WithoutTokens(logging.Filter):
    """Replaces the token in the address of a one-time link by ``…``. Never drops a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        line = record.getMessage()
        if _TOKENS.search(line):
            record.msg, record.args = _TOKENS.sub(r"\1…", line), None
        return True
