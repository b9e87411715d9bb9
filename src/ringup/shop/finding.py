"""The number search as the home page and the wizard show it: one search, ready to be rendered."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString

from ringup.accounts.access import counted_as
from ringup.catalog.price_list import PriceList
from ringup.core.limiting import Limit, count
from ringup.core.phones import country_name
from ringup.core.sentences import place_name
from ringup.flows import finding
from ringup.flows.finding import Results
from ringup.numbers import holding
from ringup.numbers.index.query import Sort
from ringup.numbers.patterns import Pattern
from ringup.shop.asked import IN_A_ROW, Asked
from ringup.shop.filters import Chip, Filters, chips_of, filters_of, places_named
from ringup.shop.rows import PlaceRow, place_row, row_of
from ringup.shop.sellers import Seller

TOO_OFTEN = "That were many searches in a short time. Wait a minute, then search again."
SORTS = (
    (Sort.BEST, "Best match"),
    (Sort.PRICE, "Price, low to high"),
    (Sort.PLACE, "Place"),
)
IN_COUNTRY = {"US": "the United States", "GB": "the United Kingdom", "NL": "the Netherlands"}


@dataclass(frozen=True)
class Search:
    """All that the list, the filters and the hint show. ``here`` is this search's own address behind
    the ``?``; ``after`` and ``first`` lead to other pages of it. ``status`` is 200 or 429."""

    asked: Asked
    rows: list[SafeString]
    places: list[PlaceRow]
    near: list[SafeString]
    near_words: str
    suggested: list[Chip]
    filters: Filters
    chips: list[Chip]
    total: str
    where: str
    checked: str
    after: str
    problem: str
    status: int
    only_country: str

    @property
    def pattern(self) -> Pattern:
        return self.asked.pattern

    @property
    def here(self) -> str:
        return self.asked.address()

    @property
    def place(self) -> str:
        """What the form sends along as ``was``."""
        return f"{self.asked.country or self.only_country}/{self.asked.region}"

    @property
    def first(self) -> str:
        return replace(self.asked, after="").address()

    @property
    def bare(self) -> str:
        """The search box alone, with all numbers."""
        return Asked(text=self.asked.text, sold=self.asked.sold, sort=self.asked.sort).address()

    @property
    def all_centres(self) -> str:
        return replace(self.asked, after="", is_all_centres=True).address()

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        return [(sort.value, words, sort is self.asked.sort) for sort, words in SORTS]

    @property
    def row_choices(self) -> list[tuple[int, str, bool]]:
        words = {1: "1 number"}
        return [(n, words.get(n, f"{n} in a row"), n == self.asked.in_a_row) for n in IN_A_ROW]

    @property
    def can_count_places(self) -> bool:
        """Whether several numbers of a place can be chosen at once: not with a thing that takes one."""
        return any(place.value and not place.note for place in self.places)

    @property
    def counts(self) -> range:
        """How many numbers of a place can be chosen at once."""
        return range(1, holding.MOST_PER_DRAFT + 1)

    @property
    def listed(self) -> list[SafeString]:
        return self.rows or self.near

    @property
    def noun(self) -> str:
        """What ``total`` counts."""
        is_one = self.total == "1"
        if self.asked.in_a_row > 1:
            return f"block{'' if is_one else 's'} of {self.asked.in_a_row} in a row"
        return "number" if is_one else "numbers"


def search(
    request: HttpRequest,
    asked: Asked,
    sellers: Sequence[Seller],
    currency: str,
    *,
    prices: PriceList | None = None,
    holders: Sequence[uuid.UUID] = (),
    chosen: Collection[str] = (),
) -> Search:
    """Look up what is asked at these sellers' accounts. ``holders`` are the buyer's drafts, whose
    holds hide nothing from him, and ``chosen`` the numbers that he selected.
    ``prices`` were read a moment ago."""
    if not _is_patient(request):
        return _search(asked, Results(asked.query(), problem=TOO_OFTEN), sellers, (), status=429)
    holder, beside = (holders[0], holders[1:]) if holders else (None, ())
    accounts = [seller.account for seller in sellers]
    results = finding.find(
        asked.query(),
        accounts,
        currency,
        holder=holder,
        beside=beside,
        prices=prices,
        name=asked.name,
    )
    return _search(asked, results, sellers, chosen)


def _search(
    asked: Asked,
    results: Results,
    sellers: Sequence[Seller],
    chosen: Collection[str],
    *,
    status: int = 200,
) -> Search:
    by_account = {seller.account.pk: seller for seller in sellers}
    pattern = asked.pattern
    return Search(
        asked=asked,
        rows=[row_of(found, pattern, by_account, chosen) for found in results.rows],
        places=[place_row(found, finding.ticket_of(found), by_account) for found in results.places],
        near=[row_of(found, results.near_pattern, by_account, chosen) for found in results.near],
        near_words=results.near_words,
        suggested=places_named(asked, results.suggested),
        filters=filters_of(asked, results),
        chips=chips_of(asked, only_country=results.only_country),
        total=f"{results.total:,}" if results.is_exact else "1,000+",
        where=_where(asked, results.query.country),
        checked=_ago(results.checked),
        after=replace(asked, after=results.after).address() if results.after else "",
        problem=results.problem,
        status=status,
        only_country=results.only_country,
    )


# -- limits ---------------------------------------------------------------------------------------


def _is_patient(request: HttpRequest) -> bool:
    """Whether this browser and this network search as people do."""
    fine = True
    for limit, key in (
        (by_address(), counted_as(request)),
        (by_session(), request.session.session_key or ""),
    ):
        if limit.times:
            fine = count(limit, key) and fine
    return fine


def by_session() -> Limit:
    return Limit("search-session", times=settings.RINGUP_SEARCHES_PER_BROWSER, seconds=60)


def by_address() -> Limit:
    return Limit("search-address", times=settings.RINGUP_SEARCHES_PER_ADDRESS, seconds=60)


# -- words ----------------------------------------------------------------------------------------


def _where(asked: Asked, country: str) -> str:
    """Where was searched, as it stands behind "in"; empty for everywhere."""
    region = finding.region_name(country, asked.region) if asked.region else ""
    narrow = ", ".join(filter(None, [place_name(asked.centre), region]))
    return narrow or IN_COUNTRY.get(country) or (country_name(country) if country else "")


def _ago(moment: datetime | None) -> str:
    """``12 minutes ago``; empty for never."""
    if moment is None:
        return ""
    minutes = int((timezone.now() - moment).total_seconds()) // 60
    for size, word in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            many = minutes // size
            return f"{many} {word}{'' if many == 1 else 's'} ago"
    return "just now"


# -- the address ----------------------------------------------------------------------------------


def address_headers(request: HttpRequest, asked: Asked) -> dict[str, str]:
    """What a fragment says of the address bar: it always holds the whole search. What is typed
    letter by letter is one step back, a filter is one of its own."""
    before = Asked.read(QueryDict(_query_of(request.headers.get("HX-Current-URL", ""))))
    if before == asked:
        return {}
    address = asked.under(request.path)
    is_typing = bool(before.text) and replace(before, text=asked.text, after="") == asked
    return {"HX-Replace-Url" if is_typing else "HX-Push-Url": address}


def _query_of(address: str) -> str:
    try:
        return urlsplit(address).query
    except ValueError:  # no address at all
        return ""
