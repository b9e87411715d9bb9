"""Reservations, and the numbers of the account."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from ringup.sandbox.didww.inputs import Sent
from ringup.sandbox.didww.papers_in_use import mark_verified
from ringup.sandbox.didww.places import another_number, available
from ringup.sandbox.didww.problems import invalid
from ringup.sandbox.didww.resources import Resource, now, stamp
from ringup.sandbox.didww.state import MOST_RESERVED, State


def reserve(state: State, sent: Sent) -> Resource:
    """Keep a number for a while."""
    number = sent.need_one("available_did")
    rows = state.store.all("did_reservations")
    if any(row.one("available_did") is number for row in rows):
        raise invalid("/relationships/available_did", "is invalid", name="available_did")
    if len(rows) >= MOST_RESERVED:
        raise invalid("", f"You may reserve at most {MOST_RESERVED} numbers", name="reservations")
    seconds = state.setup.reservation_seconds
    attributes = {
        "description": sent.attributes.get("description"),
        "created_at": now(),
        "expires_at": stamp(datetime.now(UTC) + timedelta(seconds=seconds)),
    }
    relations: dict[str, Resource | list[Resource] | None] = {"available_did": number}
    row = Resource(
        "did_reservations", attributes, relations, hidden={"ends": time.time() + seconds}
    )
    return state.store.add(row)


def own(
    state: State, order: Resource | None, group: Resource, sku: Resource, number: str
) -> Resource:
    """A number that was bought: with papers it waits for its registration."""
    waits = bool(group.meta["needs_registration"])
    is_demo = waits and group.hidden["is_demo"]
    row = Resource(
        "dids",
        {
            "number": number,
            "description": None,
            "blocked": waits,
            "awaiting_registration": waits,
            "terminated": False,
            "billing_cycles_count": None,
            "capacity_limit": None,
            "channels_included_count": sku.attributes["channels_included_count"],
            "dedicated_channels_count": 0,
            "emergency_enabled": False,
            "created_at": now(),
            "expires_at": stamp(datetime.now(UTC) + timedelta(days=30)),
        },
        {
            "did_group": group,
            "order": order,
            "voice_in_trunk": None,
            "voice_in_trunk_group": None,
            "capacity_pool": None,
            "shared_capacity_group": None,
            "address_verification": None,
            "identity": None,
        },
        hidden={"real": another_number(group) if is_demo else number},
    )
    state.note(number, "assigned")
    return state.store.add(row)


def take(state: State, number: Resource) -> None:
    """It is not on sale any more, and nobody keeps it."""
    state.store.remove(number)
    for row in state.store.all("did_reservations"):
        if row.one("available_did") is number:
            state.store.remove(row)


def put_back(state: State, group: Resource, number: str) -> Resource:
    """It is on sale (again)."""
    return state.store.add(available(group, number))


def change(state: State, row: Resource, sent: Sent) -> None:
    """PATCH of a number."""
    if sent.attributes.get("terminated") is True and not row.attributes["terminated"]:
        state.note(row.attributes["number"], "removed")
    if sent.attributes.get("terminated") is False and row.attributes["terminated"]:
        state.note(row.attributes["number"], "restored")
    row.attributes.update(sent.attributes)
    mark_verified(state)
    for name, other in (
        ("voice_in_trunk", "voice_in_trunk_group"),
        ("voice_in_trunk_group", "voice_in_trunk"),
    ):
        if sent.relations.get(name) is not None:
            row.relations[other] = None
    row.relations.update(sent.relations)


def registered(row: Resource) -> None:
    """Its papers were accepted: it works, and a demo number becomes the real one."""
    row.attributes.update(awaiting_registration=False, blocked=False, number=row.hidden["real"])
