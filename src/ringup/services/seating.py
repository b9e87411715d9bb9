"""How a new PBX is laid out: which extensions it gets, whose they are, and which one rings first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ringup.core.sentences import Refusal
from ringup.services.wanted import FIRST_EXTENSION, WantedExtension

# Numbers for help, here or abroad: a phone may send them out before the PBX sees an extension.
EMERGENCY_NUMBERS = frozenset({"911", "933", "988", "112", "999"})
# Where FusionPBX parks calls.
PARKING = range(5900, 6000)
DIGITS = (
    "Type 3 to 5 digits that do not begin with 0, for example 200 or 1001. Codes with * or # are the "
    "PBX's own."
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who sits at an extension. An empty name is the extension's own; voicemail is mailed to
    ``email``, if there is one."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Seating:
    """``people`` are in the order of the extensions, from ``first``; who is not there has no name
    yet. The main number rings the extension at place ``ring``, counted from 0."""

    first: int = FIRST_EXTENSION
    people: tuple[Person, ...] = ()
    ring: int = 0

    def as_answers(self) -> dict[str, Any]:
        people = [{"name": person.name, "email": person.email} for person in self.people]
        return {"first_extension": self.first, "people": people, "ring": self.ring}

    @classmethod
    def from_answers(cls, answers: dict[str, Any], *, contact: Person) -> Seating:
        """What a draft's answers say; of what they do not say, the usual: the contact is the first."""
        people = answers.get("people")
        return cls(
            first=answers.get("first_extension", FIRST_EXTENSION),
            people=(contact,) if people is None else tuple(Person(**row) for row in people),
            ring=answers.get("ring", 0),
        )

    def extension(self, place: int) -> str:
        return str(self.first + place)

    def extensions(self, seats: int) -> tuple[WantedExtension, ...]:
        """Each with its name; who has none yet is called as his extension."""
        people = [*self.people[:seats], *[Person()] * (seats - len(self.people))]
        return tuple(
            WantedExtension(number, person.name or f"Extension {number}", person.email)
            for number, person in ((self.extension(n), one) for n, one in enumerate(people))
        )

    def rings(self, seats: int) -> str:
        """The extension that rings first; the first one where the chosen has gone with its seat."""
        return self.extension(self.ring if self.ring < seats else 0)


def check_first(text: str, seats: int, *, field: str) -> int:
    """The first of ``seats`` extensions in a row, or a refusal that says what to type instead."""
    if not (text.isascii() and text.isdigit() and 3 <= len(text) <= 5 and text[0] != "0"):
        raise Refusal(DIGITS, field=field)
    first = int(text)
    last = first + seats - 1
    if len(str(last)) != len(text):
        most = 10 ** len(text) - seats
        advice = f"Begin at {most} or lower" if most >= 10 ** (len(text) - 1) else "Use more digits"
        raise Refusal(
            f"{seats} extensions from {first} would end at {last}, which has more digits. {advice}.",
            field=field,
        )
    helps = sorted(number for number in EMERGENCY_NUMBERS if first <= int(number) <= last)
    if helps:
        raise Refusal(
            f"Extensions {first} to {last} would include {helps[0]}, which people dial for help. "
            "Choose another first extension.",
            field=field,
        )
    if first < PARKING.stop and last >= PARKING.start:
        raise Refusal(
            f"The PBX parks calls at {PARKING.start} to {PARKING.stop - 1}. Choose another first "
            "extension, so that yours do not overlap them.",
            field=field,
        )
    return first


def named(people: Sequence[Person]) -> tuple[Person, ...]:
    """Without the empty ones at the end."""
    kept = list(people)
    while kept and kept[-1] == Person():
        kept.pop()
    return tuple(kept)
