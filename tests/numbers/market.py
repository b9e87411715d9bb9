"""A market of numbers, and a search of it that anybody understands: lists, a regular expression, a
plain sort. What the index answers is compared with that."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import numpy as np

from ringup.numbers import patterns
from ringup.numbers.index.compiling import Area, compile_index
from ringup.numbers.index.facets import Facets
from ringup.numbers.index.query import Cursor, Query, Sort
from ringup.numbers.index.searching import Index, Page, Row, Shelf
from ringup.numbers.packing import Kind, Packed

# Country: name, calling code, area codes, digits of a national number.
COUNTRIES = {
    "US": ("United States", "1", ["212", "646", "716", "914"], [10]),
    "CA": ("Canada", "1", ["416", "647", "212"], [10]),
    "DE": ("Germany", "49", ["30", "89", "151"], [9, 10, 11]),
    "FR": ("France", "33", ["1", "4"], [9]),
    "IS": ("Iceland", "354", ["5"], [7]),
    "IT": ("Italy", "39", ["06", "02"], [9, 10]),
    "NO": ("Norway", "47", ["21"], [8]),
}
REGIONS = {
    "US": {"NY": "New York", "WA": "Washington", "": ""},
    "CA": {"ON": "Ontario", "QC": "Québec", "BC": "British Columbia"},
    "DE": {"BE": "Berlin", "WA": "Waldeck"},
}
TYPES = ["geographic", "geographic", "geographic", "mobile", "national", "toll-free"]
FEATURES = [("voice",), ("sms", "voice"), ("fax", "sms", "voice"), ()]
MARKUP = {3: 2, 7: 2, 11: 3}  # of each account
KEYPAD = {"ABC": "2", "DEF": "3", "GHI": "4", "JKL": "5", "MNO": "6", "PQRS": "7", "TUV": "8"}


class Listing(NamedTuple):
    """A number as an account lists it."""

    account: int
    fetched: int
    is_own: bool
    kind: Kind
    e164: str


class Number(NamedTuple):
    """A row as a person would write it down. ``place`` is sorted by, ``price`` is the client's,
    ``source`` what it has in common with others."""

    e164: int
    account: int
    country: str
    code: str
    national: str
    place: tuple[str, str, str, str, str]
    kind: Kind
    price: tuple[int, int] | None
    source: tuple[int, Kind, int, bool]

    def key(self, sort: Sort, area: str) -> tuple[Any, ...]:
        tie = (self.place, self.e164, self.account)
        if sort is Sort.PLACE:
            return tie
        if sort is Sort.PRICE:
            return (self.price, -plain_beauty(self.national), tie)
        is_elsewhere = bool(area) and not self.national.startswith(area)
        return (is_elsewhere, -plain_beauty(self.national), tie)


@dataclass(frozen=True)
class Ask:
    """A question in words: ``text`` is the box."""

    text: str = ""
    country: str = ""
    region: str = ""
    rate_centre: str = ""
    number_type: str = ""
    features: frozenset[str] = frozenset()
    is_ready: bool = False
    sort: Sort = Sort.BEST
    in_a_row: int = 1

    def query(self, *, after: Cursor | None = None, size: int = 25) -> Query:
        named = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "text"}
        return Query(pattern=patterns.read(self.text), after=after, size=size, **named)

    @property
    def area(self) -> str:
        """What must stand in front to lead: three digits, typed alone."""
        is_area = len(self.text) == 3 and self.text.isdigit() and self.sort is Sort.BEST
        return self.text if is_area else ""

    def failed(self, kind: Kind) -> list[str]:
        """The filters that are set, and that this kind does not pass."""
        tests = {
            "country": not self.country or kind.country == self.country,
            "region": not self.region or kind.region == self.region,
            "rate_centre": not self.rate_centre or kind.rate_centre == self.rate_centre,
            "type": not self.number_type or kind.number_type == self.number_type,
            "ready": not self.is_ready or not kind.needs_papers,
        } | {feature: feature in kind.features for feature in self.features}
        return [name for name, passes in tests.items() if not passes]


@dataclass(frozen=True)
class Found:
    """All that fits, in order, and each facet's values with their hits."""

    numbers: list[Number]
    facets: dict[str, dict[str, int]]


def meaning(text: str) -> tuple[str, Callable[[str], bool]]:
    """What the box means: how the calling code begins, and what fits."""
    code = ""
    if text.startswith("+"):
        known = [c for _, c, _, _ in COUNTRIES.values() if text[1:].startswith(c)]
        code = known[0] if known else text[1:]
        text = text[1 + len(code) :]
        text = text if "*" in text else f"{text}*"
    elif text.isdigit() and text.startswith("0") and len(text) >= 9:
        text = text[1:]
    for letters, digit in KEYPAD.items():
        text = re.sub(f"[{letters}]", digit, text.upper())
    text = re.sub("[WXYZ]", "9", text)
    if not re.search(r"\d", text):
        return code, lambda national: True
    if "*" not in text:
        text = f"*{text}*"
    regex = re.compile(text.replace("*", "[0-9]*").replace("?", "[0-9]"))
    return code, lambda national: regex.fullmatch(national) is not None


