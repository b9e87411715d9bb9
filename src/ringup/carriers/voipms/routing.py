"""Where a number's calls go: to a trunk, a telephone or a SIP address."""

from __future__ import annotations

import uuid

from ringup.carriers.port import Target, ToTrunk
from ringup.carriers.voipms.client import VoipMsClient
from ringup.carriers.voipms.entries import Entries
from ringup.carriers.voipms.inventory import NOWHERE, Inventory
from ringup.carriers.voipms.trunks import Trunks
from ringup.core.failures import NotOurs, OurFault


class Routing:
    """Routes numbers that carry our reference."""

    def __init__(self, client: VoipMsClient, inventory: Inventory, trunks: Trunks) -> None:
        self._client = client
        self._inventory = inventory
        self._trunks = trunks

    def route(self, e164: str, target: Target, reference: uuid.UUID) -> None:
        number = self._inventory.find_ours(e164, reference)
        if number is None:
            raise NotOurs(f"{e164} is not in the VoIP.ms inventory, so it cannot be routed.")
        routing = self._ensured(target)
        if number.target != routing:
            self._inventory.point(e164, routing)

    def routed_to(self, e164: str, target: Target) -> bool:
        number = self._inventory.find(e164)
        return number is not None and number.target in self._routings(target)

    def unroute(self, e164: str, target: Target, reference: uuid.UUID) -> None:
        number = self._inventory.find_ours(e164, reference)
        if number is not None and number.target in self._routings(target):
            self._inventory.point(e164, NOWHERE)
        if not isinstance(target, ToTrunk):
            Entries(self._client, target).remove()

    def _ensured(self, target: Target) -> str:
        """The routing to ``target``, whose entry is made when there is none."""
        if not isinstance(target, ToTrunk):
            return Entries(self._client, target).ensure()
        routings = self._routings(target)
        if not routings:
            raise OurFault(f"There is no VoIP.ms sub-account for the reference {target.trunk}.")
        return routings[0]

    def _routings(self, target: Target) -> list[str]:
        """Every value of a number's routing that leads to ``target`` now."""
        if not isinstance(target, ToTrunk):
            return Entries(self._client, target).routings()
        trunk = self._trunks.find(target.trunk)
        return [f"account:{trunk.username}"] if trunk else []
