"""Orders of numbers that need papers, in any state, without a carrier."""

from __future__ import annotations

from typing import Any

from ringup.carriers.papers import (
    IdentityField,
    IdentityRule,
    Level,
    PersonKind,
    ProofType,
    Requirement,
)
from ringup.carriers.port import NumberType
from ringup.orders.models import Order
from ringup.regulatory.models import Address, Identity, RegulatoryFile
from tests.factories import service_of

REQUIREMENT = Requirement(
    key="requirement-za",
    country="ZA",
    number_type=NumberType.GEOGRAPHIC,
    identities=(
        IdentityRule(
            kind=PersonKind.BUSINESS,
            level=Level.WORLD_WIDE,
            fields=(IdentityField.BIRTH_DATE, IdentityField.COMPANY_REG_NUMBER),
            proofs=1,
            types=(ProofType("passport", "Passport"),),
        ),
    ),
    address_level=Level.COUNTRY,
    address_proofs=1,
    address_types=(ProofType("bill", "Utility bill"),),
)


def make_papers(order: Order, *, state: str = "pending_review", **also: Any) -> RegulatoryFile:
    """The papers of an order's number, with an identity and an address that tell nothing yet."""
    service = service_of(order)
    owner = {"client": order.client, "brand": order.brand}
    identity = Identity.objects.create(account=service.account, kind="business", **owner)
    address = Address.objects.create(identity=identity, country="ZA", **owner)
    papers = RegulatoryFile.objects.create(
        account=service.account,
        requirement=REQUIREMENT.as_data(),
        identity=identity,
        address=address,
        state=state,
        **owner,
        **also,
    )
    service.papers = papers
    service.save(update_fields=["papers"])
    return papers
