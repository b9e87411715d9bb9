"""Requirements as a carrier may make them, all of them invented, and what fits them."""

from __future__ import annotations

from dataclasses import replace

from ringup.carriers.papers import (
    Area,
    BlankForm,
    IdentityField,
    IdentityRule,
    Level,
    PersonKind,
    ProofType,
    Requirement,
)
from ringup.carriers.port import NumberType

PASSPORT, ID_CARD = ProofType("t-passport", "Passport"), ProofType("t-id", "National ID")
BILL, LEASE = ProofType("t-bill", "Utility bill"), ProofType("t-lease", "Lease agreement")
CERTIFICATE = ProofType("t-certificate", "Company registration certificate")
FORM = BlankForm("f-de", "Registration form", "https://carrier.example/form.pdf", True)

PERSON = IdentityRule(
    PersonKind.PERSONAL,
    Level.WORLD_WIDE,
    fields=(IdentityField.BIRTH_DATE, IdentityField.ID_NUMBER),
    proofs=1,
    types=(PASSPORT, ID_CARD),
)
COMPANY = IdentityRule(
    PersonKind.BUSINESS,
    Level.COUNTRY,
    fields=(IdentityField.COUNTRY, IdentityField.COMPANY_REG_NUMBER, IdentityField.VAT_ID),
    proofs=1,
    types=(CERTIFICATE,),
)
CAPE_TOWN, GQEBERHA = Area("a-cpt", "Cape Town"), Area("a-gqe", "Gqeberha")
AREAS = [CAPE_TOWN, GQEBERHA, Area("a-jhb", "Johannesburg"), Area("a-koe", "Köln")]

# Both kinds, an address in an area: the fullest form.
AREA_OF_BOTH = Requirement(
    key="r-za",
    country="ZA",
    number_type=NumberType.GEOGRAPHIC,
    identities=(PERSON, COMPANY),
    address_level=Level.AREA,
    address_proofs=1,
    address_types=(BILL, LEASE),
    needs_service_description=True,
    notice="Invented for tests.",
)
# One kind, anywhere: the shortest.
WORLD_WIDE = replace(
    AREA_OF_BOTH,
    key="r-any",
    identities=(IdentityRule(PersonKind.PERSONAL, Level.WORLD_WIDE),),
    address_level=Level.WORLD_WIDE,
    address_proofs=0,
    address_types=(),
    needs_service_description=False,
)

PLACE = {
    "country": "ZA",
    "city": "Cape Town",
    "area": "a-cpt",
    "postal_code": "8001",
    "street": "14 Harrington Street",
}
SOMEBODY = {
    "kind": "personal",
    "first_name": "Thandi Nomvula",
    "last_name": "Mokoena",
    "phone": "+27210012200",
    "contact_email": "thandi@karoo.example",
    "birth_date": "1986-04-17",
    "id_number": "8604170000088",
    "service_description": "Calls of our customers.",
} | PLACE
FIRM = SOMEBODY | {
    "kind": "business",
    "identity_country": "ZA",
    "company_name": "Karoo Freight (Pty) Ltd",
    "company_reg_number": "2014/088123/07",
    "vat_id": "4820271199",
}
