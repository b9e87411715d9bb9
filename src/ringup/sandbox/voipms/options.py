"""The option catalogues: codes and what they are called, and the carrier's points of presence.

Known codes: protocol 1 and 3, authorization 1 and 2, device 1 and 2, lock 0 and 1, route 1 and 2,
music ``default`` and ``jazz`` (``none`` is refused). The others stand in for what is not known.
"""

from __future__ import annotations

from ringup.sandbox.voipms.state import Row

PROTOCOLS = {"1": "SIP", "3": "IAX2"}
AUTH_TYPES = {"1": "User/Password Authentication", "2": "Static IP Authentication"}
DEVICE_TYPES = {
    "1": "Asterisk, IP PBX, Gateway or VoIP Switch",
    "2": "ATA device, IP Phone or Softphone",
}
LOCKS = {"0": "International Calls Enabled", "1": "International Calls Disabled"}
ROUTES = {"1": "Value", "2": "Premium"}
MUSIC = {"default": "No Music", "jazz": "Easy Listening"}
LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French"}
CODECS = {"ulaw": "G.711U", "alaw": "G.711A", "g722": "G.722", "g729": "G.729A", "gsm": "GSM"}
DTMF_MODES = {"auto": "AUTO", "rfc2833": "RFC2833", "inband": "INBAND", "info": "INFO"}
NAT = {"yes": "Yes", "no": "No", "route": "Route", "never": "Never"}
BILLING_TYPES = {"1": "Per Minute", "2": "Flat"}
TIMEZONES = (
    "America/Chicago",
    "America/Denver",
    "America/Halifax",
    "America/Los_Angeles",
    "America/New_York",
    "America/Phoenix",
    "America/Toronto",
    "America/Vancouver",
    "America/Winnipeg",
)
COUNTRIES = {
    "AU": "Australia",
    "CA": "Canada",
    "FR": "France",
    "SE": "Sweden",
    "GB": "United Kingdom",
    "US": "United States",
}
# Hosts end in .example and addresses come from the documentation ranges: a trunk made here can
# never reach the real carrier, whichever PBX it lands on.
_PLACES = (
    ("1", "Chicago 1, IL", "USA", "192.0.2.11", "Yes"),
    ("2", "Dallas 1, TX", "USA", "192.0.2.12", "No"),
    ("3", "Los Angeles 1, CA", "USA", "192.0.2.13", "Yes"),
    ("4", "New York 1, NY", "USA", "192.0.2.14", "No"),
    ("5", "New York 7, NY", "USA", "192.0.2.15", "Yes"),
    ("6", "Seattle 1, WA", "USA", "192.0.2.16", "Yes"),
    ("7", "Atlanta 1, GA", "USA", "192.0.2.17", "Yes"),
    ("8", "Montreal 1, QC", "Canada", "198.51.100.21", "Yes"),
    ("9", "Toronto 1, ON", "Canada", "198.51.100.22", "Yes"),
    ("10", "Vancouver 1, BC", "Canada", "198.51.100.23", "Yes"),
    ("11", "London 1, UK", "United Kingdom", "203.0.113.31", "Yes"),
)


def servers() -> list[Row]:
    """The points of presence, in the fields of ``getServersInfo``."""
    return [_server(*place) for place in _PLACES]


def _server(pop: str, name: str, country: str, address: str, recommended: str) -> Row:
    short = name.split(",")[0]
    return {
        "server_name": name,
        "server_shortname": short,
        "server_hostname": f"{short.replace(' ', '').lower()}.voipms.example",
        "server_ip": address,
        "server_country": country,
        "server_pop": pop,
        "server_recommended": recommended,
    }


def pops() -> list[str]:
    return [place[0] for place in _PLACES]
