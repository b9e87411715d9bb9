"""What papers a kind of number needs. The rules are made up, in the API's own form."""

from __future__ import annotations

from dataclasses import dataclass

from ringup.sandbox.didww.resources import Resource, Store

# Name and entity type.
PROOF_TYPES = (
    ("Passport", "personal"),
    ("National ID", "personal"),
    ("Drivers License", "personal"),
    ("Certificate of Incorporation", "business"),
    ("Tax Registration", "business"),
    ("Utility Bill", "Address"),
    ("Rental Receipt", "Address"),
    ("Copy of Phone Bill", "Address"),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Of one country. Levels: ``world_wide``, ``country``, ``area``, ``city``, or None: not taken."""

    identity: str = "any"
    personal_level: str | None = "world_wide"
    business_level: str | None = "country"
    address_level: str = "country"
    personal_proofs: int = 1
    business_proofs: int = 1
    address_proofs: int = 1
    personal_fields: tuple[str, ...] = ()
    business_fields: tuple[str, ...] = ()
    needs_description: bool = False
    permanent_form: bool = False
    onetime_form: bool = False
    message: str = ""


MADE_UP = "<p>This rule is made up for rehearsals: it is not the law of any country.</p>"
DEMO = "<p>The number shown before the registration is a <b>demo</b> number.</p>"
RULES = {
    "ZA": Rule(
        personal_fields=("birth_date", "id_number"),
        business_fields=("company_reg_number", "vat_id", "contact_email"),
        needs_description=True,
        message="<p>An address in South&nbsp;Africa is required.</p>",
    ),
    "DE": Rule(
        address_level="area",
        personal_fields=("birth_date",),
        business_fields=("country",),
        permanent_form=True,
        message="<p>An address in the area of the number is required.</p>",
    ),
    "GB": Rule(personal_level="country", address_proofs=0, personal_fields=("birth_date",)),
    "FR": Rule(
        identity="business",
        personal_level=None,
        address_level="city",
        business_fields=("company_reg_number",),
        onetime_form=True,
    ),
}


def requirement_for(
    store: Store, country: Resource, kind: Resource, *, is_demo: bool = False
) -> Resource:
    """The requirement of a country and type; made once. ``is_demo``: its numbers are not those shown."""
    for known in store.all("address_requirements"):
        if known.one("country") is country and known.one("did_group_type") is kind:
            return known
    rule = RULES[country.attributes["iso"]]
    proofs = _proof_types(store)
    form = _form(store, country, "Registration Form", True) if rule.permanent_form else None
    letter = _form(store, country, "Letter of Intent", False) if rule.onetime_form else None
    return store.add(
        Resource(
            "address_requirements",
            {
                "identity_type": rule.identity,
                "personal_area_level": rule.personal_level,
                "business_area_level": rule.business_level,
                "address_area_level": rule.address_level,
                "personal_proof_qty": rule.personal_proofs if rule.personal_level else 0,
                "business_proof_qty": rule.business_proofs if rule.business_level else 0,
                "address_proof_qty": rule.address_proofs,
                "personal_mandatory_fields": list(rule.personal_fields) or None,
                "business_mandatory_fields": list(rule.business_fields) or None,
                "service_description_required": rule.needs_description,
                "restriction_message": rule.message + DEMO * is_demo + MADE_UP,
            },
            {
                "country": country,
                "did_group_type": kind,
                "personal_permanent_document": form,
                "business_permanent_document": form,
                "personal_onetime_document": letter,
                "business_onetime_document": letter,
                "personal_proof_types": proofs["personal"],
                "business_proof_types": proofs["business"],
                "address_proof_types": proofs["Address"],
            },
        )
    )


def _proof_types(store: Store) -> dict[str, list[Resource]]:
    known = store.all("proof_types") or store.add_all(
        Resource("proof_types", {"name": name, "entity_type": entity})
        for name, entity in PROOF_TYPES
    )
    kinds = ("personal", "business", "Address")
    return {kind: [row for row in known if row.attributes["entity_type"] == kind] for kind in kinds}


def _form(store: Store, country: Resource, title: str, permanent: bool) -> Resource:
    """One of a country, whatever its numbers."""
    name = f"{country.attributes['name']} {title}"
    for known in store.all("supporting_document_templates"):
        if known.attributes["name"] == name:
            return known
    file = f"{country.attributes['iso']}-{title}.pdf".lower().replace(" ", "-")
    facts = {"name": name, "permanent": permanent, "url": f"https://didww.example/forms/{file}"}
    return store.add(Resource("supporting_document_templates", facts))
