"""What a check is, what it says, and how it is kept from saying a secret."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from ringup.jobs.redacting import redact

_LONGEST_SENTENCE = 400
# Shorter ones would blank out words that are none.
_SHORTEST_SECRET = 4


class State(enum.StrEnum):
    """How it stands, from good to bad. ``unknown`` is what could not be looked at."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    ERROR = "error"

    @property
    def weight(self) -> int:
        return list(State).index(self)


class Group(enum.StrEnum):
    """The headings, in the order in which they are shown."""

    GROUND = "Ground"
    BACKGROUND = "Work in the background"
    PROVIDERS = "Providers"
    STOCK = "Numbers on sale"
    SERVERS = "PBX servers"
    MAIL = "Mail"
    SELLING = "Selling"
    PEOPLE = "People"
    BACKUPS = "Backups"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A state, a sentence about what was found, and what to do about it."""

    state: State
    sentence: str
    remedy: str = ""


def fine(sentence: str) -> Verdict:
    return Verdict(State.OK, sentence)


def doubtful(sentence: str, remedy: str) -> Verdict:
    return Verdict(State.WARNING, sentence, remedy)


def broken(sentence: str, remedy: str) -> Verdict:
    return Verdict(State.ERROR, sentence, remedy)


def untold(sentence: str, remedy: str = "") -> Verdict:
    return Verdict(State.UNKNOWN, sentence, remedy)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. An outside one reaches beyond this machine and its database: it runs in a
    thread of its own, with all that it needs from the database already in its hands.

    ``secrets`` opens what must not appear in its sentences, whatever the outside quotes.
    """

    group: Group
    name: str
    look: Callable[[], Verdict]
    is_outside: bool = False
    needs_database: bool = True
    secrets: Callable[[], Iterable[str]] = tuple


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and how long it looked."""

    group: str
    name: str
    state: State
    sentence: str
    remedy: str
    milliseconds: int

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """What ``as_data`` gave, perhaps by an older version."""
        return cls(
            group=str(data["group"]),
            name=str(data["name"]),
            state=State(data["state"]),
            sentence=str(data["sentence"]),
            remedy=str(data["remedy"]),
            milliseconds=int(data["milliseconds"]),
        )


def finding(
    check: Check, verdict: Verdict, *, milliseconds: int, secrets: Iterable[str]
) -> Finding:
    """The verdict as a finding, its words cleaned."""
    hidden = sorted({word for word in secrets if len(word) >= _SHORTEST_SECRET}, key=len)
    sentence, remedy = (_clean(text, hidden) for text in (verdict.sentence, verdict.remedy))
    return Finding(check.group, check.name, verdict.state, sentence, remedy, milliseconds)


def _clean(text: str, secrets: list[str]) -> str:
    """One line without secrets and control characters. The longest secret first: it may hold others."""
    for secret in reversed(secrets):
        text = text.replace(secret, "***")
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    text = redact(" ".join(text.split()))
    text = text[:1].upper() + text[1:]
    return text if len(text) <= _LONGEST_SENTENCE else f"{text[: _LONGEST_SENTENCE - 1]}…"


def worst(findings: Iterable[Finding]) -> State:
    """The worst state among them; ok for none."""
    return max((f.state for f in findings), key=lambda state: state.weight, default=State.OK)


def listed(names: Iterable[str], *, most: int = 5) -> str:
    """The first few names, and how many more there are."""
    all_names = list(names)
    more = len(all_names) - most
    return ", ".join(all_names[:most]) + (f" and {more} more" if more > 0 else "")
