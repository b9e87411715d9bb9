"""``filter[…]``, ``sort`` and ``page[…]`` over resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ringup.sandbox.didww.problems import bad
from ringup.sandbox.didww.resources import Resource
from ringup.sandbox.didww.versions import number_type

DEFAULT_SIZE = 50
MOST = 1000
CONTAINS, FROM, UNTIL = "_contains", "_gteq", "_lteq"
# What a type may be filtered by, as the official list of filters has it.
FILTERS: dict[str, frozenset[str]] = {
    "countries": frozenset({"is_available", "iso", "name", "prefix"}),
    "regions": frozenset({"country.id", "iso", "name"}),
    "cities": frozenset({"area.id", "country.id", "is_available", "name", "region.id"}),
    "areas": frozenset({"country.id", "name"}),
    "did_group_types": frozenset({"name"}),
    "did_groups": frozenset(
        {
            "allow_additional_channels", "area_name", "available_dids_enabled", "city.id",
            "country.id", "did_group_type.id", "features", "is_available", "is_metered",
            "meta.total_count_gteq", "nanpa_prefix.id", "needs_registration", "number_type", "prefix",
            "region.id",
        }
    ),
    "available_dids": frozenset(
        {
            "city.id", "country.id", "did_group.features", "did_group.id",
            "did_group.needs_registration", "did_group_type.id", "nanpa_prefix.id",
            "number_contains", "region.id",
        }
    ),
    "nanpa_prefixes": frozenset(
        {"country.id", "did_group.is_available", "npa", "npanxx", "nxx", "region.id"}
    ),
    "did_reservations": frozenset({"description"}),
    "orders": frozenset(
        {"created_at_gteq", "created_at_lteq", "external_reference_id", "reference", "status"}
    ),
    "dids": frozenset(
        {
            "address_verification.id", "awaiting_registration", "billing_cycles_count", "blocked",
            "capacity_pool.id", "city.id", "country.id", "description", "did_group.features",
            "did_group.id", "emergency_enabled", "number", "order.id", "order.reference",
            "region.id", "shared_capacity_group.id", "terminated", "voice_in_trunk.id",
            "voice_in_trunk_group.id",
        }
    ),
    "did_history": frozenset({"action", "created_at_gteq", "created_at_lteq", "did_number", "method"}),
    "capacity_pools": frozenset(),
    "pops": frozenset(),
    "voice_in_trunks": frozenset({"configuration.type", "external_reference_id", "name"}),
    "voice_in_trunk_groups": frozenset({"name"}),
    "voice_out_trunks": frozenset(
        {
            "allow_any_did_as_cli", "authentication_method.type", "default_did.id",
            "default_dst_action", "external_reference_id", "media_encryption_mode", "name",
            "name_contains", "on_cli_mismatch_action", "status", "threshold_reached",
        }
    ),
    "address_requirements": frozenset({"country.id", "did_group_type.id", "number_type"}),
    "identities": frozenset(
        {
            "birth_date", "company_name", "company_name_contains", "company_reg_number",
            "company_reg_number_contains", "country.id", "description", "description_contains",
            "external_reference_id", "first_name", "first_name_contains", "id_number",
            "id_number_contains", "identity_type", "last_name", "last_name_contains",
            "personal_tax_id", "personal_tax_id_contains", "phone_number", "phone_number_contains",
            "vat_id", "vat_id_contains",
        }
    ),
    "addresses": frozenset(
        {
            "address", "address_contains", "area.id", "city.id", "city_name", "city_name_contains",
            "country.id", "description", "description_contains", "external_reference_id",
            "identity.external_reference_id", "identity.id", "postal_code",
            "postal_code_contains",
        }
    ),
    "proof_types": frozenset({"entity_type"}),
    "proofs": frozenset({"external_reference_id"}),
    "encrypted_files": frozenset(),
    "supporting_document_templates": frozenset({"name", "name_contains", "permanent"}),
    "permanent_supporting_documents": frozenset({"external_reference_id"}),
    "address_verifications": frozenset(
        {
            "address.id", "address.identity.id", "external_reference_id", "reference",
            "reference_in", "status",
        }
    ),
    "public_keys": frozenset(),
}  # fmt: skip


def chosen(resources: list[Resource], kind: str, query: Mapping[str, str]) -> list[Resource]:
    """Those that pass every filter, sorted as asked."""
    found = resources
    for name, value in query.items():
        if name.startswith("filter["):
            key = name.removeprefix("filter[").removesuffix("]")
            if key != "id" and key not in FILTERS.get(kind, frozenset()):
                raise bad("102", f"{key} is not allowed.")
            found = [one for one in found if _passes(one, key, value)]
    for key in reversed([key for key in query.get("sort", "").split(",") if key]):
        name = key.removeprefix("-")
        found = sorted(
            found, key=lambda one: str(_value(one, name) or ""), reverse=key.startswith("-")
        )
    return found


def page_of(found: list[Resource], query: Mapping[str, str]) -> tuple[list[Resource], int, int]:
    """The rows of a page, its number and how many pages there are."""
    number, size = _whole(query, "number", 1), min(_whole(query, "size", DEFAULT_SIZE), MOST)
    pages = max(1, -(-len(found) // size))
    return found[(number - 1) * size : number * size], number, pages


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(f"page[{name}]", str(default))
    if not text.isdecimal() or int(text) < 1:
        raise bad("107", f"Invalid page value: {name}")
    return int(text)


def _passes(resource: Resource, key: str, value: str) -> bool:
    wanted = [text.strip().lower() for text in value.split(",")]
    if key == "npanxx":
        return f"{resource.attributes['npa']}{resource.attributes['nxx']}" in wanted
    if key == "id":
        return resource.id in wanted
    if key.endswith(CONTAINS):
        found = _value(resource, key.removesuffix(CONTAINS))
        return value.lower() in str(found or "").lower()
    if key.endswith((FROM, UNTIL)):
        found = _value(resource, key[:-5])
        return found is not None and _compared(found, value, key.endswith(FROM))
    if key == "reference_in":
        key = "reference"
    found = _value(resource, key)
    if isinstance(found, list):
        return not {str(one).lower() for one in found}.isdisjoint(wanted)
    text = "" if found is None else str(found).lower()
    return text in wanted


def _compared(found: Any, value: str, at_least: bool) -> bool:
    if isinstance(found, int):
        return found >= int(value) if at_least else found <= int(value)
    return str(found) >= value if at_least else str(found) <= value


def _value(resource: Resource, path: str) -> Any:
    """An attribute, a fact of the meta, or ``relation.id``. What a number does not say of itself its
    group says."""
    name, _, rest = path.partition(".")
    if name == "meta":
        return resource.meta.get(rest)
    if rest:
        if name in resource.relations:
            behind = resource.many(name)
            return [_value(one, rest) for one in behind] if behind else None
        if isinstance(resource.attributes.get(name), dict):
            return resource.attributes[name].get(rest)
        group = resource.one("did_group")
        return _value(group, path) if group is not None else None
    if name == "id":
        return resource.id
    if name == "number_type":
        return number_type(resource)
    if name in resource.attributes:
        return resource.attributes[name]
    return resource.meta.get(name, resource.hidden.get(name))
