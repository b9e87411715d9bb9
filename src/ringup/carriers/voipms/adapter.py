"""VoIP.ms, translated to our words: the class that the table of adapters names."""

from __future__ import annotations

import uuid

from ringup.carriers.connected import Connected
from ringup.carriers.port import (
    Capability,
    CarrierConnection,
    CarrierNumber,
    NumberOffer,
    NumberQuery,
    Region,
    SettingField,
    SipPeer,
    SipTrunk,
    Stock,
    StockArea,
    Target,
)
from ringup.carriers.reporting import ConnectionReport
from ringup.carriers.voipms import probing
from ringup.carriers.voipms.adopting import Adopting
from ringup.carriers.voipms.client import VoipMsClient
from ringup.carriers.voipms.inventory import Inventory
from ringup.carriers.voipms.offers import COUNTRIES, Offers
from ringup.carriers.voipms.routing import Routing
from ringup.carriers.voipms.servers import Servers
from ringup.carriers.voipms.settings import FIELDS, Settings
from ringup.carriers.voipms.stock import Shelves
from ringup.carriers.voipms.trunks import Trunks
from ringup.core.money import Money


class VoipMs(Connected[VoipMsClient]):
    """One account at VoIP.ms. See ``ringup.carriers.port.Carrier`` for what each method promises."""

    label = "VoIP.ms"
    capabilities = frozenset({Capability.FORWARDING, Capability.SIP_URI})
    connection_fields: tuple[SettingField, ...] = FIELDS
    maturity = "Production-ready"
    is_sandbox_only_until_tested = False
    production_url = "https://voip.ms/api/v1/rest.php"
    sandbox_url = ""
    calls_per_second = 1.0
    pbx_registers, is_e164 = True, False

    def __init__(self, connection: CarrierConnection) -> None:
        self._settings = settings = Settings(connection)
        self._currency = connection.currency
        self._client = VoipMsClient(connection, settings)
        self._servers = Servers(self._client, settings)
        self._offers = Offers(self._client, settings, currency=connection.currency)
        self._shelves = Shelves(self._client, settings, currency=connection.currency)
        self._inventory = Inventory(self._client, self._servers, settings)
        self._adopting = Adopting(self._client, self._inventory)
        self._trunks = Trunks(self._client, self._servers, settings)
        self._routing = Routing(self._client, self._inventory, self._trunks)

    def test_connection(self) -> ConnectionReport:
        return probing.report(
            self._client, self._settings, self._servers, self._inventory, currency=self._currency
        )

    def balance(self) -> Money:
        return probing.balance(self._client, self._currency)

    def countries(self) -> list[str]:
        return sorted(COUNTRIES)

    def regions(self, country: str) -> list[Region]:
        return self._offers.regions(country)

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

    def buy(self, e164: str, *, reference: uuid.UUID, capacity: str = "") -> CarrierNumber:
        with self._whole():
            return self._inventory.buy(e164, reference)

    def find_number(self, e164: str) -> CarrierNumber | None:
        return self._inventory.find(e164)

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
            self._inventory.release(e164, reference)

    def trunk(self, reference: uuid.UUID) -> SipTrunk | None:
        return self._trunks.find(reference)

    def is_registered(self, reference: uuid.UUID) -> bool | None:
        return self._trunks.is_registered(reference)

    def create_trunk(
        self, reference: uuid.UUID, *, password: str, label: str, peer: SipPeer | None = None
    ) -> SipTrunk:
        with self._whole():
            return self._trunks.create(reference, password=password, label=label)

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
        return self._servers.addresses()
