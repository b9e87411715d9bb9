"""Countries abroad, which VoIP.ms describes as ``SWEDEN (+46)``, as ISO 3166-1 codes.

The calling code decides; where several countries share one, the name does. What fits neither has no
code here, and nothing is offered there: a number must not be sold as one of another country.
"""

from __future__ import annotations

import re

import phonenumbers

DESCRIBED = re.compile(r"(?P<name>[^(]*)\(\s*\+?\s*(?P<code>\d+)[^)]*\)\s*")
NO_COUNTRY = "001"  # libphonenumber's word for calling codes that belong to none
NAMES_OF_SHARED_CODES = {
    "AG": ("ANTIGUA AND BARBUDA", "ANTIGUA"),
    "AI": ("ANGUILLA",),
    "AU": ("AUSTRALIA",),
    "AX": ("ALAND ISLANDS",),
    "BB": ("BARBADOS",),
    "BM": ("BERMUDA",),
    "BS": ("BAHAMAS",),
    "CW": ("CURACAO",),
    "DM": ("DOMINICA",),
    "DO": ("DOMINICAN REPUBLIC",),
    "FI": ("FINLAND",),
    "GB": ("UNITED KINGDOM", "GREAT BRITAIN", "UK"),
    "GD": ("GRENADA",),
    "GG": ("GUERNSEY",),
    "GP": ("GUADELOUPE",),
    "GU": ("GUAM",),
    "IM": ("ISLE OF MAN",),
    "IT": ("ITALY",),
    "JE": ("JERSEY",),
    "JM": ("JAMAICA",),
    "KN": ("SAINT KITTS AND NEVIS", "ST KITTS AND NEVIS"),
    "KY": ("CAYMAN ISLANDS",),
    "KZ": ("KAZAKHSTAN",),
    "LC": ("SAINT LUCIA", "ST LUCIA"),
    "MA": ("MOROCCO",),
    "NO": ("NORWAY",),
    "PR": ("PUERTO RICO",),
    "RE": ("REUNION",),
    "RU": ("RUSSIA", "RUSSIAN FEDERATION"),
    "SX": ("SINT MAARTEN",),
    "TC": ("TURKS AND CAICOS ISLANDS", "TURKS AND CAICOS"),
    "TT": ("TRINIDAD AND TOBAGO",),
    "VC": ("SAINT VINCENT AND THE GRENADINES", "ST VINCENT AND THE GRENADINES"),
    "VG": ("BRITISH VIRGIN ISLANDS",),
    "VI": ("US VIRGIN ISLANDS",),
    "YT": ("MAYOTTE",),
}
BY_NAME = {name: iso for iso, names in NAMES_OF_SHARED_CODES.items() for name in names}


def iso_of(description: str) -> str:
    """``SE`` for ``SWEDEN (+46)``; empty where it cannot be told for certain."""
    found = DESCRIBED.fullmatch(description)
    if found is None:
        return ""
    code = found["code"]
    # With an area code behind it (+1 809), it is still the calling code 1.
    calling_code = 1 if code.startswith("1") else int(code)
    sharing = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(calling_code, ())
    if len(sharing) == 1:
        return "" if sharing[0] == NO_COUNTRY else sharing[0]
    named = BY_NAME.get(_plain(found["name"]), "")
    return named if named in sharing else ""


def name_of(description: str) -> str:
    """``Sweden`` for ``SWEDEN (+46)``."""
    return description.partition("(")[0].strip().title()


def _plain(name: str) -> str:
    words = name.upper().replace("&", " AND ").replace(".", "")
    return " ".join(words.split())
