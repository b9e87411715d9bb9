"""Identities, addresses, proofs and files, and whether they are what a requirement asks for."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from ringup.sandbox.didww.inputs import Sent
from ringup.sandbox.didww.problems import ApiError, bad, invalid, sentence
from ringup.sandbox.didww.resources import Resource, now, stamp
from ringup.sandbox.didww.state import State

MOST_BYTES = 20 * 1024 * 1024
FILE_SECONDS = 24 * 3600.0
IDENTITY_FIELDS = frozenset(
    {
        "identity_type", "first_name", "last_name", "phone_number", "id_number", "birth_date",
        "company_name", "company_reg_number", "vat_id", "personal_tax_id", "contact_email",
        "description", "external_reference_id",
    }
)  # fmt: skip
ADDRESS_FIELDS = frozenset(
    {"city_name", "postal_code", "address", "description", "external_reference_id"}
)
FORM = "encrypted_files"
# As the API words what is missing.
FIELD_WORDS = {
    "birth_date": "Birth Date",
    "birth_country": "Place of Birth",
    "country": "Country",
    "personal_tax_id": "Personal Tax ID",
    "id_number": "ID Number",
    "vat_id": "VAT ID",
    "company_reg_number": "Company Registration Number",
    "contact_email": "Contact Email",
}


def new_identity(state: State, sent: Sent) -> Resource:
    kind = sent.attributes.get("identity_type")
    if kind not in ("personal", "business"):
        raise invalid("/attributes/identity_type", "is invalid", name="identity_type")
    sent.need("first_name", "last_name", "phone_number")
    if kind == "business":
        sent.need("company_name")
    if not str(sent.attributes["phone_number"]).isdecimal():
        raise invalid("/attributes/phone_number", "is invalid", name="phone_number")
    attributes = dict.fromkeys(sorted(IDENTITY_FIELDS)) | sent.attributes
    attributes |= {"verified": False, "created_at": now()}
    relations: dict[str, Resource | list[Resource] | None] = {
        "country": sent.relations.get("country"),
        "birth_country": sent.relations.get("birth_country"),
        "proofs": [],
        "addresses": [],
        "permanent_documents": [],
    }
    return state.store.add(Resource("identities", attributes, relations))


def new_address(state: State, sent: Sent) -> Resource:
    identity, country = sent.need_one("identity"), sent.need_one("country")
    sent.need("city_name", "postal_code", "address")
    attributes = dict.fromkeys(sorted(ADDRESS_FIELDS)) | sent.attributes
    attributes |= {"verified": False, "created_at": now()}
    row = Resource(
        "addresses",
        attributes,
        {
            "identity": identity,
            "country": country,
            "area": sent.relations.get("area"),
            "city": sent.relations.get("city"),
            "proofs": [],
        },
    )
    identity.relations["addresses"] = [*identity.many("addresses"), row]
    return state.store.add(row)


def new_file(state: State, fields: dict[str, bytes]) -> Resource:
    """One encrypted file. It goes within a day when nothing refers to it."""
    content = fields.get(f"{FORM}[file]")
    fingerprint = fields.get(f"{FORM}[encryption_fingerprint]", b"").decode(errors="replace")
    if content is None or not fingerprint:
        raise bad("400", "invalid params")
    if fingerprint != state.keys.fingerprint():
        raise ApiError(422, sentence("outdated fingerprint"))
    if len(content) > MOST_BYTES:
        raise invalid("/attributes/file", "is too big", name="file")
    opened = state.keys.opened(content)
    if opened is None:
        raise invalid("/attributes/file", "is invalid", name="file")
    description = fields.get(f"{FORM}[description]", b"").decode(errors="replace")
    return state.store.add(
        Resource(
            "encrypted_files",
            {
                "description": description or None,
                "expires_at": stamp(datetime.now(UTC) + timedelta(seconds=FILE_SECONDS)),
            },
            hidden={"ends": time.time() + FILE_SECONDS, "content": opened},
        )
    )


def attached(state: State, files: list[Resource]) -> dict[str, list[bytes]]:
    """Files that something refers to belong to it: they are no rows of their own any more. What the
    carrier reads in them is kept with it, unseen."""
    for row in files:
        if state.store.find("encrypted_files", row.id) is None:
            raise invalid("/relationships/files", "is invalid", name="files")
        state.store.remove(row)
    return {"files": [row.hidden["content"] for row in files]}


def new_proof(state: State, sent: Sent) -> Resource:
    entity, kind, files = sent.need_one("entity"), sent.need_one("proof_type"), sent.many("files")
    fits = kind.attributes["entity_type"]
    of = entity.attributes.get("identity_type", "Address")
    if entity.type not in ("identities", "addresses") or fits != of:
        raise invalid("/relationships/proof_type", "is invalid", name="proof_type")
    _need_files(sent)
    hidden = attached(state, files)
    attributes = {
        "created_at": now(),
        "expires_at": None,
        "external_reference_id": sent.attributes.get("external_reference_id"),
    }
    relations: dict[str, Resource | list[Resource] | None] = {"entity": entity, "proof_type": kind}
    row = Resource("proofs", attributes, relations, hidden=hidden)
    entity.relations["proofs"] = [*entity.many("proofs"), row]
    return state.store.add(row)


def _need_files(sent: Sent) -> None:
    if not sent.many("files"):
        raise invalid("/relationships/files", "can't be blank", name="files")


def change_document(state: State, row: Resource, sent: Sent) -> None:
    """PATCH of a proof or a form: our reference, and for a form other files."""
    if sent.many("files"):
        row.hidden |= attached(state, sent.many("files"))
    row.attributes.update(sent.attributes)


def new_permanent_document(state: State, sent: Sent) -> Resource:
    template, identity = sent.need_one("template"), sent.need_one("identity")
    _need_files(sent)
    hidden = attached(state, sent.many("files"))
    attributes: dict[str, Any] = {
        "created_at": now(),
        "external_reference_id": sent.attributes.get("external_reference_id"),
    }
    relations: dict[str, Resource | list[Resource] | None] = {
        "template": template,
        "identity": identity,
    }
    row = Resource("permanent_supporting_documents", attributes, relations, hidden=hidden)
    identity.relations["permanent_documents"] = [*identity.many("permanent_documents"), row]
    return state.store.add(row)


def validate(state: State, sent: Sent) -> Resource:
    """Whether these papers fit the requirement: 201, or a list of sentences."""
    requirement = sent.need_one("address_requirement")
    address = sent.relations.get("address")
    identity = sent.relations.get("identity")
    if identity is None and isinstance(address, Resource):
        identity = address.one("identity")
    found = missing(
        requirement,
        identity if isinstance(identity, Resource) else None,
        address if isinstance(address, Resource) else None,
    )
    if found:
        raise ApiError(422, *(sentence(text) for text in found))
    return Resource("address_requirement_validations", {})


def missing(
    requirement: Resource, identity: Resource | None, address: Resource | None
) -> list[str]:
    """Sentences about what is missing, for people."""
    found: list[str] = []
    if identity is not None:
        found += _missing_of_identity(requirement, identity)
    if address is not None:
        found += _missing_of_address(requirement, address)
    if identity is None and address is None:
        found.append("Identity or Address required")
    return found


def _missing_of_identity(requirement: Resource, identity: Resource) -> list[str]:
    facts, kind = requirement.attributes, identity.attributes["identity_type"]
    if facts["identity_type"] not in ("any", kind) or facts[f"{kind}_area_level"] is None:
        return [f"{facts['identity_type'].capitalize()} Identity required"]
    found = []
    country = requirement.one("country")
    assert country is not None  # every requirement has one
    if facts[f"{kind}_area_level"] == "country" and identity.one("country") is not country:
        found.append(f"Identity Country must be {country.attributes['name']}")
    for name in facts[f"{kind}_mandatory_fields"] or []:
        has = identity.relations.get(name) or identity.attributes.get(name)
        if not has:
            found.append(f"Identity {FIELD_WORDS[name]} required")
    lacking = facts[f"{kind}_proof_qty"] - len(identity.many("proofs"))
    if lacking > 0:
        names = ", ".join(row.attributes["name"] for row in requirement.many(f"{kind}_proof_types"))
        found.append(f"{lacking} Identity Proof(s) ({names}) required")
    form = requirement.one(f"{kind}_permanent_document")
    filled = [row.one("template") for row in identity.many("permanent_documents")]
    if form is not None and form not in filled:
        found.append(f"{form.attributes['name']} required")
    return found


def _missing_of_address(requirement: Resource, address: Resource) -> list[str]:
    facts, found = requirement.attributes, []
    country = requirement.one("country")
    assert country is not None  # every requirement has one
    level = facts["address_area_level"]
    if level != "world_wide" and address.one("country") is not country:
        return [f"Address in {country.attributes['name']} required"]
    if level in ("area", "city") and address.one(level) is None and address.one("city") is None:
        found.append(f"Address {level.capitalize()} required")
    lacking = facts["address_proof_qty"] - len(address.many("proofs"))
    if lacking > 0:
        names = ", ".join(row.attributes["name"] for row in requirement.many("address_proof_types"))
        found.append(f"{lacking} Address Proof(s) ({names}) required")
    return found
