"""DIDWW's own side of one account: our sandbox of it, and adapters that talk to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ringup.carriers.didww.adapter import Didww
from ringup.carriers.port import CarrierConnection, SipPeer, SipTrunk
from ringup.sandbox.didww import DidwwSandbox, Setup, running_didww
from ringup.sandbox.didww.numbers import own, take
from ringup.sandbox.didww.ordering import complete
from ringup.sandbox.didww.resources import Resource

REFERENCE = "external_reference_id"
GIVEN_BACK = "(given back)"
PEER = SipPeer("pbx.example.com", 5060, "udp", ("192.0.2.10/32",))


@dataclass(frozen=True)
class DidwwWorld:
    """Implements the worlds of ``tests.carriers.carrier_world``."""

    sandbox: DidwwSandbox

    def connection(self, **changes: Any) -> CarrierConnection:
        given = {
            "url": self.sandbox.url,
            "identity": {},
            "secrets": {
                "api_key": self.sandbox.key,
                "callback_secret": self.sandbox.callback_secret,
            },
            "calls_per_second": 100_000.0,
            "read_timeout_seconds": 5.0,
        }
        return CarrierConnection(**(given | changes))

    def adapter(self, **changes: Any) -> Didww:
        return Didww(self.connection(**changes))

    def open(self, *, reachable: bool = True, right_password: bool = True) -> Didww:
        changes: dict[str, Any] = {}
        if not reachable:
            changes["url"] = f"http://127.0.0.1:{_port_where_nobody_listens()}/v3"
        if not right_password:
            changes["secrets"] = {"api_key": "wrong-key-0042"}
        return self.adapter(**changes)

    # -- what it sells ----------------------------------------------------------------------------

    def rows(self, kind: str) -> list[Resource]:
        return self.sandbox.state.store.all(kind)

    def group(self, country: str, kind: str = "Local", area: str = "") -> Resource:
        """A group by the ISO code of its country, its type and, where there are more, its area."""
        for row in self.rows("did_groups"):
            of, its_kind = row.one("country"), row.one("did_group_type")
            assert of is not None
            assert its_kind is not None
            if (of.attributes["iso"], its_kind.attributes["name"]) == (country, kind) and (
                not area or row.attributes["area_name"] == area
            ):
                return row
        raise LookupError(f"{country} {kind} {area}")

    def number_of(self, country: str, kind: str = "Local", area: str = "") -> str:
        group = self.group(country, kind, area)
        listed = [r for r in self.rows("available_dids") if r.one("did_group") is group]
        return f"+{min(row.attributes['number'] for row in listed)}"

    def number_for_sale(self) -> str:
        return self.number_of("US", area="New York")

    def _listed(self, e164: str) -> Resource | None:
        number = e164.removeprefix("+")
        rows = self.rows("available_dids")
        return next((row for row in rows if row.attributes["number"] == number), None)

    def sell_to_somebody_else(self, e164: str) -> None:
        row = self._listed(e164)
        assert row is not None
        take(self.sandbox.state, row)

    keep_for_somebody_else = sell_to_somebody_else

    def let_reservations_end(self) -> None:
        for row in self.rows("did_reservations"):
            row.hidden["ends"] = 0.0

    def empty_area(self) -> str:
        return "US/WY"

    def place_for_sale(self) -> str:
        return self.group("GB", "Mobile").id

    def sell_out(self, place: str) -> None:
        group = self.sandbox.state.store.find("did_groups", place)
        assert group is not None
        group.meta.update(total_count=0, is_available=False)

    def orders_wait(self) -> None:
        self.sandbox.state.orders_wait = True

    def carry_out_orders(self) -> None:
        for row in self.rows("orders"):
            complete(self.sandbox.state, row)

    # -- what the account holds -------------------------------------------------------------------

    def own_without_us(self, e164: str, note: str) -> None:
        row, number = self._listed(e164), e164.removeprefix("+")
        group = row.one("did_group") if row else self.group("US")
        assert group is not None
        if row is not None:
            take(self.sandbox.state, row)
        sku = group.many("stock_keeping_units")[0]
        did = own(self.sandbox.state, None, group, sku, number)
        did.attributes["description"] = note

    def held(self) -> list[Resource]:
        rows = self.rows("dids")
        return [row for row in rows if not _text(row, "description").endswith(GIVEN_BACK)]

    def did(self, e164: str) -> Resource:
        number = e164.removeprefix("+")
        return next(row for row in self.held() if row.attributes["number"] == number)

    def inventory(self) -> dict[str, str]:
        """What stands in the description, else in the order."""
        found = {}
        for row in self.held():
            order = row.one("order")
            note = _text(row, "description") or (_text(order, REFERENCE) if order else "")
            found[f"+{row.attributes['number']}"] = note
        return found

    def settings_of(self, e164: str) -> object:
        row = self.did(e164)
        facts = {name: value for name, value in row.attributes.items() if name != "description"}
        return facts, {name: row.many(name) for name in row.relations}

    def numbers_charged(self) -> list[str]:
        bought = [(row, row.one("order")) for row in self.rows("dids")]
        return [f"+{row.attributes['number']}" for row, order in bought if order is not None]

    def orders(self) -> list[Resource]:
        return self.rows("orders")

    # -- trunks -----------------------------------------------------------------------------------

    def trunk_passwords(self) -> list[str]:
        found = []
        for row in self.rows("voice_in_trunks"):
            if password := row.attributes["configuration"]["attributes"].get(
                "incoming_auth_password"
            ):
                found.append(password)
        for row in self.rows("voice_out_trunks"):
            found.append(row.attributes["authentication_method"]["attributes"]["password"])
        return found

    def entries(self) -> int:
        """Inbound trunks at which nobody registers and that have no other half."""
        outbound = {_text(row, REFERENCE) for row in self.rows("voice_out_trunks")}
        return sum(
            not row.attributes["configuration"]["attributes"].get("enabled_sip_registration")
            and _text(row, REFERENCE) not in outbound
            for row in self.rows("voice_in_trunks")
        )

    def register(self, trunk: SipTrunk) -> None:
        """DIDWW tells nobody of it."""

    # -- faults -----------------------------------------------------------------------------------

    def lose_reply(self, call: str, *, acting: bool) -> None:
        kind = "reply_lost_after" if acting else "reply_lost_before"
        self.sandbox.faults.add(kind, method=call)

    def cut_next_list(self) -> None:
        for kind in ("available_dids", "dids"):
            self.sandbox.faults.add("cut", method=f"GET {kind}")

    def lose_reply_to_order(self, *, acting: bool) -> None:
        self.lose_reply("POST orders", acting=acting)

    lose_reply_to_order_of = lose_reply_to_order

    def lose_reply_to_adoption(self, *, acting: bool) -> None:
        self.lose_reply("PATCH dids", acting=acting)

    def lose_reply_to_reservation(self, *, acting: bool) -> None:
        self.lose_reply("POST did_reservations", acting=acting)

    def calls(self, name: str) -> int:
        """How often a call such as ``POST orders`` arrived."""
        return self.sandbox.state.requests[name]


def _text(row: Resource, name: str) -> str:
    return str(row.attributes.get(name) or "")


def _port_where_nobody_listens() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def didww_world(setup: Setup | None = None) -> Iterator[DidwwWorld]:
    with running_didww(setup=setup) as sandbox:
        yield DidwwWorld(sandbox)
