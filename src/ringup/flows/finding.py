"""The number search of shop and wizard: the index, the price rules and the holds in one answer.

Reads only, and asks no carrier: a number is looked at again, at its carrier, when it is selected.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np

from ringup.carriers.models import CarrierAccount
from ringup.carriers.places import may_sell
from ringup.catalog.price_list import PriceList
from ringup.catalog.pricing import NumberPrice
from ringup.core.money import Money
from ringup.numbers import patterns
from ringup.numbers.current import current
from ringup.numbers.index.facets import Facets
from ringup.numbers.index.groups import ByQuantity, Place
from ringup.numbers.index.query import Query
from ringup.numbers.index.searching import Index, Page, Shelf
from ringup.numbers.packing import Kind
from ringup.numbers.patterns import Pattern
from ringup.numbers.taken import Taken

NEAR_SHOWN = 10
SUGGESTED = 3
# Fewer digits than this say nothing about what somebody looks for.
SHORTEST_NEAR = 2
NOT_READY = "Our list of numbers is being made. Nothing is lost: look again in a minute or two."
_SHELVES_KEPT = 16


@dataclass(frozen=True, slots=True)
class Found:
    """One number on sale, or ``block`` of them that follow each other, with the client's price for
    each. ``fetched`` is when the carrier last said so."""

    e164: str
    kind: Kind
    price: NumberPrice
    account: int
    fetched: datetime
    block: int = 1
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place whose numbers the carrier chooses; ``quantity`` None: it does not say how many."""

    key: str
    kind: Kind
    price: NumberPrice
    account: int
    fetched: datetime
    quantity: int | None
    prefix: str = ""


@dataclass(slots=True)
class Results:
    """What the page shows. ``total`` is exact while ``is_exact``; ``after`` leads to the next page.
    ``near`` is what comes closest when nothing matches: ``near_words`` say how it differs, and
    ``near_pattern`` which digits it has.
    ``suggested`` are places that are called like what was typed.
    ``only_country`` is the one in which all is sold, where there is one: it is asked for anyway.
    ``problem`` says why there is nothing to see."""

    query: Query
    only_country: str = ""
    rows: list[Found] = field(default_factory=list)
    places: list[FoundPlace] = field(default_factory=list)
    facets: Facets | None = None
    total: int = 0
    is_exact: bool = True
    after: str = ""
    near: list[Found] = field(default_factory=list)
    near_words: str = ""
    near_pattern: Pattern = field(default_factory=Pattern)
    suggested: list[Place] = field(default_factory=list)
    problem: str = ""

    @property
    def checked(self) -> datetime | None:
        """When the oldest of what is shown was last confirmed by its carrier."""
        numbers = [found.fetched for found in [*self.rows, *self.near]]
        return min([*numbers, *(place.fetched for place in self.places)], default=None)


def find(
    query: Query,
    accounts: Sequence[CarrierAccount],
    currency: str,
    *,
    holder: uuid.UUID | None = None,
    beside: Collection[uuid.UUID] = (),
    prices: PriceList | None = None,
    name: str = "",
) -> Results:
    """Numbers on sale at ``accounts`` that fit, priced in ``currency``. ``holder`` is the draft whose
    own holds stay in the list, and those of the buyer's drafts ``beside`` it. ``prices`` that were
    read a moment ago, of these accounts and this currency, need not be read again. ``name`` is what
    was typed where it may be the name of a place."""
    prices = prices or PriceList.read(accounts, currency)
    finder = _Finder.now(accounts, prices, {holder, *beside} - {None})
    if finder is None:
        return Results(query, problem=NOT_READY)
    if not query.country:
        query = replace(query, country=finder.country)
    page = finder.search(query)
    results = Results(
        query=query,
        only_country=finder.country,
        rows=finder.rows(page),
        places=finder.places(page),
        facets=page.facets,
        total=page.total,
        is_exact=page.is_exact,
        after=str(page.after) if page.after else "",
    )
    if name:
        results.suggested = finder.index.places_like(name, SUGGESTED, finder.shelf)
    if not results.rows and not results.places and query.after is None:
        _fill_near(results, finder)
    return results


def ticket_of(place: FoundPlace) -> str:
    """A place by quantity as it is named outside: no key of the carrier's, no number of ours."""
    named = f"{place.account}/{place.key}/{place.kind.number_type}"
    return hashlib.sha256(named.encode()).hexdigest()[:20]


