"""The read side of the number search: what a carrier has on sale now, priced, and not held by others.

Reads only. A carrier that is slow or broken costs the page a sentence, never the page.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from dataclasses import dataclass, field, replace

from django.core.cache import cache
from django.http import QueryDict

from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.places import may_sell, open_countries, open_regions, region_codes
from ringup.carriers.port import Carrier, Match, NumberOffer, NumberQuery, NumberType, Region
from ringup.catalog import number_prices
from ringup.catalog.pricing import NumberPrice
from ringup.core.failures import PortFailure, Refused
from ringup.core.money import Money
from ringup.core.phones import national
from ringup.core.sentences import place_name
from ringup.numbers import holding
from ringup.shop import patterns
from ringup.shop.patterns import Pattern

log = logging.getLogger(__name__)

SHOWN = 50  # offers on a page
SIFTED = 500  # offers read where the pattern is finer than the carrier's search
SIFTED_COUNTRY = 5_000  # where only some of its regions are sold
FEWEST_DIGITS = 3  # for a search of a whole country
SHORTEST_NEAR = 2
NEAR_SHOWN = 20
# A page waits this long for a carrier at most.
READ_TIMEOUT_SECONDS = 8.0
# Typing asks the same again and again. An offer is asked afresh before it is held.
FRESH_SECONDS = 60

COUNTRY_NAMES = {"US": "United States", "CA": "Canada"}
IN_COUNTRY = {"US": "the United States"}
REGION_WORDS = {"US": "State", "CA": "Province"}
SILENT = (
    "Our number supplier does not answer right now. Nothing is lost: try the search again in a "
    "minute."
)
TOO_FEW = "Type at least three digits or letters, or choose a {region}."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked, as it came. ``text`` is the search box."""

    country: str = ""
    region: str = ""
    rate_centre: str = ""
    text: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> Wanted:
        """The search of an address; each part cut to a sane length."""

        def part(name: str, length: int) -> str:
            return query.get(name, "").replace("\x00", "").strip()[:length]

        return cls(
            country=part("country", 2).upper(),
            region=part("region", 10),
            rate_centre=part("centre", 60),
            text=part("q", 40),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """One number on sale, with the client's price."""

    offer: NumberOffer
    price: NumberPrice


@dataclass(slots=True)
class Search:
    """What the page shows. ``problem`` says why there is nothing to see; ``near`` holds what comes
    closest when nothing matches, and ``near_words`` says how it differs."""

    wanted: Wanted
    pattern: Pattern
    countries: list[tuple[str, str]] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    rate_centres: list[str] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    is_cut: bool = False
    near: list[Found] = field(default_factory=list)
    near_words: str = ""
    problem: str = ""
    hint: str = ""

    @property
    def region_word(self) -> str:
        return REGION_WORDS.get(self.wanted.country, "Region")

    @property
    def region_name(self) -> str:
        names = {region.code: region.name for region in self.regions}
        return names.get(self.wanted.region, self.wanted.region)

    @property
    def place(self) -> str:
        """Where was searched, for people."""
        narrow = ", ".join(filter(None, [place_name(self.wanted.rate_centre), self.region_name]))
        return narrow or self.country_name

    @property
    def country_name(self) -> str:
        """The country as it stands in a sentence."""
        code = self.wanted.country
        return IN_COUNTRY.get(code) or dict(self.countries).get(code, code)

    @property
    def is_sample(self) -> bool:
        """Whether nothing in particular was asked: the carrier shows a fair choice then."""
        return not self.pattern.digits and not self.wanted.region


def search(
    account: CarrierAccount, wanted: Wanted, currency: str, *, holder: uuid.UUID | None = None
) -> Search:
    """Numbers on sale at ``account`` that fit ``wanted``, priced in ``currency``. ``holder`` is the
    draft whose own hold stays in the list. Never raises a ``PortFailure``."""
    account.read_timeout_seconds = min(account.read_timeout_seconds, READ_TIMEOUT_SECONDS)
    result = Search(wanted, patterns.read(wanted.text))
    try:
        with carrier_for(account) as carrier:
            _fill_places(result, account, carrier)
            _fill_numbers(result, _Reader(carrier, account, currency, holder))
    except Refused as failure:
        log.info("search at %s was refused: %s", account, failure)
        result.problem = failure.user_message
    except PortFailure as failure:
        log.warning("search at %s failed: %s", account, failure)
        result.problem = SILENT
    return result


def _fill_places(result: Search, account: CarrierAccount, carrier: Carrier) -> None:
    """The choices where the account sells, and ``wanted`` without places that are none of them."""
    wanted = result.wanted
    codes = open_countries(account, carrier.countries())
    result.countries = [(code, COUNTRY_NAMES.get(code, code)) for code in codes]
    country = wanted.country if wanted.country in codes else (codes[0] if codes else "")
    regions = carrier.regions(country) if country else []
    result.regions = open_regions(account, country, regions)
    known = {region.code for region in result.regions}
    region = wanted.region if country == wanted.country and wanted.region in known else ""
    result.rate_centres = carrier.rate_centres(country, region) if region else []
    centre = wanted.rate_centre if wanted.rate_centre in result.rate_centres else ""
    result.wanted = replace(wanted, country=country, region=region, rate_centre=centre)


def _fill_numbers(result: Search, reader: _Reader) -> None:
    wanted, pattern = result.wanted, result.pattern
    if not wanted.region and 0 < len(pattern.digits) < FEWEST_DIGITS:
        result.hint = TOO_FEW.format(region=result.region_word.lower())
        return
    fitting = reader.read(wanted, pattern)
    result.found, result.is_cut = fitting[:SHOWN], len(fitting) > SHOWN
    if not fitting:
        result.near, result.near_words = _near(result, reader)


def _near(result: Search, reader: _Reader) -> tuple[list[Found], str]:
    """What comes closest: the same digits in a wider place, then fewer digits in the same place,
    then anything there."""
    wanted, pattern, anything = result.wanted, result.pattern, patterns.read("")
    tries: list[tuple[Wanted, Pattern, str]] = []
    if wanted.rate_centre:
        wider = replace(wanted, rate_centre="")
        tries.append((wider, pattern, f"elsewhere in {result.region_name}"))
    elif wanted.region and len(pattern.digits) >= FEWEST_DIGITS:
        wider = replace(wanted, region="")
        tries.append((wider, pattern, f"elsewhere in {result.country_name}"))
    least = SHORTEST_NEAR if wanted.region else FEWEST_DIGITS
    for looser in _looser(pattern, at_least=least):
        tries.append((wanted, looser, f"with {looser.digits} in {result.place}"))
    if pattern.digits:
        tries.append((wanted, anything, f"with other digits in {result.place}"))
    for where, what, words in tries:
        if found := reader.read(where, what)[:NEAR_SHOWN]:
            return found, words
    return [], ""


def _looser(pattern: Pattern, *, at_least: int) -> list[Pattern]:
    """The same digits anywhere, then only the last of them: people remember the end of a number."""
    digits = pattern.digits
    is_plain = pattern.match is Match.CONTAINS and pattern.is_exact
    shorter = digits[-max(at_least, len(digits) // 2) :]
    choices = dict.fromkeys([digits, shorter])
    if is_plain:
        del choices[digits]
    return [patterns.read(text) for text in choices if len(text) >= at_least]


@dataclass(frozen=True, slots=True)
class _Reader:
    carrier: Carrier
    account: CarrierAccount
    currency: str
    holder: uuid.UUID | None

    def read(self, wanted: Wanted, pattern: Pattern) -> list[Found]:
        """Offers that fit, priced, without what others hold. One more than ``SHOWN`` at most
        where the carrier itself can tell."""
        query = NumberQuery(
            country=wanted.country,
            region=wanted.region,
            rate_centre=wanted.rate_centre,
            digits=pattern.digits,
            match=pattern.match if pattern.digits else Match.CONTAINS,
            # Some of them are held by others: ask for a few more than are shown.
            limit=self._limit(wanted, pattern),
        )
        found = [offer for offer in self._offers(query) if may_sell(self.account, offer)]
        offers = [offer for offer in found if pattern.fits(national(offer.e164))]
        taken = holding.held_by_others([offer.e164 for offer in offers], holder=self.holder)
        return self._priced([offer for offer in offers if offer.e164 not in taken])

    def _limit(self, wanted: Wanted, pattern: Pattern) -> int:
        if not wanted.region and region_codes(self.account, wanted.country):
            return SIFTED_COUNTRY
        return 2 * SHOWN if pattern.is_exact else SIFTED

    def _offers(self, query: NumberQuery) -> list[NumberOffer]:
        asked = f"{self.account.pk}\n{self.account.url}\n{query}"
        place = f"search/{hashlib.sha256(asked.encode()).hexdigest()[:32]}"
        offers: list[NumberOffer] | None = cache.get(place)
        if offers is None:
            offers = self.carrier.search(query)
            cache.set(place, offers, timeout=FRESH_SECONDS)
        return offers

    def _priced(self, offers: list[NumberOffer]) -> list[Found]:
        """With the client's price; what no price rule covers is not on sale. A rule is read once
        per country and cost, not once per number."""
        prices: dict[tuple[str, NumberType, Money, Money], NumberPrice | None] = {}
        priced = []
        for offer in offers[: SHOWN + 1]:
            key = (offer.country, offer.number_type, offer.monthly, offer.setup)
            if key not in prices:
                prices[key] = number_prices.price_offer(self.account, offer, self.currency)
            price = prices[key]
            if price is not None:
                priced.append(Found(offer, price))
        return priced
