"""What an identity and an address say: sealed JSON in the rows, papers for the carrier, words for
people.

Nothing of it may leave by a log, a record of activity, or the answers of a draft.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from ringup.carriers.papers import AddressPaper, IdentityPaper, PersonKind
from ringup.regulatory.models import Address, Identity

# What the rows themselves have is not sealed once more.
IDENTITY_FACTS = tuple(
    one.name for one in fields(IdentityPaper) if one.name not in ("reference", "kind")
)
ADDRESS_FACTS = tuple(one.name for one in fields(AddressPaper) if one.name != "reference")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

# How a fact is called, in the middle of a sentence.
WORDS = {
    "first_name": "first name",
    "last_name": "last name",
    "phone": "telephone number",
    "contact_email": "e-mail address",
    "birth_date": "date of birth",
    "birth_country": "country of birth",
    "id_number": "number of the identity document",
    "personal_tax_id": "personal tax number",
    "company_name": "registered company name",
    "company_reg_number": "registration number",
    "vat_id": "tax or VAT number",
    "street": "street address",
    "postal_code": "postal code",
    "city": "city",
    "area": "area",
}
COUNTRY_OF_IDENTITY = {
    PersonKind.PERSONAL: "home country",
    PersonKind.BUSINESS: "country of the company",
}


def word_of(what: str, kind: PersonKind = PersonKind.PERSONAL) -> str:
    """``identity.birth_date`` in words: ``date of birth``."""
    of, _, name = what.partition(".")
    if name == "country":
        return COUNTRY_OF_IDENTITY[kind] if of == "identity" else "country"
    return WORDS.get(name, name)


# -- reading ---------------------------------------------------------------------------------------


def identity_facts(identity: Identity) -> dict[str, str]:
    """Every fact by its name, as text; empty where nothing was told. The birth date is as it was
    stored, whether it is a day or not."""
    return _read(identity.facts, IDENTITY_FACTS)


def address_facts(address: Address) -> dict[str, str]:
    """The same of an address."""
    return _read(address.facts, ADDRESS_FACTS)


def _read(sealed: str, names: tuple[str, ...]) -> dict[str, str]:
    known: Mapping[str, Any] = json.loads(sealed or "{}")
    return {name: str(known.get(name) or "") for name in names}


def identity_paper(identity: Identity) -> IdentityPaper:
    """As the carrier's adapter takes it. A birth date that is none is left out."""
    told = identity_facts(identity)
    return IdentityPaper(
        reference=identity.uid,
        kind=PersonKind(identity.kind),
        birth_date=day_of(told.pop("birth_date")),
        **told,
    )


def address_paper(address: Address) -> AddressPaper:
    """As the carrier's adapter takes it."""
    return AddressPaper(reference=address.uid, **address_facts(address))


def day_of(text: str) -> date | None:
    """The day of ``1986-04-17``; None for all that is no such day."""
    if not DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def full_name(identity: Identity) -> str:
    """First and last name as people say them."""
    told = identity_facts(identity)
    return f"{told['first_name']} {told['last_name']}".strip()


def whose(identity: Identity) -> str:
    """The company where it is one, else the person: what the papers are called on a page."""
    return identity_facts(identity)["company_name"] or full_name(identity)


# -- writing ---------------------------------------------------------------------------------------


def write_identity(identity: Identity, **told: str | date) -> None:
    """Set these facts and leave the others. The caller saves the row."""
    identity.facts = _written(identity_facts(identity), told)


def write_address(address: Address, **told: str) -> None:
    """The same for an address; its country stands in the row, too."""
    address.facts = _written(address_facts(address), told)
    address.country = told.get("country", address.country)


def _written(known: dict[str, str], told: Mapping[str, str | date]) -> str:
    if unknown := sorted(told.keys() - known.keys()):
        raise ValueError(f"no such facts: {', '.join(unknown)}")
    texts = {name: str(value).strip() for name, value in told.items()}
    return json.dumps({name: text for name, text in (known | texts).items() if text})
