"""Made-up coverage: countries with and without papers, their groups, stock keeping units and numbers."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.sandbox.didww.requirements import requirement_for
from ringup.sandbox.didww.resources import Resource, Store

FEATURES = ["voice_in", "voice_out", "t38", "sms_in"]
TYPES = ("Global", "Local", "Mobile", "National", "Shared Cost", "Toll-free")


@dataclass(frozen=True, slots=True)
class Group:
    """A prefix with its numbers. ``count`` None: the numbers cannot be chosen, only a quantity."""

    kind: str
    city: str
    region: str
    prefix: str
    monthly: str
    setup: str
    count: int | None
    papers: bool = False
    # The number that is shown before the registration is not the one that is assigned.
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Country:
    name: str
    iso: str
    prefix: str
    groups: tuple[Group, ...]


COUNTRIES = (
    Country(
        "United States",
        "US",
        "1",
        (
            Group("Local", "New York", "New York", "212", "1.50", "0.00", 40),
            Group("Local", "Austin", "Texas", "512", "1.20", "0.00", 40),
            Group("Toll-free", "", "", "800", "2.50", "1.00", 20),
        ),
    ),
    Country(
        "Netherlands",
        "NL",
        "31",
        (Group("Local", "Utrecht", "Utrecht", "30", "1.10", "0.00", 25),),
    ),
    Country(
        "South Africa",
        "ZA",
        "27",
        (
            Group("Local", "Johannesburg", "Gauteng", "10", "4.00", "2.00", 30, papers=True),
            Group("Local", "Cape Town", "Western Cape", "21", "4.00", "2.00", 30, papers=True),
        ),
    ),
    Country(
        "Germany",
        "DE",
        "49",
        (
            Group("Local", "Berlin", "Berlin", "30", "1.90", "0.50", 30, papers=True),
            Group("National", "", "", "32", "2.20", "0.50", 20, papers=True, demo=True),
        ),
    ),
    Country(
        "United Kingdom",
        "GB",
        "44",
        (
            Group("Local", "London", "England", "20", "1.00", "0.00", 30),
            Group("Mobile", "", "", "7", "3.00", "1.00", None, papers=True),
        ),
    ),
    Country(
        "France",
        "FR",
        "33",
        (Group("Local", "Paris", "Ile-de-France", "1", "1.60", "0.00", 25, papers=True),),
    ),
)


# Where the carrier tells them; of Utrecht it tells none. In Wyoming it has nothing.
REGION_CODES = {
    "New York": "US-NY",
    "Texas": "US-TX",
    "Wyoming": "US-WY",
    "Gauteng": "ZA-GP",
    "Western Cape": "ZA-WC",
    "Berlin": "DE-BE",
    "England": "GB-ENG",
    "Ile-de-France": "FR-IDF",
}


def fill(store: Store) -> None:
    """Put the whole coverage into an empty store."""
    types = {name: store.add(Resource("did_group_types", {"name": name})) for name in TYPES}
    for country in COUNTRIES:
        row = store.add(
            Resource(
                "countries",
                {"name": country.name, "prefix": country.prefix, "iso": country.iso},
                {"regions": []},
                hidden={"is_available": True},
            )
        )
        for group in country.groups:
            _add_group(store, row, country, group, types[group.kind])
        if country.iso == "US":
            _region(store, row, "Wyoming")


def _add_group(store: Store, country: Resource, of: Country, group: Group, kind: Resource) -> None:
    region = _region(store, country, group.region) if group.region else None
    city = _city(store, country, region, group.city) if group.city else None
    skus = [
        store.add(
            Resource(
                "stock_keeping_units",
                {
                    "setup_price": group.setup,
                    "monthly_price": f"{float(group.monthly) + 12 * (channels > 0):.2f}",
                    "channels_included_count": channels,
                },
            )
        )
        for channels in (0, 2)
    ]
    row = Resource(
        "did_groups",
        {
            "prefix": group.prefix,
            "area_name": group.city or group.kind,
            "features": FEATURES,
            "is_metered": group.kind == "Toll-free",
            "allow_additional_channels": True,
            "service_restrictions": None,
        },
        {
            "country": country,
            "region": region,
            "city": city,
            "did_group_type": kind,
            "stock_keeping_units": skus,
            "address_requirement": None,
        },
        {
            "needs_registration": group.papers,
            "is_available": True,
            "available_dids_enabled": group.count is not None,
            "total_count": group.count if group.count is not None else 50,
        },
        {"is_demo": group.demo, "made": 0},
    )
    store.add(row)
    if group.papers:
        row.relations["address_requirement"] = requirement_for(
            store, country, kind, is_demo=group.demo
        )
    for place in range(group.count or 0):
        store.add(available(row, numbered(of, group, place)))


def available(group: Resource, number: str) -> Resource:
    """A number that can be chosen."""
    relations: dict[str, Resource | list[Resource] | None] = {
        "did_group": group,
        "nanpa_prefix": None,
    }
    return Resource("available_dids", {"number": number}, relations)


def numbered(country: Country, group: Group, place: int) -> str:
    """Digits without +, of a length that the country has."""
    length = {"US": 10, "NL": 9, "ZA": 9, "DE": 11, "GB": 10, "FR": 9}[country.iso]
    rest = length - len(group.prefix)
    # 555-0100 and on, which are nobody's in North America.
    return f"{country.prefix}{group.prefix}555{100 + place:0{rest - 3}d}"


def another_number(group: Resource) -> str:
    """One more number of a group whose numbers nobody can choose."""
    country = group.one("country")
    assert country is not None  # every group has one
    of = next(one for one in COUNTRIES if one.iso == country.attributes["iso"])
    made = next(one for one in of.groups if one.prefix == group.attributes["prefix"])
    group.hidden["made"] += 1
    return numbered(of, made, 700 + group.hidden["made"])


def _region(store: Store, country: Resource, name: str) -> Resource:
    for row in store.all("regions"):
        if row.attributes["name"] == name and row.one("country") is country:
            return row
    facts = {"name": name, "iso": REGION_CODES.get(name)}
    row = store.add(Resource("regions", facts, {"country": country}))
    country.relations["regions"] = [*country.many("regions"), row]
    return row


def _city(store: Store, country: Resource, region: Resource | None, name: str) -> Resource:
    area = Resource("areas", {"name": name}, {"country": country})
    store.add(area)
    relations: dict[str, Resource | list[Resource] | None] = {
        "country": country,
        "region": region,
        "area": area,
    }
    return store.add(Resource("cities", {"name": name}, relations, hidden={"is_available": True}))
