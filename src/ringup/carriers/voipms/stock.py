"""Everything on sale, area by area: states and provinces, toll-free area codes, countries abroad.

A state or province is one call: the documentation requires the state and not the rate centre. Toll-free
numbers work in both countries and are listed once, as numbers of the USA, which is where libphonenumber
counts them. Abroad VoIP.ms sells quantities at a location and never a chosen number.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from ringup.carriers.port import NumberOffer, NumberType, PlaceOffer, Stock, StockArea
from ringup.carriers.voipms.client import VoipMsClient
from ringup.carriers.voipms.coercing import Row, readable_list, text
from ringup.carriers.voipms.countries import iso_of, name_of
from ringup.carriers.voipms.numbering import TOLL_FREE_AREAS, ten_digits
from ringup.carriers.voipms.offers import COUNTRIES, Country, catalogue
from ringup.carriers.voipms.pricing import Pricing, in_words
from ringup.carriers.voipms.settings import Settings
from ringup.core.failures import NothingHappened, OurFault

TOLL_FREE, ABROAD = "TF", "INT"
TOLL_FREE_COUNTRY = "US"
COUNTRY_NAMES = {"CA": "Canada", "US": "USA"}

Offer = TypeVar("Offer", NumberOffer, PlaceOffer)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """What VoIP.ms calls one sort of international numbers."""

    number_type: NumberType
    list_locations: str
    words: str


KINDS = {
    "GEOGRAPHIC": Kind(
        NumberType.GEOGRAPHIC, "getDIDsInternationalGeographic", "geographic numbers"
    ),
    "NATIONAL": Kind(NumberType.NATIONAL, "getDIDsInternationalNational", "national numbers"),
    "TOLLFREE": Kind(NumberType.TOLL_FREE, "getDIDsInternationalTollFree", "toll-free numbers"),
}


class Shelves:
    """Reading only. Prices are those of the account's billing type."""

    def __init__(self, client: VoipMsClient, settings: Settings, *, currency: str) -> None:
        self._client = client
        self._settings = settings
        self._currency = currency

    def areas(self) -> list[StockArea]:
        """All areas, ``US/NY``, ``TF/800`` and ``INT/GEOGRAPHIC/205``, in this order. The catalogues
        are kept for a day."""
        home = [area for country in COUNTRIES.values() for area in self._regions(country)]
        toll_free = [
            StockArea(f"{TOLL_FREE}/{code}", f"Toll-free {code}", TOLL_FREE_COUNTRY)
            for code in TOLL_FREE_AREAS
        ]
        return home + toll_free + self._abroad()

    def stock(self, area: StockArea) -> Stock:
        """What the area has now. ``NothingHappened`` when the answer is no list, and when there are
        rows of which not one can be read."""
        group, _, rest = area.key.partition("/")
        if group in COUNTRIES and rest:
            return Stock(self._numbers(COUNTRIES[group], rest))
        if group == TOLL_FREE and rest in TOLL_FREE_AREAS:
            return Stock(self._toll_free(rest))
        kind, _, country_id = rest.partition("/")
        if group == ABROAD and _plain(kind) in KINDS and country_id:
            return self._locations(KINDS[_plain(kind)], country_id, area.country)
        raise OurFault(f"VoIP.ms has no area {area.key!r}.")

    def _regions(self, country: Country) -> list[StockArea]:
        found = catalogue(self._client, country.list_regions, country.regions, country.region)
        if not found:
            # An area that is missing here would be taken for one that is sold out.
            raise NothingHappened(f"VoIP.ms answered {country.list_regions} with an empty list.")
        areas = [
            StockArea(
                f"{country.code}/{text(row, country.region)}",
                f"{in_words(text(row, 'description'))}, {COUNTRY_NAMES[country.code]}",
                country.code,
            )
            for row in found
        ]
        return sorted(areas, key=lambda area: area.key)

    def _abroad(self) -> list[StockArea]:
        areas = []
        for row in catalogue(self._client, "getInternationalTypes", "types", "value"):
            name = text(row, "value")
            if kind := KINDS.get(_plain(name)):
                areas += self._countries(name, kind)
            else:
                log.warning("VoIP.ms sells numbers of a type %r that is not known here", name)
        return sorted(areas, key=lambda area: area.key)

    def _countries(self, type_name: str, kind: Kind) -> list[StockArea]:
        areas = []
        for row in catalogue(self._client, "getDIDCountries", "countries", "value", type=type_name):
            described = text(row, "description")
            if iso := iso_of(described):
                key = f"{ABROAD}/{type_name}/{text(row, 'value')}"
                areas.append(StockArea(key, f"{name_of(described)}, {kind.words}", iso))
            else:
                log.info("VoIP.ms's country %r has no certain ISO code: left out", described)
        return areas

    def _numbers(self, country: Country, region: str) -> list[NumberOffer]:
        answer = self._client.read(country.list_numbers, **{country.region: region})
        found = readable_list(answer, "dids", "did")
        offers = self._pricing().numbers(found, country.code, country.region)
        return _once(
            country.list_numbers, found, [offer for offer in offers if offer.region == region]
        )

    def _toll_free(self, code: str) -> list[NumberOffer]:
        answer = self._client.read("searchTollFreeCanUS", type="starts", query=code)
        found = readable_list(answer, "dids", "did")
        offers = self._pricing().toll_free(found, TOLL_FREE_COUNTRY)
        return _once(
            "searchTollFreeCanUS",
            found,
            [offer for offer in offers if ten_digits(offer.e164).startswith(code)],
        )

    def _locations(self, kind: Kind, country_id: str, country: str) -> Stock:
        answer = self._client.read(kind.list_locations, country_id=country_id)
        found = readable_list(answer, "locations", "location_id")
        on_sale = [row for row in found if text(row, "stock") != "0"]
        places = self._pricing().places(on_sale, country, kind.number_type)
        return Stock([], _once(kind.list_locations, on_sale, places))

    def _pricing(self) -> Pricing:
        return Pricing(self._settings, currency=self._currency)


def _once(method: str, found: Sequence[Row], offers: Sequence[Offer]) -> list[Offer]:
    """Each number or place once. What was left out is logged; when nothing is left of many rows, the
    answer is not what we think it is."""
    if found and not offers:
        raise NothingHappened(f"VoIP.ms answered {method} with rows of which none can be read.")
    once = {offer.key if isinstance(offer, PlaceOffer) else offer.e164: offer for offer in offers}
    if len(once) < len(found):
        log.warning(
            "VoIP.ms %s: %d of %d rows left out", method, len(found) - len(once), len(found)
        )
    return list(once.values())


def _plain(type_name: str) -> str:
    """``TOLLFREE`` for ``TOLL_FREE``: only one of the three names is in the documentation."""
    return "".join(filter(str.isalpha, type_name.upper()))
