"""The read side of the page that lists what the shop does not show, why, and where it is mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from ringup.accounts.brands import default_brand
from ringup.backoffice.badges import Chip
from ringup.backoffice.paging import Paged, asked, paged
from ringup.catalog.mapped import Catalogue, Thing
from ringup.catalog.visibility import Prices, Reason, Why, reasons

_ITS_PAGE = ("office:products", "Open the product")
_ITS_MAPPING = ("office:mappings", "Map it")
# Where each kind of reason is mended, and what the link says.
_MENDED_AT = {
    Why.RETIRED: _ITS_PAGE,
    Why.HIDDEN: _ITS_PAGE,
    Why.SOLD_OUT: _ITS_PAGE,
    Why.INCOMPLETE: _ITS_PAGE,
    Why.NO_PRICE: _ITS_PAGE,
    Why.GROUP_HIDDEN: ("office:product-groups", "Open the groups"),
    Why.STAFF_ONLY: ("office:product-groups", "Open the groups"),
    Why.ONLY_IN_BUNDLES: ("office:bundles", "Open the bundles"),
    Why.NOT_MAPPED: _ITS_MAPPING,
    Why.NO_PROVIDER: _ITS_MAPPING,
    Why.PROVIDER_OFF: ("office:providers", "Open the providers"),
    Why.NO_SERVER: ("office:servers", "Open the PBX servers"),
    Why.NO_NUMBER_PRICE: ("office:price-rules", "Open the number prices"),
    Why.NO_RATE: ("office:exchange-rates", "Open the exchange rates"),
}
# Each row may have several reasons with links.
PAGE_SIZE = 25
# Lists that can be searched for a code such as P-12.
_FOUND_BY_CODE = ("office:products", "office:bundles", "office:mappings")


@dataclass(frozen=True, slots=True)
class Line:
    """One reason, and the page on which it is mended."""

    sentence: str
    url: str
    words: str


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that the shop does not show, or that nobody could finish to buy."""

    thing: Thing
    group: str
    found: list[Reason]

    @property
    def lines(self) -> list[Line]:
        return [_line(self.thing, reason) for reason in self.found]


@dataclass(frozen=True, slots=True)
class Listing:
    """The page: its rows, and the filter by reason with counts over everything."""

    paged: Paged
    chips: list[Chip]
    words: str
    why: str
    on_sale: int


def not_on_sale(request: HttpRequest) -> Listing:
    """What the address asks for (``q``, ``why``). The number of queries does not depend on the size."""
    words, why = asked(request, "q"), asked(request, "why")
    catalogue = Catalogue.read()
    prices = Prices.read(catalogue, default_brand().currency)
    missing = [
        Missing(thing, catalogue.shelves[thing.group].name, found)
        for thing in catalogue.things.values()
        if (found := reasons(catalogue, thing, prices))
    ]
    matching = [row for row in missing if _matches(row.thing, words.casefold())]
    shown = [row for row in matching if not why or any(r.why == why for r in row.found)]
    return Listing(
        paged=paged(request, shown, size=PAGE_SIZE),
        chips=list(_chips(matching, words, why)),
        words=words,
        why=why,
        on_sale=len(catalogue.things) - len(missing),
    )


def _matches(thing: Thing, words: str) -> bool:
    return not words or words in thing.name.casefold() or words == thing.code.casefold()


def _chips(rows: list[Missing], words: str, current: str) -> Iterator[Chip]:
    yield Chip("All", len(rows), urlencode({"q": words}), not current)
    counts = Counter(why for row in rows for why in {reason.why for reason in row.found})
    for why in Why:
        if counts[why] or why == current:
            query = urlencode({"q": words, "why": why.value})
            yield Chip(why.word, counts[why], query, why == current)


def _line(thing: Thing, reason: Reason) -> Line:
    name, words = _MENDED_AT[reason.why]
    if name == "office:products" and thing.is_bundle:
        name, words = "office:bundles", "Open the bundle"
    is_about_it = reason.why is not Why.ONLY_IN_BUNDLES and name in _FOUND_BY_CODE
    query = f"?{urlencode({'q': thing.code})}" if is_about_it else ""
    return Line(reason.sentence, reverse(name) + query, words)
