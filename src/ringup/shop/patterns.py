"""What a person typed into the number search, as a question that a carrier understands. Pure.

A carrier looks for digits at the start, at the end, or anywhere in the national number. People
also type words (RING), patterns (``416*77?7``) and whole numbers in any form. What the carrier
cannot do is asked as its longest fixed run, and the rest is sifted here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringup.carriers.port import Match

KEYPAD = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999", strict=True))
NATIONAL_DIGITS = 10  # of the countries whose numbers are chosen one by one: +1


@dataclass(frozen=True, slots=True)
class Pattern:
    """``digits`` stand where ``match`` says; ``regex`` says all that was typed.

    ``letters`` pairs each typed character with the digit it dials, when words were used.
    """

    digits: str
    match: Match
    regex: re.Pattern[str]
    is_exact: bool
    letters: tuple[tuple[str, str], ...] = ()

    def fits(self, national: str) -> bool:
        """Whether a national number (digits) is what was typed."""
        return self.regex.search(national) is not None

    @property
    def dialled(self) -> str:
        """The digits behind the letters, for people who hear the page."""
        return "".join(digit for _, digit in self.letters)


def read(text: str) -> Pattern:
    """The pattern in ``text``. Spaces, brackets and whatever else means nothing are left out."""
    kept = re.sub(r"[^0-9A-Z*?]", "", text.upper())
    plain = re.sub(r"\*+", "*", "".join(KEYPAD.get(letter, letter) for letter in kept))
    plain, is_whole = _without_country(plain, has_plus=text.strip().startswith("+"))
    is_glob = "*" in plain
    starts, ends = is_glob or is_whole, is_glob
    digits, match = _longest_run(plain, starts=starts, ends=ends)
    body = plain.replace("*", r"\d*").replace("?", r"\d")
    return Pattern(
        digits=digits[:NATIONAL_DIGITS],
        match=match,
        regex=re.compile(("^" if starts else "") + body + ("$" if ends else "")),
        is_exact=digits == plain.strip("*"),
        letters=_letters(kept),
    )


def _without_country(plain: str, *, has_plus: bool) -> tuple[str, bool]:
    """Without the ``1`` in front of a whole number; and whether it was one, so that what follows
    stands at the start."""
    is_long = len(plain) > NATIONAL_DIGITS and plain.isdigit()
    if plain.startswith("1") and (has_plus or is_long):
        return plain[1:], True
    return plain, has_plus


def _longest_run(plain: str, *, starts: bool, ends: bool) -> tuple[str, Match]:
    """The longest run of digits, and where it stands. Of equally long ones the anchored one."""
    runs = [(found.group(), found.start(), found.end()) for found in re.finditer(r"\d+", plain)]
    if not runs:
        return "", Match.CONTAINS

    def place(start: int, end: int) -> Match:
        if starts and start == 0:
            return Match.STARTS
        return Match.ENDS if ends and end == len(plain) else Match.CONTAINS

    run, start, end = max(
        runs, key=lambda found: (len(found[0]), place(*found[1:]) is not Match.CONTAINS)
    )
    return run, place(start, end)


def _letters(kept: str) -> tuple[tuple[str, str], ...]:
    if not any(letter in KEYPAD for letter in kept):
        return ()
    return tuple((letter, KEYPAD.get(letter, letter)) for letter in kept)
