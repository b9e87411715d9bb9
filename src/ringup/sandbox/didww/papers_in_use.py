"""Papers that numbers need: verified are those with which a number is registered, and nobody can delete
them under it."""

from __future__ import annotations

from ringup.sandbox.didww.inputs import Sent
from ringup.sandbox.didww.problems import ApiError, invalid, sentence, validation
from ringup.sandbox.didww.resources import Resource
from ringup.sandbox.didww.state import State
from ringup.sandbox.didww.versions import NAMES, TOKENS

NEVER_BLANK = ("first_name", "last_name", "phone_number", "city_name", "postal_code", "address")
OWNED = ("addresses", "proofs", "permanent_documents")


def mark_verified(state: State) -> None:
    """Say of each whether it is used, after something changed."""
    used = _used(state, "approved")
    for kind in ("identities", "addresses"):
        for row in state.store.all(kind):
            row.attributes["verified"] = row in used


def _used(state: State, *statuses: str) -> set[Resource]:
    """Identities and addresses of verifications that stand so, for numbers that are still there."""
    found: set[Resource] = set()
    for row in state.store.all("address_verifications"):
        lives = any(not did.attributes["terminated"] for did in row.many("dids"))
        address = row.one("address")
        if lives and address is not None and row.attributes["status"] in statuses:
            found |= {address, *address.many("identity")}
    return found


def change(state: State, row: Resource, sent: Sent) -> None:
    """PATCH of an identity or an address."""
    blank = [name for name in NEVER_BLANK if sent.attributes.get(name, "x") in (None, "")]
    if blank:
        rows = [validation(f"/attributes/{name}", "can't be blank") for name in blank]
        raise ApiError(422, *rows)
    if not str(sent.attributes.get("phone_number", "0")).isdecimal():
        raise invalid("/attributes/phone_number", "is invalid", name="phone_number")
    if state.version == TOKENS and row.attributes["verified"]:
        for name in sorted(NAMES & set(sent.attributes)):
            if sent.attributes[name] != row.attributes[name]:
                raise invalid(f"/attributes/{name}", "can't be changed", name=name)
    row.attributes.update(sent.attributes)
    row.relations.update(sent.relations)


def remove(state: State, row: Resource) -> None:
    """DELETE of an identity or an address, with all that belongs to it."""
    if row in _used(state, "approved", "pending"):
        raise ApiError(422, sentence("It is used by DIDs and can't be deleted"))
    for name in OWNED:
        for owned in row.many(name):
            remove(state, owned)
    for name in ("entity", "identity"):
        owner = row.one(name)
        if owner is not None:
            for list_name in OWNED:
                if list_name in owner.relations:
                    owner.relations[list_name] = [
                        one for one in owner.many(list_name) if one is not row
                    ]
    state.store.remove(row)