@cache
def plain_beauty(national: str) -> int:
    """Runs of equal digits, and sequences of three or more, one step each; more at the end."""
    steps = [after - before for before, after in pairwise(national.encode())]
    score = end = 0
    for step, stretch in groupby(steps):
        size = len(list(stretch))
        end += size
        if step in (-1, 0, 1):
            worth = size if step == 0 else size - 1
            score += 4 * worth**2 + 8 * worth * (end == len(steps))
    return min(score, 255)


class Market:
    """What is listed, as areas for the compiler and as plain numbers."""

    def __init__(self, listings: Iterable[Listing]) -> None:
        # The shelf is listed first.
        self.listings = sorted(listings, key=lambda one: (not one.is_own, *one))

    @cached_property
    def index(self) -> Index:
        return Index(compile_index(self._areas(), fingerprint="a market"))

    def _areas(self) -> Iterator[Area]:
        areas: dict[tuple[int, int, bool], dict[Kind, list[int]]] = {}
        for one in self.listings:
            kinds = areas.setdefault((one.account, one.fetched, one.is_own), {})
            kinds.setdefault(one.kind, []).append(int(one.e164))
        for (account, fetched, is_own), kinds in areas.items():
            packed = [(kind, np.unique(np.array(n, np.uint64))) for kind, n in kinds.items()]
            yield Area(account, fetched, Packed(packed, []), is_own)

    @cached_property
    def numbers(self) -> list[Number]:
        """Once for each account; what was listed first counts."""
        names: dict[tuple[str, str], str] = {}
        for one in self.listings:
            key = (one.kind.country, one.kind.region)
            names[key] = max(names.get(key, ""), one.kind.region_name)
        first: dict[tuple[int, str], Listing] = {}
        for one in self.listings:
            first.setdefault((one.account, one.e164), one)
        return [self._number(one, names) for one in first.values()]

    def _number(self, one: Listing, names: dict[tuple[str, str], str]) -> Number:
        kind = one.kind
        name, code, _, _ = COUNTRIES[kind.country]
        region = names[kind.country, kind.region] or kind.region
        return Number(
            e164=int(one.e164),
            account=one.account,
            country=kind.country,
            code=code,
            national=one.e164.removeprefix(code),
            place=(name, region, kind.rate_centre, kind.country, kind.region),
            kind=kind,
            price=price(one.account, kind),
            source=(one.account, kind, one.fetched, one.is_own),
        )

    @cached_property
    def shelf(self) -> Shelf:
        prices = [price(group.account, group.kind) for group in self.index.columns.groups]
        return Shelf(
            np.array([found[0] if found else -1 for found in prices], np.int64),
            np.array([found[1] if found else -1 for found in prices], np.int64),
            np.empty(0, np.int64),
            np.empty(0, np.int64),
        )

    def search(
        self, ask: Ask, *, after: Cursor | None = None, size: int = 25, gone: Iterable[str] = ()
    ) -> Page:
        query = ask.query(after=after, size=size)
        return self.index.search(query, self.shelf, self.index.rows_of(gone))

    def plain(self, ask: Ask, *, gone: Iterable[str] = ()) -> Found:
        """The same, by looking at every number."""
        code, fits = meaning(ask.text)
        away = {int(e164[1:]) for e164 in gone}
        sold = [n for n in self.numbers if n.price is not None and n.code.startswith(code)]
        if ask.in_a_row > 1:
            hits = list(plain_blocks(sold, ask.in_a_row, fits, away))
        else:
            hits = [n for n in sold if fits(n.national) and n.e164 not in away]
        return self._counted(ask, hits)

    def _counted(self, ask: Ask, hits: list[Number]) -> Found:
        kinds = Counter(number.kind for number in hits)
        failed = {kind: set(ask.failed(kind)) for kind in kinds}

        def count(of: Callable[[Kind], Iterable[str]], *but: str) -> dict[str, int]:
            """The hits of each value, with all other filters as they are."""
            found: Counter[str] = Counter()
            for kind, number in kinds.items():
                if failed[kind] <= set(but):
                    found.update(dict.fromkeys(filter(None, of(kind)), number))
            return dict(found)

        regions = count(lambda kind: [kind.region], "region", "rate_centre")
        centres = count(lambda kind: [kind.rate_centre], "rate_centre")
        if not ask.region and any(kind.region for kind in kinds if failed[kind] <= {"rate_centre"}):
            centres = count(lambda kind: [kind.rate_centre]) if ask.rate_centre else {}
        ready = count(lambda kind: ["" if kind.needs_papers else "now"], "ready")
        papers = count(lambda kind: ["yes" if kind.needs_papers else ""], "ready")
        facets = {
            "countries": count(lambda kind: [kind.country], "country", "region", "rate_centre"),
            "regions": regions if ask.country else {},
            "rate_centres": centres if ask.country else {},
            "types": count(lambda kind: [kind.number_type], "type"),
            "features": {
                feature: number
                for feature in FEATURES[2]
                for number in count(partial(_if_has, feature), feature).values()
            },
            "ready": {"now": ready.get("now", 0)} if papers or ask.is_ready else {},
        }
        numbers = [number for number in hits if not failed[number.kind]]
        numbers.sort(key=lambda number: number.key(ask.sort, ask.area))
        return Found(numbers, facets)


