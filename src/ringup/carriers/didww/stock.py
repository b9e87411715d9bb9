"""Everything on sale, area by area: the regions of a country, and what of it belongs to none.

DIDWW lists numbers of some groups only. The others, and those whose listed numbers are demonstrations
that nobody gets, are sold by quantity.
"""

from __future__ import annotations

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.geography import Country, Geography
from ringup.carriers.didww.groups import IDS_AT_ONCE, Group, Groups
from ringup.carriers.didww.paging import every
from ringup.carriers.didww.reading import Resource
from ringup.carriers.port import NumberOffer, Stock, StockArea
from ringup.core.failures import NothingHappened, OurFault


class Shelves:
    """Reading only."""

    def __init__(self, client: DidwwClient, geography: Geography, groups: Groups) -> None:
        self._client = client
        self._geography = geography
        self._groups = groups

    def areas(self) -> list[StockArea]:
        """``US/NY`` for each region of a country, and ``US`` for what belongs to none of them."""
        found = []
        for country in self._geography.countries().values():
            name = f"{country.name}, all other" if country.regions else country.name
            found.append(StockArea(country.code, name, country.code))
            found += [
                StockArea(f"{country.code}/{one.code}", f"{one.name}, {country.name}", country.code)
                for one in country.regions
            ]
        return found

    def stock(self, area: StockArea) -> Stock:
        """What the area has now."""
        code, _, region = area.key.partition("/")
        country = self._geography.country(code)
        if country is None:
            raise OurFault(f"DIDWW has no area {area.key!r}.")
        groups = self._of_region(country, region) if region else self._of_none(country)
        chosen = {key: group for key, group in groups.items() if group.is_chosen_from}
        places = [group.by_quantity() for key, group in groups.items() if key not in chosen]
        return Stock(self._numbers(chosen), places)

    def _of_region(self, country: Country, code: str) -> dict[str, Group]:
        region = country.region(code)
        if region is None:
            raise OurFault(f"DIDWW has no region {code!r} in {country.name}.")
        return self._groups.all({"region.id": region.key})

    def _of_none(self, country: Country) -> dict[str, Group]:
        found = self._groups.all({"country.id": country.key})
        return {key: group for key, group in found.items() if not group.region}

    def _numbers(self, groups: dict[str, Group]) -> list[NumberOffer]:
        offers: dict[str, NumberOffer] = {}
        keys = sorted(groups)
        for start in range(0, len(keys), IDS_AT_ONCE):
            some = ",".join(keys[start : start + IDS_AT_ONCE])
            query = {"filter[did_group.id]": some, "include": "did_group"}
            rows = every(self._client, "available_dids", query)
            here = {offer.e164: offer for offer in _offers(rows, groups)}
            if rows and not here:
                raise NothingHappened("DIDWW answered with numbers of which none can be read.")
            offers |= here
        return list(offers.values())


def _offers(rows: list[Resource], groups: dict[str, Group]) -> list[NumberOffer]:
    found = []
    for row in rows:
        keys, digits = row.keys("did_group"), row.text("number")
        group = groups.get(keys[0][1]) if keys else None
        if group is not None and digits.isdecimal():
            found.append(group.number(digits))
    return found
