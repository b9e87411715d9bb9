"""What a person typed into the number search, as a question about digits. Pure.

D stands for the digits of a number behind its calling code.

    555, 55-5, RING     D has these digits somewhere; letters are those of the keypad
    416                 the same; of three digits and nothing else, numbers that begin with them lead
                        the list of the best: who types 416 wants the area
    416*, *00           D begins so; D ends so
    416*77?7            D begins with 416 and ends with 77?7; ``*`` is any digits, ``?`` is one
    +1 416, +4          the calling code, or how it begins, and how D begins
    1 416 555 0142      more than ten digits: a whole number with its calling code, also behind 00 or
                        011; one 0 before nine digits or more is dialled and belongs to no number
    416 555 0142 ext 5  what follows a whole number in letters is a remark

Whatever means nothing in a number is left out, so every text is a question: the empty one asks for
all numbers. Decimal digits of every script count. At most 40 characters and 15 digits are read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cached_property

import phonenumbers

KEYPAD = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999", strict=True))
LONGEST = 40  # characters that are read at all
MOST_DIGITS = 15
# More digits than a national number has where numbers are chosen one by one: a calling code leads.
NATIONAL_DIGITS = 10
AREA_DIGITS = 3
_TRUNK_DIGITS = 9  # from so many on, a 0 in front is the one that is dialled between areas
_CODES = frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
_SCHEME = re.compile(r"^\s*(TEL|CALLTO):")
# Behind seven digits only an extension, since 800 555 2FLY is a number; behind ten, anything.
_REMARK = re.compile(r"^((?:[^A-Z0-9*?]*[0-9]){7,}[^A-Z0-9*?]*?)(?:;?EXT[. =:A-Z]*|X[. ]*)[0-9]*$")
_REMARK_BEHIND_WHOLE = re.compile(r"^((?:[^A-Z0-9*?]*[0-9]){10,}[^A-Z0-9*?]*)[A-Z].*$", re.DOTALL)
_PLUS = re.compile(r"[^A-Z0-9*?]*\+")
_ABROAD = re.compile(r"^(00|011)")


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

    @property
    def is_area(self) -> bool:
        """Whether it may be an area code: three digits and nothing else."""
        digits = "".join(self.parts)
        is_bare = not (self.starts or self.ends or self.letters or self.calling_code)
        return is_bare and len(digits) == AREA_DIGITS and digits.isdigit() and len(self.parts) == 1

    @property
    def at_the_start(self) -> Pattern:
        """The same digits where an area code stands."""
        return replace(self, starts=True)

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
    """The pattern in ``text``. Never raises."""
    text = _plain(text)
    has_plus = bool(_PLUS.match(text))
    if has_plus:
        text = text.replace("(0)", "")
    kept = re.sub(r"[^0-9A-Z*?]", "", text)[:LONGEST]
    dialled = "".join(KEYPAD.get(character, character) for character in kept)
    code, dialled = _calling_code(dialled, has_plus=has_plus)
    parts, is_cut = _parts(dialled)
    is_glob = "*" in dialled
    return Pattern(
        parts=parts,
        starts=bool(parts) and (not dialled.startswith("*") if is_glob else bool(code)),
        ends=bool(parts) and is_glob and not dialled.endswith("*") and not is_cut,
        calling_code=code,
        letters=_letters(kept),
    )


def _plain(text: str) -> str:
    """In capitals without accents, digits as ours, without what stands around a whole number."""
    text = unicodedata.normalize("NFKD", text[:LONGEST]).upper()
    text = "".join(str(unicodedata.decimal(each, each)) for each in text)
    text = _SCHEME.sub("", text)
    for remark in (_REMARK, _REMARK_BEHIND_WHOLE):
        if found := remark.match(text):
            return found[1]
    return text


def _parts(dialled: str) -> tuple[tuple[str, ...], bool]:
    """The runs between stars, and whether they were cut to the length of a number. Only ``?`` and
    ``*`` ask nothing."""
    if not any(character.isdigit() for character in dialled):
        return (), False
    kept, room = [], MOST_DIGITS
    runs = [run for run in dialled.split("*") if run]
    for run in runs:
        kept.append(run[:room])
        room -= len(kept[-1])
    return tuple(run for run in kept if run), sum(map(len, runs)) > MOST_DIGITS


def _calling_code(dialled: str, *, has_plus: bool) -> tuple[str, str]:
    """The calling code in front, and the rest."""
    if not has_plus:
        if not dialled.isdigit():
            return "", dialled
        is_long = len(dialled) > NATIONAL_DIGITS
        dialled = _ABROAD.sub("", dialled) if is_long else dialled
        if dialled.startswith("0") and len(dialled) >= _TRUNK_DIGITS:
            return "", dialled[1:]
        if not is_long:
            return "", dialled
    rest = dialled.lstrip("0123456789")
    digits = dialled.removesuffix(rest)
    for length in (1, 2, 3):
        if digits[:length] in _CODES:
            return digits[:length], dialled[length:]
    if len(digits) < 3 and not rest:
        return digits, ""  # the beginning of a code
    return "", dialled


def _letters(kept: str) -> tuple[tuple[str, str], ...]:
    if not any(letter in KEYPAD for letter in kept):
        return ()
    return tuple((letter, KEYPAD.get(letter, letter)) for letter in kept)
