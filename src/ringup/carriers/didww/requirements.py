"""What numbers of a group need, from the carrier's own rules (``address_requirements``).

Nothing here knows a country. Words that are not known are passed over, never guessed: what they stand
for comes to light in the carrier's own check of the papers (``verifying.Verifying.missing``).
"""

from __future__ import annotations

import logging

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.plain import plain
from ringup.carriers.didww.reading import Resource, is_true
from ringup.carriers.didww.versions import Dialect, number_type, says_demo, word
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
from ringup.core.failures import NothingHappened, OurFault, Refused

REQUIREMENTS, GROUPS = "address_requirements", "did_groups"
BEHIND = (
    "country",
    "did_group_type",
    "personal_permanent_document",
    "business_permanent_document",
    "personal_onetime_document",
    "business_onetime_document",
    "personal_proof_types",
    "business_proof_types",
    "address_proof_types",
)
# Beside the words of the fields themselves: those of 2026-11-19, and labels in which older answers
# spoke.
FIELD_WORDS = {
    "tax_id": IdentityField.VAT_ID,
    "vat_number_/_tax_code": IdentityField.VAT_ID,
    "proof_of_id": IdentityField.ID_NUMBER,
    "company_id": IdentityField.COMPANY_REG_NUMBER,
    "company_registration_number": IdentityField.COMPANY_REG_NUMBER,
    "representative_tax_id": IdentityField.PERSONAL_TAX_ID,
    "place_of_birth": IdentityField.BIRTH_COUNTRY,
    "email": IdentityField.CONTACT_EMAIL,
} | {field.value: field for field in IdentityField}
LEVELS = {
    "world_wide": Level.WORLD_WIDE,
    "worldwide": Level.WORLD_WIDE,
    "country": Level.COUNTRY,
    "area": Level.AREA,
    "city": Level.CITY,
}

GONE = "Numbers of this place are no longer sold. Choose another one. Nothing was charged."

log = logging.getLogger(__name__)


class Requirements:
    """Asked now: what is frozen with an order is frozen by who asks."""

    def __init__(self, client: DidwwClient, dialect: Dialect) -> None:
        self._client = client
        self._dialect = dialect

    def of_group(self, key: str) -> Requirement | None:
        """What the numbers of a group need; None: nothing. ``Refused`` where there is no such group."""
        group, uid = self._group(key)
        if not uid:
            return None
        include = self._dialect.including(*BEHIND)
        row = self._client.find(REQUIREMENTS, uid, include=include)
        if row is None:
            raise NothingHappened(f"DIDWW names the requirement {uid} and does not have it.")
        return read(row, group, self._dialect)

    def wants_description(self, group: str) -> bool:
        """Whether a verification for numbers of this group must say what they are used for."""
        _, uid = self._group(group)
        row = self._client.find(REQUIREMENTS, uid) if uid else None
        return row is not None and row.flag("service_description_required")

    def _group(self, key: str) -> tuple[Resource, str]:
        """The group, and the id of its requirement; empty where its numbers need no papers."""
        include = self._dialect.including("address_requirement", "country", "did_group_type")
        group = self._client.find(GROUPS, key, include=include)
        if group is None:
            raise Refused(f"DIDWW has no group {key} (any more).", user_message=GONE)
        linked = group.keys("address_requirement")
        needs = is_true(group.meta.get("needs_registration", bool(linked)))
        if needs and not linked:
            raise OurFault(
                "DIDWW wants papers for the numbers of this place and does not say which. Ask its "
                "support; nothing was bought."
            )
        return group, linked[0][1] if needs else ""


def read(row: Resource, group: Resource, dialect: Dialect) -> Requirement:
    """A requirement with all that is behind it, in our words."""
    country = row.one("country") or group.one("country")
    message = row.attributes.get("restriction_message")
    return Requirement(
        key=row.id,
        country=country.text("iso").upper() if country is not None else "",
        number_type=_type(row, dialect) or _type(group, dialect) or NumberType.NATIONAL,
        identities=tuple(rule for kind in PersonKind if (rule := _rule(row, kind)) is not None),
        address_level=_level(row, "address_area_level") or Level.WORLD_WIDE,
        address_proofs=row.whole("address_proof_qty"),
        address_types=_proof_types(row, "address_proof_types"),
        needs_service_description=row.flag("service_description_required"),
        notice=plain(message),
        shows_demo_numbers=says_demo(group.attributes, message),
    )


def _type(row: Resource, dialect: Dialect) -> NumberType | None:
    behind = row.one("did_group_type")
    return number_type(dialect.type_name(row.attributes, behind.attributes if behind else None))


def _rule(row: Resource, kind: PersonKind) -> IdentityRule | None:
    """None where this kind of person is not taken: its level is null then."""
    level, taken = _level(row, f"{kind}_area_level"), word(row.text("identity_type")) or "any"
    if level is None or taken not in ("any", kind.value):
        return None
    return IdentityRule(
        kind=kind,
        level=level,
        fields=_fields(row, kind),
        proofs=row.whole(f"{kind}_proof_qty"),
        types=_proof_types(row, f"{kind}_proof_types"),
        forms=(
            *_forms(row, f"{kind}_permanent_document", is_permanent=True),
            *_forms(row, f"{kind}_onetime_document", is_permanent=False),
        ),
    )


def _level(row: Resource, name: str) -> Level | None:
    """None for null. A level that nobody knows counts as the country: the carrier's check tells."""
    told = word(row.text(name))
    return LEVELS.get(told, Level.COUNTRY) if told else None


def _fields(row: Resource, kind: PersonKind) -> tuple[IdentityField, ...]:
    found: dict[IdentityField, None] = {}
    for told in row.texts(f"{kind}_mandatory_fields"):
        field = FIELD_WORDS.get(word(told))
        if field is None:
            log.warning("DIDWW asks for a field that is not known here: %s", told[:60])
        else:
            found[field] = None
    return tuple(found)


def _proof_types(row: Resource, name: str) -> tuple[ProofType, ...]:
    return tuple(ProofType(one.id, one.text("name")) for one in row.many(name))


def _forms(row: Resource, name: str, *, is_permanent: bool) -> tuple[BlankForm, ...]:
    return tuple(
        BlankForm(one.id, one.text("name"), _link(one.text("url")), is_permanent)
        for one in row.many(name)
    )


def _link(url: str) -> str:
    """Only what a browser may open: the address stands on the client's pages."""
    return url if url.startswith(("https://", "http://")) else ""
