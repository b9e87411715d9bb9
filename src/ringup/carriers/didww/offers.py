"""Numbers and places for sale at DIDWW: searches, and one of either asked for now."""

from __future__ import annotations

from collections.abc import Iterator

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.geography import Country, Geography
from ringup.carriers.didww.groups import IDS_AT_ONCE, Group, Groups
from ringup.carriers.didww.paging import pages
from ringup.carriers.didww.reading import Resource
from ringup.carriers.didww.reserving import Reservations
from ringup.carriers.port import Match, NumberOffer, NumberQuery, PlaceOffer
from ringup.carriers.remembering import CATALOGUES
from ringup.core.phones import country_code

# So many pages of numbers are looked through for digits at a certain place.
MOST_PAGES = 5
FEWEST = 50


class Offers:
    """Reading only."""

    def __init__(
        self,
        client: DidwwClient,
        geography: Geography,
        groups: Groups,
        reservations: Reservations,
    ) -> None:
        self._client = client
        self._geography = geography
        self._groups = groups
        self._reservations = reservations

    def rate_centres(self, code: str, region: str) -> list[str]:
        """Kept for a day."""
        country = self._geography.country(code)
        known = country.region(region) if country else None
        if country is None or known is None:
            return []

        def load() -> list[str]:
            found = self._groups.all({"region.id": known.key, "available_dids_enabled": "true"})
            return sorted({group.place for group in found.values() if group.is_chosen_from})

        return CATALOGUES.get(("didww", self._client.account, "places", code, region), load)

    def search(self, query: NumberQuery) -> list[NumberOffer]:
        country = self._geography.country(query.country)
        if country is None or (query.region and not country.region(query.region)):
            return []
        if query.rate_centre:
            return self._search_in(country, query)
        filters = self._where(country, query)
        return self._offers(country, query, filters)

    def _search_in(self, country: Country, query: NumberQuery) -> list[NumberOffer]:
        """Numbers of one place, which may have several groups."""
        filters = self._where(country, query) | {
            "area_name": query.rate_centre,
            "available_dids_enabled": "true",
        }
        groups = {
            group.key: group
            for group in self._groups.all(filters).values()
            if group.is_chosen_from and group.place == query.rate_centre
        }
        if not groups:
            return []
        keys = ",".join(sorted(groups)[:IDS_AT_ONCE])
        return self._offers(country, query, {"did_group.id": keys}, groups)

    def _where(self, country: Country, query: NumberQuery) -> dict[str, str]:
        region = country.region(query.region)
        return {"region.id": region.key} if region else {"country.id": country.key}

    def _offers(
        self,
        country: Country,
        query: NumberQuery,
        filters: dict[str, str],
        groups: dict[str, Group] | None = None,
    ) -> list[NumberOffer]:
        known, found = dict(groups or {}), list[NumberOffer]()
        asked = {f"filter[{name}]": value for name, value in filters.items()}
        asked |= {"include": "did_group"} | _containing(country, query)
        most = max(query.limit, FEWEST)
        for rows in pages(self._client, "available_dids", asked, size=most, most_pages=MOST_PAGES):
            fitting = [row for row in rows if _fits(row.text("number"), country, query)]
            if groups is None:
                missing = {uid for row in fitting for _, uid in row.keys("did_group")} - set(known)
                known |= self._groups.of(missing)
            found += _sold(fitting, known)
            if len(found) >= query.limit:
                break
        return found[: query.limit]

    def one(self, e164: str) -> NumberOffer | None:
        """Also one that DIDWW keeps for us."""
        row = self.available(e164) or self._reservations.kept(e164)
        if row is None:
            return None
        group = self.group_of(row)
        if group is None or not group.is_chosen_from:
            return None
        return group.number(row.text("number"))

    def available(self, e164: str) -> Resource | None:
        """DIDWW's row for exactly this number, while it is on sale."""
        digits = e164.removeprefix("+")
        if not digits.isdecimal() or not country_code(e164):
            return None
        query = {"filter[number_contains]": digits, "include": "did_group"}
        for rows in pages(self._client, "available_dids", query, size=FEWEST, most_pages=1):
            for row in rows:
                if row.text("number") == digits:
                    return row
        return None

    def group_of(self, row: Resource) -> Group | None:
        """The group of a row of ``available``, if it is on sale."""
        keys = row.keys("did_group")
        group = self._groups.find(keys[0][1]) if keys else None
        return group if group is not None and group.is_on_sale else None

    def place(self, key: str) -> PlaceOffer | None:
        group = self._groups.find(key)
        return group.by_quantity() if group is not None and group.is_on_sale else None


def _sold(rows: list[Resource], groups: dict[str, Group]) -> Iterator[NumberOffer]:
    for row in rows:
        keys = row.keys("did_group")
        group = groups.get(keys[0][1]) if keys else None
        if group is not None and group.is_chosen_from:
            yield group.number(row.text("number"))


def _containing(country: Country, query: NumberQuery) -> dict[str, str]:
    """DIDWW only knows "contains", and counts the country code in: the rest is looked at here."""
    if not query.digits:
        return {}
    starts = query.match is Match.STARTS
    return {"filter[number_contains]": f"{country.prefix if starts else ''}{query.digits}"}


def _fits(number: str, country: Country, query: NumberQuery) -> bool:
    if not number.isdecimal():
        return False
    national = number.removeprefix(country.prefix)
    if query.match is Match.STARTS:
        return national.startswith(query.digits)
    if query.match is Match.ENDS:
        return national.endswith(query.digits)
    return query.digits in national
