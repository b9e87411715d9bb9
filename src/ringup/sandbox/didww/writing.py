"""Which resources can be written, what of them, and by what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ringup.sandbox.didww import numbers, ordering, papers, papers_in_use, trunks, verifying
from ringup.sandbox.didww.inputs import Sent
from ringup.sandbox.didww.problems import invalid
from ringup.sandbox.didww.resources import Resource
from ringup.sandbox.didww.state import State

Make = Callable[[State, Sent], Resource]
Change = Callable[[State, Resource, Sent], None]
Names = frozenset[str]
NONE: Names = frozenset()


@dataclass(frozen=True, slots=True)
class Writing:
    """``make`` and ``change`` get only the named attributes and relationships."""

    make: Make | None = None
    make_attributes: Names = NONE
    make_relations: Names = NONE
    change: Change | None = None
    change_attributes: Names = NONE
    change_relations: Names = NONE
    delete: Callable[[State, Resource], None] | None = None


def _update(_state: State, row: Resource, sent: Sent) -> None:
    row.attributes.update(sent.attributes)
    row.relations.update(sent.relations)


def _remove(state: State, row: Resource) -> None:
    state.store.remove(row)


def _remove_trunk(state: State, row: Resource) -> None:
    used = [did for did in state.store.all("dids") if did.one("voice_in_trunk") is row]
    if used:
        raise invalid("", "Trunk is assigned to DIDs and can't be deleted", name="voice_in_trunk")
    state.store.remove(row)


REFERENCE: Names = frozenset({"external_reference_id"})
CALLBACK: Names = frozenset({"callback_url", "callback_method"})

WRITINGS: dict[str, Writing] = {
    "did_reservations": Writing(
        make=numbers.reserve,
        make_attributes=frozenset({"description"}),
        make_relations=frozenset({"available_did"}),
        delete=_remove,
    ),
    "orders": Writing(
        make=ordering.order,
        make_attributes=REFERENCE | CALLBACK | {"items", "allow_back_ordering"},
        change=_update,
        change_attributes=REFERENCE,
        delete=ordering.cancel,
    ),
    "dids": Writing(
        change=numbers.change,
        change_attributes=frozenset(
            {
                "description",
                "terminated",
                "billing_cycles_count",
                "capacity_limit",
                "dedicated_channels_count",
            }
        ),
        change_relations=frozenset(
            {
                "voice_in_trunk",
                "voice_in_trunk_group",
                "capacity_pool",
                "shared_capacity_group",
                "address_verification",
            }
        ),
    ),
    "voice_in_trunks": Writing(
        make=trunks.new_in,
        make_attributes=trunks.IN_FIELDS,
        make_relations=frozenset({"pop", "voice_in_trunk_group"}),
        change=trunks.change_in,
        change_attributes=trunks.IN_FIELDS,
        change_relations=frozenset({"pop", "voice_in_trunk_group"}),
        delete=_remove_trunk,
    ),
    "voice_out_trunks": Writing(
        make=trunks.new_out,
        make_attributes=trunks.OUT_FIELDS,
        make_relations=frozenset({"default_did", "dids", "emergency_dids"}),
        change=trunks.change_out,
        change_attributes=trunks.OUT_FIELDS,
        change_relations=frozenset({"default_did", "dids", "emergency_dids"}),
        delete=_remove,
    ),
    "voice_out_trunk_regenerate_credentials": Writing(
        make=trunks.regenerate, make_relations=frozenset({"voice_out_trunk"})
    ),
    "identities": Writing(
        make=papers.new_identity,
        make_attributes=papers.IDENTITY_FIELDS,
        make_relations=frozenset({"country", "birth_country"}),
        change=papers_in_use.change,
        change_attributes=papers.IDENTITY_FIELDS - {"identity_type"},
        change_relations=frozenset({"country", "birth_country"}),
        delete=papers_in_use.remove,
    ),
    "addresses": Writing(
        make=papers.new_address,
        make_attributes=papers.ADDRESS_FIELDS,
        make_relations=frozenset({"identity", "country", "area", "city"}),
        change=papers_in_use.change,
        change_attributes=papers.ADDRESS_FIELDS,
        delete=papers_in_use.remove,
    ),
    "proofs": Writing(
        make=papers.new_proof,
        make_attributes=REFERENCE,
        make_relations=frozenset({"entity", "proof_type", "files"}),
        change=papers.change_document,
        change_attributes=REFERENCE,
        delete=papers_in_use.remove,
    ),
    "permanent_supporting_documents": Writing(
        make=papers.new_permanent_document,
        make_attributes=REFERENCE,
        make_relations=frozenset({"template", "identity", "files"}),
        change=papers.change_document,
        change_attributes=REFERENCE,
        change_relations=frozenset({"files"}),
        delete=papers_in_use.remove,
    ),
    "address_requirement_validations": Writing(
        make=papers.validate,
        make_relations=frozenset({"address_requirement", "identity", "address"}),
    ),
    "address_verifications": Writing(
        make=verifying.verify,
        make_attributes=REFERENCE | CALLBACK | {"service_description"},
        make_relations=frozenset({"address", "dids", "onetime_files"}),
        change=_update,
        change_attributes=REFERENCE,
    ),
    "encrypted_files": Writing(delete=_remove),
}