def place_of(ticket: str, accounts: Sequence[CarrierAccount], currency: str) -> FoundPlace | None:
    """The place of this ticket, as it is on sale now at ``accounts``."""
    finder = _Finder.now(accounts, PriceList.read(accounts, currency), ())
    for found in finder.all_places() if finder else []:
        if ticket_of(found) == ticket:
            return found
    return None


def region_name(country: str, region: str) -> str:
    """What a region is called; its code where the index does not know it."""
    index = current()
    names = _SHELVES.region_names(index) if index else {}
    return names.get((country, region), region)


@dataclass(frozen=True)
class _Finder:
    """One buyer's view of the index. ``country`` is the only one on sale, if it is one."""

    index: Index
    shelf: Shelf
    country: str
    without: Any
    currency: str

    @classmethod
    def now(
        cls, accounts: Sequence[CarrierAccount], prices: PriceList, holders: Collection[Any]
    ) -> _Finder | None:
        index = current()
        if index is None:
            return None
        shelf, country = _SHELVES.of(index, accounts, prices)
        return cls(index, shelf, country, _SHELVES.taken(index).rows(holders), prices.currency)

    def search(self, query: Query) -> Page:
        return self.index.search(query, self.shelf, self.without)

    def rows(self, page: Page) -> list[Found]:
        return [
            Found(
                e164=row.e164,
                kind=row.group.kind,
                price=self._price(self.shelf.monthly[row.number], self.shelf.setup[row.number]),
                account=row.group.account,
                fetched=_moment(row.group.fetched),
                block=row.block,
                is_own=row.group.is_own,
            )
            for row in page.rows
        ]

    def places(self, page: Page) -> list[FoundPlace]:
        return [self._place(number, place) for number, place in page.by_quantity]

    def all_places(self) -> Iterator[FoundPlace]:
        """Every place that is on sale by quantity."""
        for number, place in enumerate(self.index.columns.by_quantity):
            if self.shelf.quantity_monthly[number] >= 0:
                yield self._place(number, place)

    def _place(self, number: int, place: ByQuantity) -> FoundPlace:
        shelf = self.shelf
        return FoundPlace(
            key=place.offer.key,
            kind=place.offer.kind,
            price=self._price(shelf.quantity_monthly[number], shelf.quantity_setup[number]),
            account=place.account,
            fetched=_moment(place.fetched),
            quantity=None if place.offer.quantity < 0 else place.offer.quantity,
            prefix=place.offer.prefix,
        )

    def _price(self, monthly: Any, setup: Any) -> NumberPrice:
        return NumberPrice(Money(int(monthly), self.currency), Money(int(setup), self.currency))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


# -- prices -------------------------------------------------------------------------------------


class _Stand(NamedTuple):
    """A shelf, and the one country of all that stands on it; empty where there are several."""

    shelf: Shelf
    country: str


class _Shelves:
    """The shelves that were asked for last, and what is taken, of the index that is open now."""

    def __init__(self) -> None:
        self._index: Index | None = None
        self._taken: Taken | None = None
        self._shelves: OrderedDict[Any, _Stand] = OrderedDict()
        self._names: tuple[Index | None, dict[tuple[str, str], str]] = (None, {})

    def taken(self, index: Index) -> Taken:
        taken = self._taken
        if taken is None or taken.index is not index:
            taken = self._taken = Taken(index)
        return taken

    def region_names(self, index: Index) -> dict[tuple[str, str], str]:
        """By country and region."""
        known, names = self._names
        if known is not index:
            kinds = [row.offer.kind for row in index.columns.by_quantity]
            names = {(kind.country, kind.region): kind.region_name for kind in kinds}
            names |= {(one.country, one.region): one.region_name for one in index.columns.places}
            self._names = index, names
        return names

    def of(self, index: Index, accounts: Sequence[CarrierAccount], prices: PriceList) -> _Stand:
        if index is not self._index:
            self._index, self._shelves = index, OrderedDict()
        shelves = self._shelves
        sellers = tuple((a.pk, tuple(a.countries), tuple(a.regions)) for a in accounts)
        key = (sellers, prices.key)
        stand = shelves.get(key)
        if stand is None:
            shelf = _shelf(index, accounts, prices)
            stand = shelves[key] = _Stand(shelf, _only_country(index, shelf))
            while len(shelves) > _SHELVES_KEPT:
                shelves.popitem(last=False)
        return stand


