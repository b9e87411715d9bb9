"""What a check tells while it looks: lines with the seconds since its start, and what must hold."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

SECONDS = 90.0


class NotSo(Exception):
    """Something that must hold does not."""


@dataclass
class Story:
    """What happened, line by line, with the seconds since the start."""

    began: float = field(default_factory=time.monotonic)

    def tell(self, line: str) -> None:
        print(f"  {time.monotonic() - self.began:6.1f} s  {line}", flush=True)

    def require(self, holds: bool, line: str) -> None:
        """Tell what holds, or stop."""
        if not holds:
            raise NotSo(line)
        self.tell(f"✓ {line}")


Found = TypeVar("Found")


def eventually(look: Callable[[], Found | None], what: str) -> Found:
    """Look until it is so, or say what never came."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.2)
    raise NotSo(f"{what}, within {SECONDS:.0f} s")


def json_of(url: str, **query: str) -> Any:
    return httpx.get(url, params=query or None, timeout=10).raise_for_status().json()
