"""The carriers' contract, kept by the toy: so that what is tested with it holds elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from ringup.carriers.port import CarrierConnection, SipTrunk
from ringup.core.failures import NothingHappened, OutcomeUnknown
from tests.carriers.contract import CarrierContract
from tests.carriers.contract_by_place import ByPlaceContract
from tests.carriers.contract_keeping import KeepingContract
from tests.carriers.toy import KEY, Toy
from tests.carriers.toy_telecom import Held, Telecom, toy_telecom

pytestmark = pytest.mark.once


@dataclass(frozen=True)
class ToyWorld:
    """Implements ``tests.carriers.carrier_world.KeepingWorld``."""

    telecom: Telecom

    def open(self, *, reachable: bool = True, right_password: bool = True) -> Toy:
        url = self.telecom.url if reachable else "https://nobody.toy.example/v1"
        return Toy(CarrierConnection(url, {}, {"key": KEY if right_password else "wrong"}))

    def number_for_sale(self) -> str:
        return min(e164 for e164 in self.telecom.numbers if e164.startswith("+1312"))

    def sell_to_somebody_else(self, e164: str) -> None:
        self.telecom.sell_to_somebody_else(e164)

    def own_without_us(self, e164: str, note: str) -> None:
        self.telecom.numbers.pop(e164, None)
        self.telecom.held[e164] = Held(note)

    def inventory(self) -> dict[str, str]:
        return {e164: held.note for e164, held in self.telecom.held.items()}

    def settings_of(self, e164: str) -> object:
        return replace(self.telecom.held[e164], note="")

    def numbers_charged(self) -> list[str]:
        return self.telecom.charged

    def trunk_passwords(self) -> list[str]:
        return list(self.telecom.trunks.values())

    def register(self, trunk: SipTrunk) -> None:
        self.telecom.registered.add(trunk.reference)

    def entries(self) -> int:
        return len(self.telecom.entries)

    def empty_area(self) -> str:
        return "US/WY"

    def cut_next_list(self) -> None:
        for verb in ("stock", "inventory"):
            self.telecom.fail(verb, NothingHappened("the list was cut"))

    def lose_reply_to_order(self, *, acting: bool) -> None:
        self.telecom.fail("buy", OutcomeUnknown("no reply"), acts=acting)

    def lose_reply_to_adoption(self, *, acting: bool) -> None:
        self.telecom.fail("adopt", OutcomeUnknown("no reply"), acts=acting)

    def lose_reply_to_reservation(self, *, acting: bool) -> None:
        self.telecom.fail("reserve", OutcomeUnknown("no reply"), acts=acting)

    def place_for_sale(self) -> str:
        return "berlin"

    def sell_out(self, place: str) -> None:
        self.telecom.places[place] = replace(self.telecom.places[place], quantity=0)

    def orders_wait(self) -> None:
        self.telecom.takes_its_time = True

    def carry_out_orders(self) -> None:
        self.telecom.carry_out()

    def lose_reply_to_order_of(self, *, acting: bool) -> None:
        self.telecom.fail("buy_of", OutcomeUnknown("no reply"), acts=acting)

    def keep_for_somebody_else(self, e164: str) -> None:
        self.telecom.keep_for_somebody_else(e164)

    def let_reservations_end(self) -> None:
        self.telecom.let_time_pass(self.telecom.keeps_for + timedelta(seconds=1))


class TestToy(CarrierContract, KeepingContract, ByPlaceContract):
    """In this process, without a wire."""

    @pytest.fixture
    def world(self) -> Iterator[ToyWorld]:
        with toy_telecom() as telecom:
            yield ToyWorld(telecom)
