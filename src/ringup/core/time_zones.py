"""What a select of time zones offers. No Django."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from phonenumbers import example_number
from phonenumbers.timezone import time_zones_for_number

# Where the numbers are sold first, the rest of the world behind.
COMMON = (
    ("America/St_Johns", "Newfoundland (St. John's)"),
    ("America/Halifax", "Atlantic (Halifax)"),
    ("America/New_York", "Eastern (New York)"),
    ("America/Toronto", "Eastern (Toronto)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Winnipeg", "Central (Winnipeg)"),
    ("America/Regina", "Saskatchewan (Regina)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Edmonton", "Mountain (Edmonton)"),
    ("America/Phoenix", "Arizona (Phoenix)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Vancouver", "Pacific (Vancouver)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
)
CONTINENTS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")

Group = tuple[str, tuple[tuple[str, str], ...]]


@cache
def time_zones() -> tuple[Group, ...]:
    """Groups of ``(zone, label)``: North America's common ones, then every continent's."""
    named = sorted(zone for zone in available_timezones() if "/" in zone)
    groups: list[Group] = [("Common", COMMON)]
    common = {zone for zone, _ in COMMON}
    for continent in CONTINENTS:
        zones = [z for z in named if z.startswith(f"{continent}/") and z not in common]
        labels = tuple((z, z.partition("/")[2].replace("_", " ").replace("/", ", ")) for z in zones)
        if labels:
            groups.append((continent, labels))
    return tuple(groups)


@cache
def zone_of(country: str) -> str:
    """Where most people of an ISO country live, by libphonenumber's example of a number there; empty
    where nobody knows, or where the zone is not on offer."""
    example = example_number(country)
    zones = time_zones_for_number(example) if example else ()
    offered = {zone for _, group in time_zones() for zone, _ in group}
    return next((zone for zone in zones if zone in offered), "")
