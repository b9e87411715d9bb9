"""Words for the person in front of the screen: refusals that may be read as they are, and places."""

from __future__ import annotations

from collections.abc import Iterable


class Refusal(Exception):
    """A rule of ours says no. ``str(exc)`` is a plain sentence; ``field`` names the input, if one."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def place_name(name: str) -> str:
    """The name of a place as people write it: some carriers shout (``SAN ANTONIO``)."""
    return name.title() if name.isupper() and len(name) > 3 else name


def counted(count: int, one: str, many: str = "") -> str:
    """``1 job``, ``3 jobs``, ``1,200 jobs``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def as_sentences(words: Iterable[str]) -> str:
    """What others said, one after the other, each with an end: carriers leave it out."""
    said = [text for word in words if (text := word.strip())]
    return " ".join(text if text[-1] in ".!?" else f"{text}." for text in said)
