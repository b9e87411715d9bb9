"""What can be asked of the index."""

from __future__ import annotations

import base64
import binascii
import enum
import json
from dataclasses import dataclass, field
from typing import NamedTuple

from ringup.numbers.index.columns import Place
from ringup.numbers.patterns import Pattern


class Sort(enum.StrEnum):
    """``BEST`` shows the numbers first that are remembered most easily."""

    BEST = "best"
    PRICE = "price"
    PLACE = "place"


class Cursor(NamedTuple):
    """The last row of a page, by what it is and not by where it stands: it holds when the index is
    compiled anew, and when its own number is sold."""

    monthly: int
    setup: int
    beauty: int
    place: Place
    e164: int

    def __str__(self) -> str:
        """As it stands in an address."""
        data = json.dumps([*self[:3], list(self.place), self.e164], separators=(",", ":"))
        return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor that an address names; None for anything else."""
        try:
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            monthly, setup, beauty, place, e164 = json.loads(data)
            numbers = (monthly, setup, beauty, e164)
            if any(type(n) is not int or not 0 <= n < 2**62 for n in numbers):
                return None
            if len(place) != len(Place._fields) or any(type(part) is not str for part in place):
                return None
        except (ValueError, TypeError, binascii.Error, RecursionError):
            return None
        return cls(monthly, setup, min(beauty, 255), Place(*place), e164)


@dataclass(frozen=True, slots=True)
class Query:
    """Empty means any. ``features`` must all be there; ``is_ready`` leaves out what needs papers.
    ``in_a_row`` asks for blocks of so many numbers that follow each other, at one provider and
    price."""

    pattern: Pattern = field(default_factory=Pattern)
    country: str = ""
    region: str = ""
    rate_centre: str = ""
    number_type: str = ""
    features: frozenset[str] = frozenset()
    is_ready: bool = False
    sort: Sort = Sort.BEST
    after: Cursor | None = None
    in_a_row: int = 1
    size: int = 25
