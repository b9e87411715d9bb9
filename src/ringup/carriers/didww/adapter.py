"""DIDWW, translated to our words: the class that the table of adapters names."""

from __future__ import annotations

import uuid

from ringup.carriers.connected import Connected
from ringup.carriers.didww import probing, tokens
from ringup.carriers.didww.adopting import Adopting
from ringup.carriers.didww.buying import Buying
from ringup.carriers.didww.capacities import Capacities
from ringup.carriers.didww.client import MOST_CALLS_PER_SECOND, DidwwClient
from ringup.carriers.didww.geography import Geography
from ringup.carriers.didww.groups import Groups
from ringup.carriers.didww.inventory import Inventory
from ringup.carriers.didww.offers import Offers
from ringup.carriers.didww.papers import CALLBACK_FIELDS, TakingPapers
from ringup.carriers.didww.reserving import Reservations
from ringup.carriers.didww.routing import Routing
from ringup.carriers.didww.settings import FIELDS, SIGNALLING, Settings
from ringup.carriers.didww.stock import Shelves
from ringup.carriers.didww.trunks import Trunks
from ringup.carriers.port import (
    Capability,
    CarrierConnection,
    CarrierNumber,
    NumberOffer,
    NumberQuery,
    PlaceOffer,
    Region,
    Reservation,
    SettingField,
    SipPeer,
    SipTrunk,
    Stock,
    StockArea,
    Target,
)
from ringup.carriers.reporting import ConnectionReport
from ringup.core.failures import NumberGone
from ringup.core.money import Money


class Didww(TakingPapers, Connected[DidwwClient]):
    """One account at DIDWW. See ``ringup.carriers.port.Carrier`` for what each method promises."""

    label = "DIDWW"
    capabilities = frozenset(
        {
            Capability.RESERVE,
            Capability.PAPERS,
            Capability.BY_PLACE,
            Capability.FORWARDING,
            Capability.SIP_URI,
        }
    )
    connection_fields: tuple[SettingField, ...] = (*FIELDS, *CALLBACK_FIELDS, *tokens.FIELDS)
    maturity = "Alpha testing only"
    is_sandbox_only_until_tested = True
    production_url = "https://api.didww.com/v3"
    sandbox_url = "https://sandbox-api.didww.com/v3"
    calls_per_second = MOST_CALLS_PER_SECOND
    pbx_registers, is_e164 = False, True

    def __init__(self, connection: CarrierConnection) -> None:
        self._settings = settings = Settings(connection)
        self._client = client = DidwwClient(connection, tokens.authentication_for(connection))
        self._geography = Geography(client)
        groups = Groups(client, self._geography, Capacities(client, settings), settings)
        self._reservations = Reservations(client)
        self._offers = Offers(client, self._geography, groups, self._reservations)
        self._shelves = Shelves(client, self._geography, groups)
        self._inventory = Inventory(client, groups)
        self._buying = Buying(
            client, settings, groups, self._offers, self._reservations, self._inventory
        )
        self._adopting = Adopting(client, self._inventory)
        self._trunks = Trunks(client, settings)
        self._routing = Routing(client, self._inventory, self._trunks)
        self._take_papers(client, connection, self.find_reference)

    def test_connection(self) -> ConnectionReport:
        return probing.report(self._client, self._settings, self._geography)

    def balance(self) -> Money:
        return probing.balance(self._client, self._settings.currency)

    def countries(self) -> list[str]:
        return list(self._geography.countries())

    def regions(self, country: str) -> list[Region]:
        return self._geography.regions(country)

    def rate_centres(self, country: str, region: str) -> list[str]:
        return self._offers.rate_centres(country, region)

    def search(self, query: NumberQuery) -> list[NumberOffer]:
        return self._offers.search(query)

    def offer(self, e164: str) -> NumberOffer | None:
        return self._offers.one(e164)

    def areas(self) -> list[StockArea]:
        return self._shelves.areas()

    def stock(self, area: StockArea) -> Stock:
        return self._shelves.stock(area)

    def reserve(self, e164: str, *, reference: uuid.UUID) -> Reservation:
        if kept := self._reservations.find(e164, reference):
            return kept
        if (number := self._offers.available(e164)) is None:
            raise NumberGone(f"{e164} is not on sale at DIDWW.")
        return self._reservations.make(number, reference)

    def end_reservation(self, key: str) -> None:
        self._reservations.end(key)

    def buy(self, e164: str, *, reference: uuid.UUID, capacity: str = "") -> CarrierNumber:
        with self._whole():
            return self._buying.buy(e164, reference, capacity)

    def find_number(self, e164: str) -> CarrierNumber | None:
        return self._inventory.find(e164)

    def place(self, key: str) -> PlaceOffer | None:
        return self._offers.place(key)

    def buy_of(self, place: str, *, reference: uuid.UUID, capacity: str = "") -> CarrierNumber:
        with self._whole():
            return self._buying.buy_of(place, reference, capacity)

    def find_reference(self, reference: uuid.UUID) -> CarrierNumber | None:
        row = self._inventory.of_reference(reference)
        return None if row is None else self._inventory.number_of(row)

    def inventory(self) -> list[CarrierNumber]:
        return self._inventory.all()

    def adopt(self, e164: str, *, reference: uuid.UUID) -> CarrierNumber:
        with self._whole():
            return self._adopting.adopt(e164, reference)

    def disown(self, e164: str, *, reference: uuid.UUID) -> None:
        with self._whole():
            self._adopting.disown(e164, reference)

    def release(self, e164: str, *, reference: uuid.UUID) -> None:
        with self._whole():
            self._adopting.release(e164, reference)

    def trunk(self, reference: uuid.UUID) -> SipTrunk | None:
        return self._trunks.find(reference)

    def is_registered(self, reference: uuid.UUID) -> bool | None:
        """Always None: DIDWW's API does not tell. A PBX does not register at all."""
        return None

    def create_trunk(
        self, reference: uuid.UUID, *, password: str, label: str, peer: SipPeer | None = None
    ) -> SipTrunk:
        """``password`` is left unused: DIDWW makes its own."""
        with self._whole():
            return self._trunks.create(reference, label, peer)

    def delete_trunk(self, reference: uuid.UUID) -> None:
        with self._whole():
            self._trunks.delete(reference)

    def route(self, e164: str, target: Target, *, reference: uuid.UUID) -> None:
        with self._whole():
            self._routing.route(e164, target, reference)

    def routed_to(self, e164: str, target: Target) -> bool:
        return self._routing.routed_to(e164, target)

    def unroute(self, e164: str, target: Target, *, reference: uuid.UUID) -> None:
        with self._whole():
            self._routing.unroute(e164, target, reference)

    def signalling_addresses(self) -> list[str]:
        """As its documentation lists them; the API does not."""
        return list(SIGNALLING)
