"""Papers of a number in rows, without a carrier: a requirement, whose they are, and documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import timezone

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.papers import (
    BlankForm,
    IdentityField,
    IdentityRule,
    Level,
    PersonKind,
    ProofType,
    Requirement,
)
from ringup.carriers.port import NumberType
from ringup.core.actors import Actor
from ringup.regulatory.models import Address, Document, Identity, RegulatoryFile
from ringup.regulatory.uploading import add_document
from tests.regulatory.files import jpeg

ALICE = Actor("user:1", "Alice")
SAM = Actor("staff:1", "Sam")

PERMANENT = BlankForm("reg-form", "Registration form", "https://forms.example/reg.pdf", True)
ONE_TIME = BlankForm("letter", "Letter of authority", "https://forms.example/letter.pdf", False)
REQUIREMENT = Requirement(
    key="za-national",
    country="ZA",
    number_type=NumberType.GEOGRAPHIC,
    identities=(
        IdentityRule(
            PersonKind.PERSONAL,
            Level.COUNTRY,
            (IdentityField.BIRTH_DATE,),
            1,
            (ProofType("passport", "Passport"), ProofType("id", "National ID")),
        ),
        IdentityRule(
            PersonKind.BUSINESS,
            Level.COUNTRY,
            (IdentityField.COMPANY_REG_NUMBER,),
            2,
            (
                ProofType("registration", "Company registration"),
                ProofType("tax", "Tax certificate"),
            ),
            (PERMANENT, ONE_TIME),
        ),
    ),
    address_level=Level.COUNTRY,
    address_proofs=1,
    address_types=(ProofType("bill", "Utility bill"), ProofType("lease", "Lease")),
)


def make_file(
    account: CarrierAccount,
    client: Client,
    *,
    kind: PersonKind = PersonKind.PERSONAL,
    state: str = RegulatoryFile.State.PENDING_REVIEW,
    **other: Any,
) -> RegulatoryFile:
    """Papers with an identity and an address, and no document yet."""
    identity = Identity(client=client, brand=client.brand, account=account, kind=kind.value)
    identity.facts = '{"first_name": "Thandi", "last_name": "Mokoena", "phone": "+27210012200"}'
    identity.save()
    address = Address(client=client, brand=client.brand, identity=identity, country="ZA")
    address.facts = '{"city": "Cape Town", "postal_code": "8001", "street": "14 Harrington"}'
    address.save()
    return RegulatoryFile.objects.create(
        client=client,
        brand=client.brand,
        account=account,
        identity=identity,
        address=address,
        requirement=replace(REQUIREMENT, **other).as_data(),
        state=state,
    )


def add(file: RegulatoryFile, slot: str = "identity-1", **other: Any) -> Document:
    """A photograph of a passport, or whatever ``other`` says."""
    first = {"identity": "passport", "address": "bill"}.get(slot.partition("-")[0], "")
    wanted: dict[str, Any] = {
        "type_key": first,
        "name": "photo of Thandi.JPG",
        "content": jpeg(),
        "dated": today() if slot.startswith("address") else None,
        "actor": ALICE,
    }
    return add_document(file, slot=slot, **(wanted | other))


def today() -> date:
    return timezone.localdate()
