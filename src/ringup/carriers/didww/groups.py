"""DID groups: what DIDWW sells, place by place, and the offers that become of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ringup.carriers.didww.capacities import Capacities, Unit, units_of
from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.geography import Country, Geography
from ringup.carriers.didww.paging import every
from ringup.carriers.didww.reading import Resource, is_true
from ringup.carriers.didww.settings import Settings
from ringup.carriers.didww.versions import Dialect, number_type, says_demo
from ringup.carriers.port import Capacity, NumberOffer, NumberType, PlaceOffer

# An address must not grow without end: so many ids go into one filter.
IDS_AT_ONCE = 40
LONGEST_PLACE = 60
VOICE = "voice_in"
# DIDWW's words for what a number can do, and ours.
FEATURES = {VOICE: "voice", "sms_in": "sms", "t38": "fax", "emergency": "emergency"}


@dataclass(frozen=True, slots=True)
class Group:
    """A place whose numbers are sold alike. ``is_chosen_from``: its numbers are listed, and are those
    that one gets."""

    key: str
    country: Country
    region: str
    region_name: str
    place: str
    prefix: str
    number_type: NumberType
    features: frozenset[str]
    units: tuple[Unit, ...]
    needs_papers: bool
    is_on_sale: bool
    is_chosen_from: bool
    shows_demo: bool
    quantity: int | None
    capacities: tuple[Capacity, ...]

    def number(self, digits: str) -> NumberOffer:
        """The offer of one of its numbers, ``digits`` with the country code."""
        return NumberOffer(
            e164=f"+{digits}",
            country=self.country.code,
            region=self.region,
            rate_centre=self.place,
            monthly=self.units[0].monthly,
            setup=self.units[0].setup,
            region_name=self.region_name,
            features=self.features,
            number_type=self.number_type,
            needs_papers=self.needs_papers,
            place=self.key,
            capacities=self.capacities,
        )

    def by_quantity(self) -> PlaceOffer:
        return PlaceOffer(
            key=self.key,
            country=self.country.code,
            region=self.region,
            rate_centre=self.place,
            monthly=self.units[0].monthly,
            setup=self.units[0].setup,
            region_name=self.region_name,
            prefix=self.prefix,
            quantity=self.quantity,
            features=self.features,
            number_type=self.number_type,
            needs_papers=self.needs_papers,
            capacities=self.capacities,
        )


class Groups:
    """Reading only."""

    def __init__(
        self,
        client: DidwwClient,
        geography: Geography,
        capacities: Capacities,
        settings: Settings,
    ) -> None:
        self._client = client
        self._geography = geography
        self._capacities = capacities
        self._settings = settings
        self._dialect = Dialect(client.authentication.version)

    @property
    def _include(self) -> str:
        return self._dialect.including(
            "country",
            "region",
            "city",
            "did_group_type",
            "stock_keeping_units",
            "address_requirement",
        )

    def find(self, key: str) -> Group | None:
        """The group, asked now; None when there is none, or none that is sold here."""
        row = self._client.find("did_groups", key, include=self._include)
        return None if row is None else self._group(row)

    def all(self, filters: Mapping[str, str]) -> dict[str, Group]:
        """Those that pass DIDWW's filters and are on sale, by their key."""
        query = {f"filter[{name}]": value for name, value in filters.items()}
        query |= {"filter[is_available]": "true", "include": self._include}
        return self._read(every(self._client, "did_groups", query))

    def of(self, keys: Iterable[str]) -> dict[str, Group]:
        """The groups of these keys, as far as they are on sale."""
        wanted, found = sorted(set(keys)), dict[str, Group]()
        for start in range(0, len(wanted), IDS_AT_ONCE):
            some = ",".join(wanted[start : start + IDS_AT_ONCE])
            found |= self.all({"id": some})
        return found

    def _read(self, rows: Iterable[Resource]) -> dict[str, Group]:
        groups = (self._group(row) for row in rows)
        return {group.key: group for group in groups if group is not None and group.is_on_sale}

    def _group(self, row: Resource) -> Group | None:
        """None for what is not sold here: a kind that we do not know, no calls, no readable price."""
        behind = row.one("did_group_type")
        name = self._dialect.type_name(row.attributes, behind.attributes if behind else None)
        kind, country = number_type(name), self._country(row)
        units, features = units_of(row, self._settings.currency), row.texts("features")
        if kind is None or country is None or not units or VOICE not in features:
            return None
        region = row.one("region")
        known = country.region_of(region.id) if region else None
        requirement = row.one("address_requirement")
        message = requirement.text("restriction_message") if requirement else ""
        shows_demo = says_demo(row.attributes, message)
        total = row.meta.get("total_count")
        return Group(
            key=row.id,
            country=country,
            region=known.code if known else "",
            region_name=known.name if known else "",
            place=row.text("area_name")[:LONGEST_PLACE],
            prefix=row.text("prefix"),
            number_type=kind,
            features=frozenset(FEATURES[name] for name in features if name in FEATURES),
            units=tuple(units),
            needs_papers=is_true(row.meta.get("needs_registration")),
            is_on_sale=is_true(row.meta.get("is_available")) and total != 0,
            is_chosen_from=is_true(row.meta.get("available_dids_enabled")) and not shows_demo,
            shows_demo=shows_demo,
            quantity=total if isinstance(total, int) else None,
            capacities=self._capacities.of(units, country.key),
        )

    def _country(self, row: Resource) -> Country | None:
        behind = row.one("country")
        return self._geography.country(behind.text("iso").upper()) if behind else None
