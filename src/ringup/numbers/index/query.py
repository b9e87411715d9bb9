"""What can be asked of the index."""

from __future__ import annotations

import base64
import enum
import json
from dataclasses import dataclass, field
from typing import NamedTuple

from ringup.numbers.index.groups import Place
from ringup.numbers.patterns import Pattern


class Sort(enum.StrEnum):
    """``BEST`` shows the numbers first that are remembered most easily; of three digits alone, those
    that begin with them before all others."""

    BEST = "best"
    PRICE = "price"
    PLACE = "place"


class Cursor(NamedTuple):
    """The last row of a page, by what it is and not by where it stands: it holds when the index is
    compiled anew, and when its own number is sold."""

    monthly: int
    setup: int
    beauty: int
    e164: int
    account: int
    place: Place

    def __str__(self) -> str:
        """As it stands in an address."""
        data = json.dumps([*self[:-1], *self.place], separators=(",", ":"))
        return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor that an address names; None for anything else."""
        try:
            data = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, RecursionError):
            return None
        count = len(cls._fields) - 1
        if type(data) is not list or len(data) != count + len(Place._fields):
            return None
        numbers, names = data[:count], data[count:]
        if any(type(number) is not int or not 0 <= number < 2**53 for number in numbers):
            return None
        if any(type(name) is not str for name in names):
            return None
        monthly, setup, beauty, e164, account = numbers
        return cls(monthly, setup, beauty, e164, account, Place(*names))


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
