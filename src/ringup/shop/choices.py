"""What the selects of the wizard offer: time zones and FusionPBX languages."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

# FusionPBX's language codes (core translations of 5.5; not verified against a live system).
LANGUAGES = (
    ("en-us", "English (United States)"),
    ("en-gb", "English (United Kingdom)"),
    ("fr-ca", "French (Canada)"),
    ("fr-fr", "French (France)"),
    ("es-cl", "Spanish (Chile)"),
    ("es-mx", "Spanish (Mexico)"),
    ("de-de", "German"),
    ("it-it", "Italian"),
    ("nl-nl", "Dutch"),
    ("pl-pl", "Polish"),
    ("pt-br", "Portuguese (Brazil)"),
    ("pt-pt", "Portuguese (Portugal)"),
    ("sv-se", "Swedish"),
    ("tr-tr", "Turkish"),
    ("uk-ua", "Ukrainian"),
)

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

# A good first guess from the place of the number; the buyer may choose another.
ZONE_OF_REGION = {
    **dict.fromkeys(["ON", "QC"], "America/Toronto"),
    **dict.fromkeys(["NS", "NB", "PE"], "America/Halifax"),
    **dict.fromkeys(["CA", "WA", "OR", "NV"], "America/Los_Angeles"),
    **dict.fromkeys(
        ["AL", "AR", "IA", "IL", "KS", "LA", "MN", "MO", "MS", "ND", "NE", "OK", "SD", "TN", "TX", "WI"],
        "America/Chicago",
    ),
    **dict.fromkeys(["CO", "ID", "MT", "NM", "UT", "WY"], "America/Denver"),
    "NL": "America/St_Johns",
    "MB": "America/Winnipeg",
    "SK": "America/Regina",
    "AB": "America/Edmonton",
    "BC": "America/Vancouver",
    "AZ": "America/Phoenix",
    "AK": "America/Anchorage",
    "HI": "Pacific/Honolulu",
}  # fmt: skip

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
