"""Countries, locations and numbers outside North America, of which one buys a quantity.

The numbers come from ranges that the national regulators keep for films and examples.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

GEOGRAPHIC, NATIONAL, TOLL_FREE = "GEOGRAPHIC", "NATIONAL", "TOLLFREE"
TYPES = {
    GEOGRAPHIC: "Geographic Numbers",
    NATIONAL: "National Numbers (Non-Geographical)",
    TOLL_FREE: "Toll Free Numbers",
}
COUNTRIES = {
    "205": "SWEDEN (+46)",
    "230": "UNITED KINGDOM (+44)",
    "14": "AUSTRALIA (+61)",
    "74": "FRANCE (+33)",
    "81": "GERMANY (+49)",
    # A calling code that belongs to no country.
    "120": "INTERNATIONAL NETWORKS (+883)",
}


@dataclass(frozen=True, slots=True)
class Location:
    """A place that sells any of its numbers. ``prefix`` and a counter make the number."""

    location_id: str
    kind: str
    country_id: str
    name: str
    country: str
    area_code: str
    prefix: str
    digits: int
    stock: int
    monthly: str
    setup: str
    minute: str
    monthly_per_minute: str = ""
    setup_per_minute: str = ""
    channels: str = ""
    first: int = 1


_LOCATIONS = (
    Location("a65", GEOGRAPHIC, "205", "STOCKHOLM", "SWEDEN", "8", "468465004", 2, 2,
             "5.00", "0.00", "0.00", "7.00", "5.50", "2"),
    Location("a120", GEOGRAPHIC, "230", "LONDON", "UNITED KINGDOM", "20", "442079460", 3, 25,
             "4.50", "0.00", "0.00", "2.50", "0.00", "2"),
    Location("a121", GEOGRAPHIC, "230", "MANCHESTER", "UNITED KINGDOM", "161", "441614960", 3, 9,
             "4.50", "0.00", "0.00", "2.50", "0.00", "2"),
    Location("a33", GEOGRAPHIC, "74", "PARIS", "FRANCE", "1", "33199001", 3, 12,
             "6.00", "2.00", "0.00", "4.00", "2.00", "2"),
    Location("a40", GEOGRAPHIC, "81", "BERLIN", "GERMANY", "30", "493023125", 3, 60,
             "4.00", "1.00", "0.00", "2.00", "1.00", "2"),
    Location("a41", GEOGRAPHIC, "81", "HAMBURG", "GERMANY", "40", "494066969", 3, 30,
             "4.00", "1.00", "0.00", "2.00,", "1.00,", "2"),
    Location("a42", GEOGRAPHIC, "81", "MUNICH", "GERMANY", "89", "498999998", 3, 0,
             "4.00", "1.00", "0.00", "2.00", "1.00", "2"),
    Location("a7001", NATIONAL, "120", "NATIONAL", "INTERNATIONAL NETWORKS", "5100", "8835100", 8, 0,
             "3.00", "0.00", "0", "2.00", "0.00"),
    Location("a5644", NATIONAL, "230", "NATIONAL", "UNITED KINGDOM", "306", "443069990", 3, 4,
             "5.50", "1.00", "0", "3.00", "1.00"),
    Location("a6422", TOLL_FREE, "14", "TOLLFREE", "AUSTRALIA", "1800", "6118009757", 2, 5,
             "17.50", "12.50", "0.20", first=7),
)  # fmt: skip


class Abroad:
    """What is left in each location."""

    def __init__(self) -> None:
        self.locations = {location.location_id: location for location in _LOCATIONS}
        self._next: dict[str, int] = {}

    def of(self, kind: str, country_id: str) -> list[Location]:
        found = self.locations.values()
        return [place for place in found if (place.kind, place.country_id) == (kind, country_id)]

    def countries(self, kind: str) -> dict[str, str]:
        wanted = {place.country_id for place in self.locations.values() if place.kind == kind}
        return {code: name for code, name in COUNTRIES.items() if code in wanted}

    def set_stock(self, location_id: str, stock: int) -> None:
        """Others buy there, or the carrier fills up."""
        self.locations[location_id] = replace(self.locations[location_id], stock=stock)

    def take(self, location_id: str, quantity: int) -> list[str]:
        """``quantity`` new numbers of a location that has them in stock."""
        place = self.locations[location_id]
        self.set_stock(location_id, place.stock - quantity)
        first = self._next.get(location_id, place.first)
        self._next[location_id] = first + quantity
        return [f"{place.prefix}{n:0{place.digits}d}" for n in range(first, first + quantity)]
