"""Names of places, for people who type one into the box for digits."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ringup.numbers.index.groups import Place

_LONGEST = 60


class _Entry(NamedTuple):
    """``width`` is 0 for a country, 1 for a region, 2 for a rate centre; ``places`` lie in it."""

    name: str
    width: int
    place: Place
    places: list[int]


@dataclass(frozen=True)
class Gazetteer:
    """Countries, regions and rate centres by their names, without accents and capitals."""

    names: list[str]
    entries: list[_Entry]

    @classmethod
    def of(cls, places: Iterable[Place]) -> Gazetteer:
        found: dict[tuple[int, Place], list[int]] = {}
        for number, place in enumerate(places):
            for level in _levels(place):
                found.setdefault(level, []).append(number)
        entries = sorted(
            _Entry(folded(_name(width, place)), width, place, numbers)
            for (width, place), numbers in found.items()
        )
        return cls([entry.name for entry in entries], entries)

    def like(self, text: str, sizes: list[int], limit: int) -> list[Place]:
        """The places whose names begin with the text, at most ``limit``. ``sizes`` says for each place
        how much it has; those with nothing are left out. Whole names lead, then countries, then
        regions, then the places that have most."""
        start = folded(text)
        if not start:
            return []
        low = bisect_left(self.names, start)
        high = bisect_left(self.names, start + chr(0x10FFFF), lo=low)
        found = []
        for name, width, place, numbers in self.entries[low:high]:
            if size := sum(sizes[number] for number in numbers):
                found.append((name != start, width, -size, place))
        return [place for _, _, _, place in sorted(found)[:limit]]


def folded(text: str) -> str:
    """For comparing: ``Montréal`` and ``MONTREAL`` are one."""
    text = unicodedata.normalize("NFKD", text[:_LONGEST]).casefold()
    letters = "".join(each for each in text if not unicodedata.combining(each))
    return " ".join(letters.split())


def _levels(place: Place) -> Iterable[tuple[int, Place]]:
    country = Place(place.country_name, "", "", place.country, "")
    yield 0, country
    if place.region_name:
        yield 1, country._replace(region_name=place.region_name, region=place.region)
    if place.rate_centre:
        yield 2, place


def _name(width: int, place: Place) -> str:
    return place[width]
