"""Taking papers back that no number needs."""

from __future__ import annotations

from ringup.carriers.didww.addresses import ADDRESSES
from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.failing import Rejected
from ringup.carriers.didww.identities import IDENTITIES
from ringup.carriers.didww.paging import every
from ringup.carriers.didww.reading import Resource
from ringup.carriers.didww.verifying import VERIFICATIONS


def withdraw(client: DidwwClient, *, identity: str, address: str) -> bool:
    """See ``TakesPapers.withdraw``. The carrier deletes an identity with all that belongs to it, and
    nobody knows whether it would do so under a number: so it is looked for one first."""
    if _is_used(client, IDENTITIES, identity) or _is_used(client, ADDRESSES, address):
        return False
    if identity:
        of_it = {"filter[address.identity.id]": identity, "include": "dids"}
        if any(_holds_a_number(row) for row in every(client, VERIFICATIONS, of_it)):
            return False
    try:
        client.delete(ADDRESSES, address)
        others = client.find(IDENTITIES, identity, include="addresses")
        if others is None:
            return True
        if others.keys("addresses"):
            return False
        client.delete(IDENTITIES, identity)
    except Rejected:
        return False
    return True


def _is_used(client: DidwwClient, kind: str, uid: str) -> bool:
    """``verified`` means that a number is registered with it."""
    row = client.find(kind, uid)
    return row is not None and row.flag("verified")


def _holds_a_number(verification: Resource) -> bool:
    """Whether it is still being looked at, or was approved, for a number that is still there."""
    if verification.text("status").lower() == "rejected":
        return False
    return any(not did.flag("terminated") for did in verification.many("dids"))
