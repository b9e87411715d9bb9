"""A refusal that the person in front of the screen may read as it is."""

from __future__ import annotations


class Refusal(Exception):
    """A rule of ours says no. ``str(exc)`` is a plain sentence; ``field`` names the input, if one."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field
