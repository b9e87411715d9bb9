"""Numbers for sale at VoIP.ms: regions, rate centres, searches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ringup.carriers.port import Match, NumberOffer, NumberQuery, Region
from ringup.carriers.remembering import CATALOGUES
from ringup.carriers.voipms.client import VoipMsClient
from ringup.carriers.voipms.coercing import Row, flag, readable_list, text, whole_list
from ringup.carriers.voipms.numbering import country_of, digits_of, is_toll_free, ten_digits
from ringup.carriers.voipms.pricing import Pricing, in_words
from ringup.carriers.voipms.settings import Settings

# A search for nothing in particular asks for numbers that end so: one call with a fair choice,
# where listing a whole country would be an enormous answer. Where none is left, more is asked for.
ANY_NUMBER = ("00", "50", "0", "5")
# A place or a query that VoIP.ms does not know has no numbers; it is no fault of anybody's.
NO_SUCH_PLACE = ("invalid_state", "invalid_province", "invalid_query")


@dataclass(frozen=True, slots=True)
class Country:
    """The names that VoIP.ms has for one thing in its two countries."""

    code: str
    region: str
    regions: str
    list_regions: str
    list_centres: str
    list_numbers: str
    search_numbers: str


COUNTRIES = {
    "CA": Country(
        "CA",
        "province",
        "provinces",
        "getProvinces",
        "getRateCentersCAN",
        "getDIDsCAN",
        "searchDIDsCAN",
    ),
    "US": Country(
        "US",
        "state",
        "states",
        "getStates",
        "getRateCentersUSA",
        "getDIDsUSA",
        "searchDIDsUSA",
    ),
}


class Offers:
    """Reading only. Prices are those of the account's billing type."""

    def __init__(self, client: VoipMsClient, settings: Settings, *, currency: str) -> None:
        self._client = client
        self._settings = settings
        self._currency = currency

    def regions(self, code: str) -> list[Region]:
        country = COUNTRIES.get(code)
        if country is None:
            return []
        found = catalogue(self._client, country.list_regions, country.regions, country.region)
        regions = [
            Region(text(row, country.region), in_words(text(row, "description"))) for row in found
        ]
        return sorted(regions, key=lambda region: region.name)

    def rate_centres(self, code: str, region: str) -> list[str]:
        country = COUNTRIES.get(code)
        if country is None or not region:
            return []
        place = {country.region: region}
        found = catalogue(self._client, country.list_centres, "ratecenters", "ratecenter", **place)
        return sorted(text(row, "ratecenter") for row in found if flag(row, "available"))

    def search(self, query: NumberQuery) -> list[NumberOffer]:
        country = COUNTRIES.get(query.country)
        if country is None:
            return []
        digits = digits_of(query.digits)
        if query.match is Match.STARTS and is_toll_free(digits):
            offers = self._toll_free(country.code, query.match, digits)
        elif query.region and (query.rate_centre or not digits):
            fits = _matcher(query.match, digits)
            offers = [offer for offer in self._listed(country, query) if fits(offer.e164[2:])]
        else:
            offers = (
                self._found(country, query.region, query.match, digits)
                if digits
                else self._sample(country, query.region)
            )
            if query.rate_centre:
                offers = [offer for offer in offers if offer.rate_centre == query.rate_centre]
        return sorted(offers, key=lambda offer: offer.e164)[: query.limit]

    def one(self, e164: str) -> NumberOffer | None:
        """The offer for exactly this number, asked now."""
        digits, country = ten_digits(e164), COUNTRIES.get(country_of(e164))
        if country is None:
            return None
        if is_toll_free(digits):
            offers = self._toll_free(country.code, Match.STARTS, digits)
        else:
            offers = self._found(country, "", Match.STARTS, digits)
        return next((offer for offer in offers if offer.e164 == e164), None)

    def _listed(self, country: Country, query: NumberQuery) -> list[NumberOffer]:
        """All numbers of a region or of one of its rate centres."""
        place = {country.region: query.region, "ratecenter": query.rate_centre}
        answer = self._client.read(country.list_numbers, none=NO_SUCH_PLACE, **place)
        return self._offers(country, answer)

    def _found(self, country: Country, region: str, match: Match, digits: str) -> list[NumberOffer]:
        wanted = {country.region: region, "type": match.value, "query": digits}
        answer = self._client.read(country.search_numbers, none=NO_SUCH_PLACE, **wanted)
        return self._offers(country, answer)

    def _sample(self, country: Country, region: str) -> list[NumberOffer]:
        """A fair choice; empty only when nothing ends in any of the sampled digits."""
        samples = (self._found(country, region, Match.ENDS, digits) for digits in ANY_NUMBER)
        return next(filter(None, samples), [])

    def _toll_free(self, country: str, match: Match, digits: str) -> list[NumberOffer]:
        answer = self._client.read("searchTollFreeCanUS", type=match.value, query=digits)
        return self._pricing().toll_free(readable_list(answer, "dids", "did"), country)

    def _offers(self, country: Country, answer: Row) -> list[NumberOffer]:
        found = readable_list(answer, "dids", "did")
        return self._pricing().numbers(found, country.code, country.region)

    def _pricing(self) -> Pricing:
        return Pricing(self._settings, currency=self._currency)


def catalogue(client: VoipMsClient, method: str, name: str, key: str, **params: str) -> list[Row]:
    """A list that is remembered for a day; every row has the field ``key``."""

    def load() -> list[Row]:
        return whole_list(client.read(method, none=NO_SUCH_PLACE, **params), name, key)

    return CATALOGUES.get((client.url, client.user, method, *params.values()), load)


def _matcher(match: Match, digits: str) -> Callable[[str], bool]:
    if match is Match.STARTS:
        return lambda national: national.startswith(digits)
    if match is Match.ENDS:
        return lambda national: national.endswith(digits)
    return lambda national: digits in national
