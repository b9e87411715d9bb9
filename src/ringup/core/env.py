"""Settings from the environment: typed readers that refuse nonsense. ``NAME_FILE`` names a file."""

from __future__ import annotations

import os
from pathlib import Path


class BadSetting(Exception):
    """A setting is missing or makes no sense. The message names it and says what is expected."""


def env(name: str, default: str | None = None) -> str:
    """``RINGUP_<name>``, or the content of the file that ``RINGUP_<name>_FILE`` names."""
    full = f"RINGUP_{name}"
    if path := os.environ.get(f"{full}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise BadSetting(f"{full}_FILE: {path} cannot be read: {error.strerror}") from error
    value = os.environ.get(full, default)
    if value is None:
        raise BadSetting(f"{full} is not set. Set it, or {full}_FILE to the path of a file.")
    return value


def env_bool(name: str, *, default: bool) -> bool:
    value = env(name, "true" if default else "false").lower()
    if value not in {"true", "false", "1", "0", "yes", "no"}:
        raise BadSetting(f"RINGUP_{name} must be true or false, not {value!r}")
    return value in {"true", "1", "yes"}


def env_int(name: str, *, default: int) -> int:
    value = env(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise BadSetting(f"RINGUP_{name} must be a whole number, not {value!r}") from error


def env_list(name: str, *, default: str = "") -> list[str]:
    """A comma list, blanks dropped."""
    return [part.strip() for part in env(name, default).split(",") if part.strip()]
