"""Finding the carrier's area or city for what somebody typed, whatever its accents and capitals."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Sequence

from ringup.carriers.papers import Area

MOST_SUGGESTED = 3
# How alike two names are at least, from 0 to 1, to be suggested for one another.
ALIKE = 0.6
# As German letters are written where a keyboard has none; other accents only fall away.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"})


def plain(name: str) -> str:
    """``Saint-Étienne`` as ``saintetienne``."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in parts if letter.isalnum())


def _spellings(name: str) -> set[str]:
    composed = unicodedata.normalize("NFC", name.casefold())
    return {plain(name), plain(composed.translate(_SPELT_OUT))} - {""}


def match(city: str, areas: Sequence[Area]) -> Area | None:
    """The area with this name; None where there is none."""
    typed = _spellings(city)
    return next((area for area in areas if typed & _spellings(area.name)), None)


def nearest(city: str, areas: Sequence[Area]) -> list[str]:
    """Names that may have been meant: those that begin so, then those that are alike."""
    typed = plain(city)
    if not typed:
        return []
    names = {plain(area.name): area.name for area in areas}
    begun = sorted(name for name in names if name.startswith(typed) or typed.startswith(name))
    alike = difflib.get_close_matches(typed, names, n=MOST_SUGGESTED, cutoff=ALIKE)
    return [names[one] for one in dict.fromkeys([*begun, *alike]) if one][:MOST_SUGGESTED]


def suggested(begun: str, areas: Sequence[Area], *, most: int) -> list[str]:
    """Names for a list below the input: those with what was typed so far in them, the beginnings
    first."""
    typed = plain(begun)
    found = [(plain(area.name), area.name) for area in areas]
    starts = [name for key, name in found if key.startswith(typed)]
    within = [name for key, name in found if typed in key and not key.startswith(typed)]
    return [*starts, *within][:most]


def unknown_city(city: str, areas: Sequence[Area]) -> str:
    """The sentence for a city that matches no area."""
    near = nearest(city, areas)
    if not near:
        return f"The supplier knows no area called {city}. Choose a name from the list."
    return f"The supplier knows no area called {city}. Did you mean {_or(near)}?"


def _or(names: Sequence[str]) -> str:
    *rest, last = names
    return f"{', '.join(rest)} or {last}" if rest else last
