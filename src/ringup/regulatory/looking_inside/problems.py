"""Why a file is not taken: one word each; ``regulatory.sound_files`` has the sentences."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Problem(enum.StrEnum):
    """What is wrong with a file."""

    BROKEN = "broken"
    TOO_MANY_PIXELS = "too-many-pixels"
    TOO_SMALL = "too-small"
    LOCKED = "locked"
    ACTIVE = "active"
    ATTACHED = "attached"
    TOO_MANY_PAGES = "too-many-pages"
    EMPTY = "empty"
    HEAVY = "heavy"


class Unsound(Exception):
    """The file is not taken."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Looked:
    """What came out: the file as it may be kept, and a PNG of its first page."""

    media_type: str
    pages: int
    clean: bytes
    preview: bytes
