"""FusionPBX's cache: files that never expire and are never overwritten, or a memcached.

A value stays until somebody deletes it, whatever the database says meanwhile (reference: 7.1).
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Protocol

_FILE_SIGNS = str.maketrans({":": ".", "/": "_", "\\": "_"})


class Cache(Protocol):
    """Values by key, such as ``dialplan:tenant.example``."""

    def get(self, key: str) -> str | None:
        """The stored value, or None."""

    def set(self, key: str, value: str) -> None:
        """Store ``value``."""


class FileCache:
    """One file per key in a directory, as the switch's Lua scripts keep it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, key: str) -> Path:
        """Where ``key`` is kept."""
        return self.directory / key.translate(_FILE_SIGNS)

    def get(self, key: str) -> str | None:
        try:
            return self.path(key).read_text()
        except FileNotFoundError:
            return None

    def set(self, key: str, value: str) -> None:
        """Store ``value`` unless the key exists. Deleted directories come back."""
        path = self.path(key)
        if path.exists():
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        written = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
        written.write_text(value)
        os.replace(written, path)


class MemoryCache:
    """A memcached as the switch's command ``memcache`` shows it."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self._values.get(key)

    def set(self, key: str, value: str) -> None:
        self._values[key] = value

    def command(self, arguments: str) -> str:
        """Answer ``memcache get|set|delete|flush …``."""
        verb, _, rest = arguments.partition(" ")
        key, _, value = rest.strip().partition(" ")
        if verb == "flush":
            self._values.clear()
            return "+OK"
        if verb == "set" and key:
            self._values[key] = value.strip("'")
            return "+OK"
        if verb == "get" and key in self._values:
            return self._values[key]
        if verb == "delete" and self._values.pop(key, None) is not None:
            return "+OK"
        return (
            "-ERR NOT FOUND" if verb in ("get", "delete") else "-USAGE: <get|set|delete|flush> ..."
        )
