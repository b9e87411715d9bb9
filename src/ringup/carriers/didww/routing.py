"""Where a number's calls go, and that its own PBX may show it when it calls."""

from __future__ import annotations

import uuid

from ringup.carriers.didww.client import DidwwClient
from ringup.carriers.didww.entries import Entry
from ringup.carriers.didww.inventory import KIND, Inventory
from ringup.carriers.didww.reading import Key, Resource
from ringup.carriers.didww.trunks import IN, OUT, Trunks
from ringup.carriers.port import Target, ToTrunk
from ringup.core.failures import NotOurs, OurFault


class Routing:
    """Routes numbers that carry our reference."""

    def __init__(self, client: DidwwClient, inventory: Inventory, trunks: Trunks) -> None:
        self._client = client
        self._inventory = inventory
        self._trunks = trunks

    def route(self, e164: str, target: Target, reference: uuid.UUID) -> None:
        """First the right to call with the number, then its calls: where the last one stands, both
        do."""
        number = self._inventory.ours(e164, reference)
        if number is None:
            raise NotOurs(f"{e164} is not in the DIDWW inventory, so it cannot be routed.")
        if not isinstance(target, ToTrunk):
            self._point(number, Entry(self._client, target).ensure())
            return
        trunk = self._trunks.inbound(target.trunk)
        if trunk is None:
            raise OurFault(f"There is no DIDWW trunk for the reference {target.trunk}.")
        self._allow(target.trunk, number, is_allowed=True)
        self._point(number, trunk)

    def routed_to(self, e164: str, target: Target) -> bool:
        """Both halves of it: a list of callers may have lost the number to another change."""
        number = self._inventory.row(e164)
        if number is None or not self._leads(number, target):
            return False
        out = self._trunks.outbound(target.trunk) if isinstance(target, ToTrunk) else None
        return out is None or (KIND, number.id) in out.keys("dids")

    def unroute(self, e164: str, target: Target, reference: uuid.UUID) -> None:
        number = self._inventory.ours(e164, reference)
        if number is not None:
            if self._leads(number, target):
                self._client.change(KIND, number.id, None, {"voice_in_trunk": None})
            if isinstance(target, ToTrunk):
                self._allow(target.trunk, number, is_allowed=False)
        if not isinstance(target, ToTrunk):
            Entry(self._client, target).remove()

    def _point(self, number: Resource, trunk: Resource) -> None:
        if number.keys("voice_in_trunk") != [(IN, trunk.id)]:
            self._client.change(KIND, number.id, None, {"voice_in_trunk": (IN, trunk.id)})

    def _leads(self, number: Resource, target: Target) -> bool:
        if isinstance(target, ToTrunk):
            trunk = self._trunks.inbound(target.trunk)
        else:
            trunk = Entry(self._client, target).leading()
        return trunk is not None and number.keys("voice_in_trunk") == [(IN, trunk.id)]

    def _allow(self, trunk: uuid.UUID, number: Resource, *, is_allowed: bool) -> None:
        """Let the outbound trunk show the number, or no more. DIDWW takes the whole list: two changes
        at the same moment may lose one, which the next look at the routing sees."""
        out = self._trunks.outbound(trunk)
        if out is None:
            return  # a lone device
        key: Key = (KIND, number.id)
        before = out.keys("dids")
        after = [one for one in before if one != key] + ([key] if is_allowed else [])
        if set(after) != set(before):
            self._client.change(OUT, out.id, None, {"dids": after})
