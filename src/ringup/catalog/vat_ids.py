"""VAT ids of the European Union: what each country's look like.

Only the form is checked. Whether the id exists would have to be asked of VIES, the Commission's
service; that is not done here.
Source: European Commission, "VAT identification number structure" (VIES, frequently asked questions).
"""

from __future__ import annotations

import re

# Behind the two letters of the country; Greece writes EL.
_FORMS = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "ES": r"[A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z]",
    "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}",
    "GR": r"\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]|\d{7}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"\d{9}|\d{12}",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"[A-Z0-9+*]{10}\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
}
EU = frozenset(_FORMS)
_OTHER = re.compile(r"[A-Z0-9]{4,20}")


def prefix_of(country: str) -> str:
    """The letters with which the country's ids begin."""
    return "EL" if country == "GR" else country


def plain_vat_id(text: str) -> str:
    """Capital letters and digits: ``DE123456789`` for ``de 123.456.789``."""
    return re.sub(r"[\s.\-/]", "", text).upper()


def is_vat_id(text: str, country: str) -> bool:
    """Whether a plain id has its country's form. Outside the Union any letters and digits do."""
    form = _FORMS.get(country)
    if form is None:
        return bool(_OTHER.fullmatch(text))
    prefix = prefix_of(country)
    return text.startswith(prefix) and bool(re.fullmatch(form, text[len(prefix) :]))
