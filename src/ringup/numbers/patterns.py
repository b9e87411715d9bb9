"""What a person typed into the number search, as a question about digits. Pure.

People type digits, words (RING), patterns (``416*77?7``), endings (``*00``) and whole numbers in any
form. ``*`` stands for any digits, ``?`` for one. A pattern with ``*`` covers the whole national
number; anything else may stand anywhere in it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

import phonenumbers

KEYPAD = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999", strict=True))
LONGEST = 40  # characters that are read at all
MOST_DIGITS = 15
# More digits than a national number has where numbers are chosen one by one: a country code leads.
NATIONAL_DIGITS = 10
_CODES = frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


@dataclass(frozen=True)
class Pattern:
    """``parts`` are runs of digits and ``?``, with any digits between them; ``starts`` and ``ends``
    say whether the first stands at the start of the national number and the last at its end.

    ``calling_code`` is the country's, or how it begins, where a ``+`` was typed. ``letters`` pairs
    each typed character with the digit it dials, when words were used.
    """

    parts: tuple[str, ...] = ()
    starts: bool = False
    ends: bool = False
    calling_code: str = ""
    letters: tuple[tuple[str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.parts and not self.calling_code

    @property
    def digits(self) -> str:
        """The longest run of digits: what stands out in a result."""
        return max(re.findall(r"\d+", " ".join(self.parts)), key=len, default="")

    @property
    def count(self) -> int:
        """How many digits were typed, wherever they stand."""
        return sum(character.isdigit() for part in self.parts for character in part)

    @property
    def dialled(self) -> str:
        """The digits behind the letters, for people who hear the page."""
        return "".join(digit for _, digit in self.letters)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """All that was typed about the national digits."""
        body = r"\d*".join(part.replace("?", r"\d") for part in self.parts)
        return re.compile(("^" if self.starts else "") + body + ("$" if self.ends else ""))

    def fits(self, national: str, *, calling_code: str = "") -> bool:
        """Whether a number is what was typed. The plain meaning, which the index must agree with."""
        return calling_code.startswith(self.calling_code) and bool(self.regex.search(national))

    def spans(self, national: str) -> list[tuple[int, int]]:
        """Where in the number the typed digits stand, to mark them."""
        groups = [f"({part.replace('?', chr(92) + 'd')})" for part in self.parts]
        whole = ("^" if self.starts else "") + r"\d*?".join(groups) + ("$" if self.ends else "")
        found = re.search(whole, national)
        return [found.span(place + 1) for place in range(len(groups))] if found else []


def read(text: str) -> Pattern:
    """The pattern in ``text``; whatever means nothing in a number is left out. Never raises."""
    text = unicodedata.normalize("NFKC", text[:LONGEST]).upper()
    kept = re.sub(r"[^0-9A-Z*?]", "", text)
    plain = "".join(KEYPAD.get(character, character) for character in kept)
    has_plus = text.lstrip(" \t(\u200e\u200f\u202a\u202b").startswith("+")
    code, plain = _calling_code(plain, has_plus=has_plus)
    is_glob = "*" in plain
    parts = _parts(plain)
    return Pattern(
        parts=parts,
        starts=bool(parts) and (bool(code) if not is_glob else not plain.startswith("*")),
        ends=bool(parts) and is_glob and not plain.endswith("*"),
        calling_code=code,
        letters=_letters(kept),
    )


def _parts(plain: str) -> tuple[str, ...]:
    """The runs between stars, cut to the length of a number. Only ``?`` and ``*`` ask nothing."""
    if not any(character.isdigit() for character in plain):
        return ()
    kept, count = [], 0
    for part in filter(None, plain.split("*")):
        kept.append(part[: MOST_DIGITS - count])
        count += len(kept[-1])
    return tuple(filter(None, kept))


def _calling_code(plain: str, *, has_plus: bool) -> tuple[str, str]:
    """The country's code in front, and the rest. Without ``+`` only a number that is too long to
    be a national one begins with a code."""
    leading = re.match(r"\d*", plain)
    digits = leading[0] if leading else ""
    if not has_plus and not (digits == plain and len(plain) > NATIONAL_DIGITS):
        return "", plain
    for length in (1, 2, 3):
        if digits[:length] in _CODES:
            return digits[:length], plain[length:]
    if has_plus and len(digits) < 3 and digits == plain:
        return digits, ""  # the beginning of a code
    return "", plain


def _letters(kept: str) -> tuple[tuple[str, str], ...]:
    if not any(letter in KEYPAD for letter in kept):
        return ()
    return tuple((letter, KEYPAD.get(letter, letter)) for letter in kept)
