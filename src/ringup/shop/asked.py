"""What an address asks of the number search, and back: every search is a link that can be shared."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from ringup.numbers import patterns
from ringup.numbers.index.query import Cursor, Query, Sort
from ringup.numbers.patterns import Pattern

IN_A_ROW = (1, 2, 5, 10)
READY = "now"
ALL_CENTRES = "all"
# More than a cursor needs, also where the names of its place have accents throughout.
_LONGEST_CURSOR = 4_000
_MOST_FEATURES = 5
# Words, with what may stand between them.
NAME = re.compile(r"[^\W\d_]+(?:[ .,'’-]+[^\W\d_]+)*\.?")
SHORTEST_NAME = 3


@dataclass(frozen=True)
class Asked:
    """One search, each part cut to a sane length. Empty means any.

    ``centre_like`` narrows the choice of rate centres, ``is_all_centres`` shows all of them, and
    ``sold`` is the slug of the thing that numbers are searched for.
    """

    text: str = ""
    country: str = ""
    region: str = ""
    centre: str = ""
    number_type: str = ""
    features: frozenset[str] = frozenset()
    is_ready: bool = False
    sort: Sort = Sort.BEST
    in_a_row: int = 1
    after: str = ""
    centre_like: str = ""
    is_all_centres: bool = False
    sold: str = ""

    @classmethod
    def read(cls, data: QueryDict) -> Asked:
        """The search of an address. Never raises: what makes no sense is left out."""

        def part(name: str, length: int) -> str:
            return data.get(name, "").replace("\x00", "").strip()[:length]

        sort, count = part("sort", 10), part("row", 2)
        asked = cls(
            text=part("q", patterns.LONGEST),
            country=_country(part("country", 3)),
            region=part("region", 10),
            centre=part("centre", 60),
            number_type=part("type", 12),
            features=_features(data),
            is_ready=part("ready", 5) == READY,
            sort=Sort(sort) if sort in list(Sort) else Sort.BEST,
            in_a_row=next((row for row in IN_A_ROW if str(row) == count), 1),
            after=part("after", _LONGEST_CURSOR),
            centre_like=part("centre_like", 30),
            is_all_centres=part("centres", 5) == ALL_CENTRES,
            sold=part("for", 60),
        )
        return asked._without_strays(part("was", 30))

    @classmethod
    def of(cls, request: HttpRequest) -> Asked:
        """The search of a page: in its address, or sent along by a form on it."""
        if request.method == "POST":
            return cls.read(QueryDict(request.POST.get("query", "")))
        return cls.read(request.GET)

    def _without_strays(self, was: str) -> Asked:
        """Without the region or the rate centre of the place that the form showed before another
        country or region was chosen in it. ``was`` is that place; empty in a link."""
        asked = self
        if not asked.country:
            asked = replace(asked, region="", centre="")
        if was:
            country, _, _ = was.partition("/")
            if country != asked.country:
                asked = replace(asked, region="")
            if was != f"{asked.country}/{asked.region}":
                asked = replace(asked, centre="", centre_like="", is_all_centres=False)
        return asked

    @cached_property
    def pattern(self) -> Pattern:
        return patterns.read(self.text)

    @property
    def name(self) -> str:
        """The text where it may be the name of a place: letters, and nothing that numbers have."""
        is_name = NAME.fullmatch(self.text) and sum(map(str.isalpha, self.text)) >= SHORTEST_NAME
        return self.text if is_name else ""

    def query(self) -> Query:
        """As a question to the index."""
        return Query(
            pattern=self.pattern,
            country=self.country,
            region=self.region,
            rate_centre=self.centre,
            number_type=self.number_type,
            features=self.features,
            is_ready=self.is_ready,
            sort=self.sort,
            after=Cursor.read(self.after) if self.after else None,
            in_a_row=self.in_a_row,
        )

    def address(self) -> str:
        """The part of the address behind its ``?``, as short as it can be said."""
        parts: list[tuple[str, str]] = [
            ("for", self.sold),
            ("q", self.text),
            ("country", self.country),
            ("region", self.region),
            ("centre", self.centre),
            ("type", self.number_type),
            *(("feature", feature) for feature in sorted(self.features)),
            ("ready", READY if self.is_ready else ""),
            ("row", str(self.in_a_row) if self.in_a_row > 1 else ""),
            ("sort", self.sort.value if self.sort is not Sort.BEST else ""),
            ("centre_like", self.centre_like),
            ("centres", ALL_CENTRES if self.is_all_centres else ""),
            ("after", self.after),
        ]
        return urlencode([pair for pair in parts if pair[1]])

    def under(self, path: str) -> str:
        """The whole address."""
        address = self.address()
        return f"{path}?{address}" if address else path

    @property
    def has_filters(self) -> bool:
        """Whether anything is left out but by the search box and by what is sold."""
        bare = Asked(text=self.text, sold=self.sold, sort=self.sort)
        return replace(self, after="", centre_like="", is_all_centres=False) != bare


def _features(data: QueryDict) -> frozenset[str]:
    named = data.getlist("feature")[:_MOST_FEATURES]
    return frozenset(filter(None, (name.replace("\x00", "").strip()[:20] for name in named)))


def _country(text: str) -> str:
    return text.upper() if len(text) == 2 and text.isascii() and text.isalpha() else ""
