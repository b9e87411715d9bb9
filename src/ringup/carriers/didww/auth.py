"""Who we are to DIDWW: a strategy, because the API's next version admits by another one.

With 2026-04-16 the key goes along with every call. From 2026-11-19 on it buys a bearer token that lives
for minutes, and the key itself is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ringup.carriers.receiving import Answer

KEYS_VERSION = "2026-04-16"


class Wire(Protocol):
    """What a strategy may need of the client: one exchange with any address."""

    def exchange(
        self,
        method: str,
        url: str,
        *,
        what: str,
        writing: bool,
        headers: Mapping[str, str],
        content: bytes = b"",
    ) -> Answer: ...


class Authentication(Protocol):
    """``version`` of the API goes with it: it is asked for with every call, and must be answered."""

    version: str

    def headers(self, client: Wire) -> dict[str, str]:
        """The headers that admit one call. May ask outside first, through ``client.exchange``."""

    def forget(self) -> bool:
        """DIDWW answered 401: what was remembered is worth nothing any more. True where something else
        can be had, so that the call is worth one more try."""

    def secrets(self) -> tuple[str, ...]:
        """What must never stand in a message."""


class ApiKeyAuth:
    """The key itself, with every call. API version 2026-04-16."""

    version = KEYS_VERSION

    def __init__(self, key: str) -> None:
        self._key = key

    def headers(self, client: Wire) -> dict[str, str]:
        return {"Api-Key": self._key}

    def forget(self) -> bool:
        return False

    def secrets(self) -> tuple[str, ...]:
        return (self._key,)
