"""What the address of the mappings page asks for: filters of the table, searches of the cards."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from django.http import HttpRequest

from ringup.backoffice.paging import asked

BUNDLES = "bundles"
PROBLEM = "problem"
RETIRED = "retired"
STATUSES = ("mapped", "default", "invalid", PROBLEM, RETIRED)
SORTS = ("id", "name", "group", "provider", "status")


@dataclass(frozen=True, slots=True)
class Filters:
    """``q``, ``group`` (``bundles`` or a key), ``status``, ``sort`` (``-`` in front: downwards) and
    ``page`` are the table's; ``bq``, ``bpage`` the bundles', ``gq``, ``gpage`` the groups'. Nonsense
    is ignored."""

    q: str = ""
    group: str = ""
    status: str = ""
    sort: str = ""
    page: str = ""
    bq: str = ""
    bpage: str = ""
    gq: str = ""
    gpage: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        found = {each.name: asked(request, each.name) for each in fields(cls)}
        if found["status"] not in STATUSES:
            found["status"] = ""
        if found["sort"].removeprefix("-") not in SORTS:
            found["sort"] = ""
        if found["group"] != BUNDLES and not found["group"].isdecimal():
            found["group"] = ""
        return cls(**found)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What is asked for, by name."""
        values = ((each.name, getattr(self, each.name)) for each in fields(self))
        return [(name, value) for name, value in values if value]

    @property
    def query(self) -> str:
        """As an address's query."""
        return urlencode(self.pairs)

    def but(self, **changes: str) -> Filters:
        """The same with other values; the table is at its first page then."""
        return replace(self, **{"page": "", **changes})

    def without(self, *names: str) -> list[tuple[str, str]]:
        """What a search form carries along beside its own inputs."""
        return [(name, value) for name, value in self.pairs if name not in names]

    def sorted_by(self, name: str) -> Filters:
        """Sorted by this column; downwards when it is already sorted by it."""
        return self.but(sort=f"-{name}" if self.sort == name else name)
