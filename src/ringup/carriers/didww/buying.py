"""Buying: look, order at most once, look again.

DIDWW has no key against doing a thing twice. What proves an order to be ours is its external reference,
which is looked up before every order.
"""

from __future__ import annotations

import uuid
from typing import Any

from ringup.carriers.didww.capacities import PER_MINUTE, POOL, Unit
from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.failing import Rejected
from ringup.carriers.didww.groups import Group, Groups
from ringup.carriers.didww.inventory import KIND, Inventory, reference_of, standing_of
from ringup.carriers.didww.offers import Offers
from ringup.carriers.didww.ours import REFERENCE
from ringup.carriers.didww.reading import Resource
from ringup.carriers.didww.reserving import Reservations
from ringup.carriers.didww.settings import Settings
from ringup.carriers.port import CarrierNumber, Standing
from ringup.core.failures import (
    NothingHappened,
    NotOurs,
    NumberGone,
    OurFault,
    OutcomeUnknown,
    PortFailure,
    Refused,
)

KEPT, LISTED = "did_reservation_id", "available_did_id"
# After so many that were canceled within an hour nothing more is ordered by itself.
MOST_CANCELED = 3


class Buying:
    """Buys a chosen number, or one of a place."""

    def __init__(
        self,
        client: DidwwClient,
        settings: Settings,
        groups: Groups,
        offers: Offers,
        reservations: Reservations,
        inventory: Inventory,
    ) -> None:
        self._client = client
        self._settings = settings
        self._groups = groups
        self._offers = offers
        self._reservations = reservations
        self._inventory = inventory

    def buy(self, e164: str, reference: uuid.UUID, capacity: str) -> CarrierNumber:
        row = self._held(e164, reference)
        if row is None:
            what, number = self._way_to(e164)
            group = self._offers.group_of(number)
            if group is None or not group.is_chosen_from:
                raise NumberGone(f"{e164} is not on sale at DIDWW.")
            row = self._ordered(group, what, reference, capacity)
        return self._with_capacity(row, capacity)

    def buy_of(self, place: str, reference: uuid.UUID, capacity: str) -> CarrierNumber:
        row = self._inventory.of_reference(reference)
        if row is None:
            group = self._groups.find(place)
            if group is None or not group.is_on_sale:
                raise NumberGone(
                    f"DIDWW has no number of the place {place} any more.",
                    user_message="There is no number left in that place. Nothing was charged. "
                    "Choose another place.",
                )
            self._require_unpaid(reference)
            row = self._ordered(group, {"qty": 1}, reference, capacity)
        return self._with_capacity(_living(row), capacity)

    def _require_unpaid(self, reference: uuid.UUID) -> None:
        """A chosen number is not on sale while it is ours; of a place there is always another."""
        if paid := self._inventory.paid_order(reference):
            raise OurFault(
                f"DIDWW has carried out the order {paid} under this reference and lists no number of "
                "it. Nothing was bought again. Ask its support, then resume."
            )

    def _require_patience(self, reference: uuid.UUID) -> None:
        """What DIDWW cancels again and again is not ordered for ever: somebody must ask why."""
        if (count := self._inventory.canceled_lately(reference)) >= MOST_CANCELED:
            raise Refused(
                f"DIDWW has canceled {count} orders of this number within the hour. Nothing was "
                "charged. Ask its support why, then resume.",
                user_message="Our supplier could not deliver this number yet. Nothing was charged. "
                "We ask why.",
            )

    def _held(self, e164: str, reference: uuid.UUID) -> Resource | None:
        """The number, when it is ours already. One that was taken from us is not bought back."""
        row = self._inventory.row(e164)
        is_other = row is not None and reference_of(row) != str(reference)
        if row is not None and is_other and standing_of(row) is Standing.TERMINATED:
            row = None  # of an earlier purchase: listed for a while, and on sale again
        elif row is not None and is_other:
            raise NotOurs(
                f"{e164} is in the DIDWW inventory under {reference_of(row)!r} and not under our "
                f"reference {reference}. Nothing was bought."
            )
        row = row or self._inventory.of_reference(reference)
        return None if row is None else _living(row)

    def _way_to(self, e164: str) -> tuple[dict[str, Any], Resource]:
        """How the order names the number: as kept for us, or as listed."""
        if (kept := self._reservations.of_number(e164)) and (number := kept.one("available_did")):
            return {KEPT: kept.id}, number
        if number := self._offers.available(e164):
            return {LISTED: number.id}, number
        raise NumberGone(f"{e164} is not on sale at DIDWW.")

    def _ordered(
        self, group: Group, what: dict[str, Any], reference: uuid.UUID, capacity: str
    ) -> Resource:
        self._require_patience(reference)
        item = {
            "type": "did_order_items",
            "attributes": {"sku_id": _unit(group, capacity).key, **what},
        }
        order = {
            "items": [item],
            # A number that may come one day is no number.
            "allow_back_ordering": False,
            REFERENCE: str(reference),
        }
        if self._settings.callback_url:
            order |= {"callback_url": self._settings.callback_url, "callback_method": "post"}
        try:
            self._client.create("orders", order)
        except Rejected as refusal:
            raise _refusal(refusal) from refusal
        row = self._inventory.of_reference(reference)
        if row is None:
            raise OutcomeUnknown("DIDWW took the order and does not list the number yet.")
        return row

    def _with_capacity(self, row: Resource, capacity: str) -> CarrierNumber:
        """Put the number into its pool; one that is in it stays."""
        if capacity.startswith(POOL):
            pool = ("capacity_pools", capacity.removeprefix(POOL))
            if row.keys("capacity_pool") != [pool]:
                self._client.change(KIND, row.id, None, {"capacity_pool": pool})
        return self._inventory.number_of(row)


def _living(row: Resource) -> Resource:
    if standing_of(row) is Standing.TERMINATED:
        raise NumberGone(
            "A number was bought under this reference, and DIDWW has ended it since.",
            user_message="Our supplier has taken this number back. Choose another.",
        )
    return row


def _unit(group: Group, capacity: str) -> Unit:
    """The stock keeping unit that a capacity stands for. Without one, the first."""
    if not capacity:
        return group.units[0]
    wanted = PER_MINUTE if capacity.startswith(POOL) else capacity
    for unit in group.units:
        if unit.capacity == wanted:
            return unit
    raise OurFault(f"DIDWW does not sell numbers of {group.place} with the capacity {capacity!r}.")


def _refusal(refusal: Rejected) -> PortFailure:
    """What it means that an order was refused: nothing was bought in any case."""
    if refusal.speaks_of(KEPT):
        return NothingHappened(f"{refusal} The reservation has ended. Nothing was bought.")
    if refusal.speaks_of(LISTED) or refusal.speaks_of("qty") or refusal.speaks_of("sku_id"):
        return NumberGone(str(refusal))
    return Refused(
        str(refusal), user_message="Our supplier could not sell this number. Nothing was charged."
    )