def _if_has(feature: str, kind: Kind) -> list[str]:
    return [feature] if feature in kind.features else []


def plain_blocks(
    numbers: list[Number], count: int, fits: Callable[[str], bool], away: set[int]
) -> Iterator[Number]:
    """The first number of each block: as early as it fits, none overlapping, within one exchange."""
    of_source: dict[object, dict[int, Number]] = {}
    for number in numbers:
        of_source.setdefault(number.source, {})[number.e164] = number
    for found in of_source.values():
        free = 0
        for e164 in sorted(found):
            block = range(e164, e164 + count)
            is_whole = all(n in found and n not in away for n in block)
            is_one = block[0] // 10_000 == block[-1] // 10_000
            if e164 >= free and is_whole and is_one and fits(found[e164].national):
                free = e164 + count
                yield found[e164]


def price(account: int, kind: Kind) -> tuple[int, int] | None:
    """The client's: what this account adds; None where it does not sell."""
    if (account, kind.country) == (11, "DE") or (account, kind.region) == (7, "WA"):
        return None
    return kind.monthly * MARKUP[account], kind.setup


def same(found: list[Row], wanted: list[Number]) -> bool:
    return [(row.e164, row.group.account) for row in found] == [
        (f"+{number.e164}", number.account) for number in wanted
    ]


def counts(facets: Facets) -> dict[str, dict[str, int]]:
    """By value. A value that stands there twice would show."""
    found = {}
    for name in facets.__slots__:
        values = getattr(facets, name)
        found[name] = {value.value: value.hits for value in values}
        assert len(found[name]) == len(values), (name, values)
    return found


# -- making one -----------------------------------------------------------------------------------


def make_market(size: int, *, seed: int = 1) -> Market:
    """About so many numbers: runs of one to forty, in all countries, some sold by several."""
    chance = random.Random(seed)
    kinds = {country: list(_kinds(country, chance)) for country in COUNTRIES}
    listings: list[Listing] = []
    while len(listings) < size:
        country = chance.choices([*COUNTRIES], [40, 25, 12, 8, 4, 6, 5])[0]
        account = chance.choice([*MARKUP])
        kind = chance.choice(kinds[country])
        is_own = chance.random() < 0.03
        listing = Listing(account, 1000 + chance.randrange(3), is_own, kind, "")
        run = [replace_e164(listing, e164) for e164 in _run(country, chance)]
        listings += run
        if chance.random() < 0.1:  # another account has them too, dearer or not
            other = chance.choice([*MARKUP])
            again = kind if chance.random() < 0.5 else chance.choice(kinds[country])
            listings += [one._replace(account=other, kind=again) for one in run]
    return Market(listings)


def replace_e164(listing: Listing, e164: int) -> Listing:
    return listing._replace(e164=str(e164))


def _run(country: str, chance: random.Random) -> range:
    _, code, areas, lengths = COUNTRIES[country]
    area, length = chance.choice(areas), chance.choice(lengths)
    rest = length - len(area)
    size = chance.choice([1, 1, 1, 2, 3, 5, 12, 40])
    first = chance.randrange(10**rest - size)
    if chance.random() < 0.05:  # over the edge of an exchange
        first = first // 10_000 * 10_000 + 9_990
        first = min(first, 10**rest - size)
    base = int(code + area) * 10**rest
    return range(base + first, base + first + size)


def _kinds(country: str, chance: random.Random) -> Iterator[Kind]:
    regions = REGIONS.get(country, {"": ""})
    for region, name in regions.items():
        for centre in range(6):
            # One of them has the same name in several regions, and one has none.
            rate_centre = "" if centre == 5 else f"{'CITY' if centre == 4 else region} {centre}"
            for _ in range(3):
                yield Kind(
                    country=country,
                    region=region,
                    region_name=name if chance.random() < 0.8 else "",
                    rate_centre=rate_centre,
                    number_type=chance.choice(TYPES),
                    features=chance.choice(FEATURES),
                    needs_papers=country == "DE" and chance.random() < 0.5,
                    monthly=chance.choice([850_000, 1_500_000, 990_000]),
                    setup=chance.choice([0, 400_000]),
                    currency="USD",
                )


def changed(market: Market, *, without: Iterable[str] = (), more: Iterable[Listing] = ()) -> Market:
    """The market of the next day."""
    away = {e164[1:] for e164 in without}
    return Market([*[one for one in market.listings if one.e164 not in away], *more])


def narrowed(ask: Ask, **more: Any) -> Ask:
    return replace(ask, **more)
