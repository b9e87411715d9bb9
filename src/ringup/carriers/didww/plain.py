"""Text for people that the carrier sends with markup in it: only the words are kept."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# What begins a line of its own.
BLOCKS = frozenset({"p", "br", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4"})
SILENT = frozenset({"script", "style", "head", "title"})
MOST = 4_000

_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
# Everything that is no text: control characters, and those that turn the direction of writing.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def plain(markup: object) -> str:
    """The words, a line for each paragraph; empty for what is no text."""
    if not isinstance(markup, str):
        return ""
    words = _Words()
    words.feed(markup)
    words.close()
    text = _UNSEEN.sub("", "".join(words.found))
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()[:MOST]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent = self._silent or tag
        elif tag in BLOCKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""
        elif tag in BLOCKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)
