"""Countries, regulatory areas and cities by the carrier's ids, each list kept for a day."""

from __future__ import annotations

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.paging import every
from ringup.carriers.papers import Area, Level, Requirement
from ringup.carriers.remembering import CATALOGUES
from ringup.core.failures import OurFault, Refused

AREAS, CITIES, COUNTRIES = "areas", "cities", "countries"
LISTS = {Level.AREA: AREAS, Level.CITY: CITIES}
# The relationship of an address for each list.
RELATIONS = {AREAS: "area", CITIES: "city"}


class Areas:
    """Where an address may lie."""

    def __init__(self, client: DidwwClient) -> None:
        self._client = client

    def of(self, requirement: Requirement) -> list[Area]:
        """By name; empty where the requirement's level is neither area nor city."""
        kind = LISTS.get(requirement.address_level)
        if kind is None:
            return []
        memory = ("didww", self._client.account, kind, requirement.country)
        return list(CATALOGUES.get(memory, lambda: self._read(kind, requirement.country)))

    def country(self, iso: str) -> str:
        """The carrier's id of a country. ``Refused`` for one that it does not know."""
        memory = ("didww", self._client.account, COUNTRIES, iso)
        found = CATALOGUES.get(memory, lambda: self._country(iso))
        if not found:
            raise Refused(
                f"DIDWW knows no country {iso}.",
                user_message=f"Our supplier does not know the country {iso}. Choose another one.",
            )
        return found

    def _country(self, iso: str) -> str:
        rows = self._client.get(COUNTRIES, {"filter[iso]": iso}).resources
        return next((row.id for row in rows if row.text("iso").upper() == iso.upper()), "")

    def _read(self, kind: str, iso: str) -> tuple[Area, ...]:
        rows = every(self._client, kind, {"filter[country.id]": self.country(iso)})
        found = (Area(f"{kind}/{row.id}", row.text("name")) for row in rows)
        return tuple(sorted(found, key=lambda area: (area.name.casefold(), area.key)))


def relation_of(key: str) -> tuple[str, tuple[str, str]]:
    """The relationship of an address, and what stands behind it, for the key of an ``Area``."""
    kind, _, uid = key.partition("/")
    if kind not in RELATIONS or not uid:
        raise OurFault("The area of this address is none of DIDWW's: choose it from its list.")
    return RELATIONS[kind], (kind, uid)
