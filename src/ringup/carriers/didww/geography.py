"""Countries and their regions, kept for a day: they change rarely, and calls are counted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.paging import every
from ringup.carriers.didww.reading import Resource
from ringup.carriers.port import Region
from ringup.carriers.remembering import CATALOGUES
from ringup.core.failures import NothingHappened

LONGEST_CODE = 10


@dataclass(frozen=True, slots=True)
class KnownRegion:
    """``key`` is DIDWW's id; ``code`` ours, see ``_code``."""

    key: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Country:
    """``key`` is DIDWW's id; ``prefix`` the calling code, digits."""

    key: str
    code: str
    name: str
    prefix: str
    regions: tuple[KnownRegion, ...]

    def region(self, code: str) -> KnownRegion | None:
        return next((region for region in self.regions if region.code == code), None)

    def region_of(self, key: str) -> KnownRegion | None:
        return next((region for region in self.regions if region.key == key), None)


class Geography:
    """Reading only."""

    def __init__(self, client: DidwwClient) -> None:
        self._client = client

    def countries(self) -> dict[str, Country]:
        """By ISO code, those that have anything on sale."""
        return CATALOGUES.get(("didww", self._client.account, "countries"), self._load)

    def country(self, code: str) -> Country | None:
        return self.countries().get(code)

    def regions(self, code: str) -> list[Region]:
        country = self.country(code)
        return [Region(one.code, one.name) for one in country.regions] if country else []

    def _load(self) -> dict[str, Country]:
        query = {"filter[is_available]": "true", "include": "regions"}
        rows = every(self._client, "countries", query, strict=True)
        found = {country.code: country for row in rows if (country := _country(row)).code}
        if not found:
            # Areas that are missing would be taken for sold out.
            raise NothingHappened("DIDWW answered with an empty list of countries.")
        return dict(sorted(found.items()))


def _country(row: Resource) -> Country:
    code = row.text("iso").upper()
    return Country(
        key=row.id,
        code=code if len(code) == 2 else "",
        name=row.text("name"),
        prefix=row.text("prefix"),
        regions=tuple(_regions(code, row.many("regions"))),
    )


def _regions(country: str, rows: Iterable[Resource]) -> list[KnownRegion]:
    taken: dict[str, KnownRegion] = {}
    for row in sorted(rows, key=lambda row: (row.text("name"), row.id)):
        code = _code(country, row)
        if code in taken:  # two of one name: the id tells them apart
            code = row.id[:LONGEST_CODE]
        taken[code] = KnownRegion(row.id, code, row.text("name"))
    return list(taken.values())


def _code(country: str, row: Resource) -> str:
    """``NY`` for ``US-NY``. Not every region has an ISO code: then the letters of its name."""
    if iso := row.text("iso").upper().removeprefix(f"{country}-"):
        return iso[:LONGEST_CODE]
    letters = re.sub(r"[^A-Z0-9]", "", row.text("name").upper())
    return letters[:LONGEST_CODE] or row.id[:LONGEST_CODE]
