"""Staff's number search: one live look at one account, as a test of it. Nothing is remembered."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from ringup.accounts.brands import default_brand
from ringup.carriers.models import CarrierAccount
from ringup.carriers.opening import carrier_for
from ringup.carriers.places import open_countries, open_regions, region_codes
from ringup.carriers.port import Carrier, NumberOffer, NumberQuery, Region
from ringup.catalog.number_prices import Working, work_out_offer
from ringup.core.failures import PortFailure

SHOWN = 100
# A page waits this long for a carrier at most.
READ_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Row:
    """One number on sale at the carrier. ``working`` has the client's price, or why there is none."""

    offer: NumberOffer
    working: Working


@dataclass(slots=True)
class Result:
    """``problem`` is the carrier's own text, whole: staff must see it. ``seconds`` is how long it
    took to answer the search itself, None when it did not come to that."""

    query: NumberQuery
    currency: str
    countries: list[str] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    rate_centres: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    seconds: float | None = None
    problem: str = ""

    @property
    def milliseconds(self) -> int:
        return max(1, round(1000 * (self.seconds or 0)))

    @property
    def is_cut(self) -> bool:
        return len(self.rows) >= SHOWN


def search(account: CarrierAccount, query: NumberQuery) -> Result:
    """Ask the account's carrier now, and price what it says in the brand's currency. Only places
    where the account sells can be asked for; others are dropped from the query. Never raises a
    ``PortFailure``."""
    account.read_timeout_seconds = min(account.read_timeout_seconds, READ_TIMEOUT_SECONDS)
    result = Result(query, default_brand().currency)
    offers: list[NumberOffer] = []
    try:
        with carrier_for(account) as carrier:
            _fill_places(result, account, carrier)
            began = time.monotonic()
            offers = carrier.search(result.query)
            result.seconds = time.monotonic() - began
    except PortFailure as failure:
        result.problem = str(failure)
    result.rows = [Row(offer, work_out_offer(account, offer, result.currency)) for offer in offers]
    return result


def _fill_places(result: Result, account: CarrierAccount, carrier: Carrier) -> None:
    query = result.query
    result.countries = open_countries(account, carrier.countries())
    country = query.country if query.country in result.countries else ""
    country = country or next(iter(result.countries), "")
    regions = carrier.regions(country) if country else []
    result.regions = open_regions(account, country, regions)
    known = [region.code for region in result.regions]
    region = query.region if country == query.country and query.region in known else ""
    if region_codes(account, country) and not region:
        region = next(iter(known), "")  # a search of the whole country would show closed regions
    result.rate_centres = carrier.rate_centres(country, region) if region else []
    centre = query.rate_centre if query.rate_centre in result.rate_centres else ""
    result.query = replace(query, country=country, region=region, rate_centre=centre, limit=SHOWN)
