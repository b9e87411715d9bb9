"""What the addresses of the inventory's pages ask for. Nonsense in them is ignored."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest

from ringup.backoffice.paging import asked
from ringup.numbers.models import Discrepancy

LIVING, SHELF, LOSS = "living", "shelf", "loss"
STATES = ("", "wanted", "owned", "released", SHELF)
SORTS = ("", "number", "bought")
ACCEPTED = "accepted"
FEWEST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What is common to both pages: words, and the key of an account."""

    q: str = ""
    provider: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        found = {each.name: asked(request, each.name) for each in fields(cls)}
        if not (found["provider"].isascii() and found["provider"].isdigit()):
            found["provider"] = ""
        found["provider"] = found["provider"][:9]
        return cls(**cls.checked(found))

    @classmethod
    def checked(cls, found: dict[str, str]) -> dict[str, str]:
        """The same without what makes no sense."""
        return found

    @property
    def query(self) -> str:
        """As an address's query, without what is empty."""
        pairs = ((each.name, getattr(self, each.name)) for each in fields(self))
        return urlencode([(name, value) for name, value in pairs if value])

    def but(self, **changes: str) -> Self:
        """The same with other values; on the first page."""
        return replace(self, **changes)

    @property
    def digits(self) -> str:
        """What is typed as part of a number, however it is grouped; empty when it is none."""
        bare = re.sub(r"[\s().+/-]", "", self.q)
        is_number = bare.isascii() and bare.isdigit() and len(bare) >= FEWEST_DIGITS
        return bare if is_number else ""


@dataclass(frozen=True, slots=True)
class Filters(Asked):
    """The inventory. ``state`` is empty for all that live; ``client`` is a client's uid; ``only`` is
    ``differing`` or ``loss``; ``sort`` is empty for the newest first."""

    state: str = ""
    country: str = ""
    client: str = ""
    only: str = ""
    sort: str = ""

    @classmethod
    def checked(cls, found: dict[str, str]) -> dict[str, str]:
        allowed = {"state": STATES, "sort": SORTS, "only": ("", "differing", LOSS)}
        for name, values in allowed.items():
            if found[name] not in values:
                found[name] = ""
        found["country"] = found["country"].upper() if len(found["country"]) == 2 else ""
        try:
            found["client"] = str(UUID(found["client"])) if found["client"] else ""
        except ValueError:
            found["client"] = ""
        return found


@dataclass(frozen=True, slots=True)
class DifferenceFilters(Asked):
    """The differences. ``kind`` is one of the four, or ``accepted``; empty for all that wait."""

    kind: str = ""

    @classmethod
    def checked(cls, found: dict[str, str]) -> dict[str, str]:
        if found["kind"] not in (*Discrepancy.Kind.values, ACCEPTED):
            found["kind"] = ""
        return found
