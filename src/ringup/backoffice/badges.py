"""What staff's lists have in common: coloured words with an icon, and the chips that filter by them."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.catalog.mapped import Status


@dataclass(frozen=True, slots=True)
class Badge:
    """Tone and icon of the design, and the word, which only staff reads."""

    tone: str
    icon: str
    word: str

    @property
    def client_word(self) -> str:
        return self.word


@dataclass(frozen=True, slots=True)
class Chip:
    """One value to filter by, with its count. ``query`` is the address of that list behind the ``?``."""

    word: str
    count: int
    query: str
    is_current: bool


# The specification's three badges of a mapping.
MAPPINGS = {
    Status.DEFAULT: Badge("grey", "minus-circle", "Default"),
    Status.MAPPED: Badge("green", "link", "Mapped"),
    Status.INVALID: Badge("yellow", "alert", "Invalid"),
}