_SHELVES = _Shelves()


def _shelf(index: Index, accounts: Sequence[CarrierAccount], prices: PriceList) -> Shelf:
    """The client's prices of every group: each distinct cost is worked out once."""
    pricer = _Pricer({account.pk: account for account in accounts}, prices)
    groups = index.columns.groups
    first, like = groups.alike()
    costs = [pricer.price(groups[number].account, groups[number].kind) for number in first]
    places = [pricer.price(row.account, row.offer.kind) for row in index.columns.by_quantity]
    return Shelf(
        monthly=np.array([monthly for monthly, _ in costs], np.int64)[like],
        setup=np.array([setup for _, setup in costs], np.int64)[like],
        quantity_monthly=np.array([monthly for monthly, _ in places], np.int64),
        quantity_setup=np.array([setup for _, setup in places], np.int64),
    )


def _only_country(index: Index, shelf: Shelf) -> str:
    groups, places = index.columns.groups, index.columns.by_quantity
    sold = {groups.places[n].country for n in np.unique(groups.place[shelf.is_sold])}
    sold |= {places[n].offer.kind.country for n in np.flatnonzero(shelf.quantity_monthly >= 0)}
    return sold.pop() if len(sold) == 1 else ""


@dataclass
class _Pricer:
    accounts: dict[int, CarrierAccount]
    prices: PriceList
    _known: dict[Any, tuple[int, int]] = field(default_factory=dict)

    def price(self, account: int, kind: Kind) -> tuple[int, int]:
        """Monthly and set-up price in millionths; -1 where it is not for sale."""
        cost = (kind.number_type, kind.monthly, kind.setup, kind.currency)
        key = (account, kind.country, kind.region, cost)
        if key not in self._known:
            self._known[key] = self._price(account, kind)
        return self._known[key]

    def _price(self, account: int, kind: Kind) -> tuple[int, int]:
        seller = self.accounts.get(account)
        if seller is None or not may_sell(seller, kind.offer("+")):
            return -1, -1
        price = self.prices.price(
            account,
            country=kind.country,
            number_type=kind.number_type,
            monthly=Money(kind.monthly, kind.currency),
            setup=Money(kind.setup, kind.currency),
        )
        return (price.monthly.micros, price.setup.micros) if price else (-1, -1)


# -- what is near -------------------------------------------------------------------------------


def _fill_near(results: Results, finder: _Finder) -> None:
    """What comes closest: the same digits in a wider place, with fewer wishes, then fewer digits,
    then anything there."""
    for wider, words in _wider(replace(results.query, size=NEAR_SHOWN)):
        if found := finder.rows(finder.search(wider)):
            results.near, results.near_words = found, words
            results.near_pattern = wider.pattern
            return


def _wider(query: Query) -> Iterator[tuple[Query, str]]:
    if query.in_a_row > 1:
        yield replace(query, in_a_row=1), "that are not in a row"
    if query.rate_centre:
        yield replace(query, rate_centre=""), "elsewhere in the region"
    if query.region:
        yield replace(query, rate_centre="", region=""), "elsewhere in the country"
    bare = replace(query, number_type="", features=frozenset(), is_ready=False, in_a_row=1)
    if bare != query:
        yield bare, "without the other filters"
    for looser in _looser(query.pattern):
        yield replace(bare, pattern=looser), f"with {looser.digits}"
    anywhere = replace(bare, country="", region="", rate_centre="")
    if anywhere != bare:
        yield anywhere, "in other places"
    if not query.pattern.is_empty:
        yield replace(bare, pattern=Pattern()), "with other digits"


def _looser(pattern: Pattern) -> list[Pattern]:
    """The same digits anywhere, then only the last of them: people remember the end of a number."""
    digits = pattern.digits
    shorter = digits[-max(SHORTEST_NEAR, len(digits) // 2) :]
    known = {pattern.parts} if not (pattern.starts or pattern.ends) else set()
    texts = [text for text in dict.fromkeys([digits, shorter]) if len(text) >= SHORTEST_NEAR]
    return [patterns.read(text) for text in texts if (text,) not in known]
