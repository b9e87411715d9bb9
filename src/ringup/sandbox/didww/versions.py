"""In what the newer version of the API differs: how things are shown, and what may be asked."""

from __future__ import annotations

from typing import Any

from ringup.sandbox.didww.problems import bad, not_found
from ringup.sandbox.didww.resources import Resource

# The first admits by a key, the second by a token.
KEYS, TOKENS = "2026-04-16", "2026-11-19"
TYPE, TYPES = "did_group_type", "did_group_types"
TYPED = frozenset({"did_groups", "address_requirements"})
FIELDS = ("personal_mandatory_fields", "business_mandatory_fields")
# Of what is in use, only the older version lets names be changed.
NAMES = frozenset({"first_name", "last_name", "company_name"})


def attributes_of(resource: Resource, version: str) -> dict[str, Any]:
    """As this version shows them."""
    if version != TOKENS or resource.type not in TYPED:
        return resource.attributes
    shown = resource.attributes | {"number_type": number_type(resource)}
    if resource.type == "did_groups":
        shown["is_demo"] = resource.hidden["is_demo"]
    for name in FIELDS:
        if shown.get(name):
            shown[name] = ["tax_id" if one == "vat_id" else one for one in shown[name]]
    return shown


def number_type(resource: Resource) -> str:
    """Of a group or a requirement: ``toll_free``."""
    kind = resource.one(TYPE)
    assert kind is not None  # each has one
    return str(kind.attributes["name"]).lower().replace("-", "_").replace(" ", "_")


def relations_of(resource: Resource, version: str) -> dict[str, Resource | list[Resource] | None]:
    """As this version shows them."""
    hidden = {TYPE} if version == TOKENS else set()
    return {name: found for name, found in resource.relations.items() if name not in hidden}


def check_question(kind: str, query: dict[str, str], version: str) -> None:
    """Refuse what this version does not know (any more, or yet)."""
    if version == TOKENS and kind == TYPES:
        raise not_found()
    gone = f"{TYPE}.id" if version == TOKENS else "number_type"
    for name in query:
        key = name.removeprefix("filter[").removesuffix("]")
        if name.startswith("filter[") and key.removeprefix("did_group.") == gone:
            raise bad("102", f"{key} is not allowed.")
