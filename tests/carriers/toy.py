"""A carrier that exists only in tests: what an installation gets from one folder and one line."""

from __future__ import annotations

import uuid

from ringup.carriers.port import (
    Capability,
    CarrierConnection,
    CarrierNumber,
    ConnectionReport,
    NumberOffer,
    NumberQuery,
    Region,
    SettingField,
    SipTrunk,
    Target,
)
from ringup.core.failures import OurFault
from ringup.core.money import Money


class Toy:
    """Sells nothing. Its connection works with the key ``toy-key-of-the-test-0042``."""

    label = "Toy Telecom"
    capabilities: frozenset[Capability] = frozenset()
    connection_fields = (
        SettingField("key", "API key", "From the toy portal.", secret=True),
        SettingField("tenant", "Tenant", "Who we are there."),
        SettingField(
            "mood",
            "Mood",
            "How it answers.",
            required=False,
            choices=(("calm", "Calm"), ("wild", "Wild")),
            section="Toy behaviour",
        ),
    )
    maturity = "Alpha testing only"
    is_sandbox_only_until_tested = True
    production_url = "https://api.toy.example/v1"
    sandbox_url = "https://sandbox.toy.example/v1"

    def __init__(self, connection: CarrierConnection) -> None:
        self.connection = connection

    def close(self) -> None:
        pass

    def test_connection(self) -> ConnectionReport:
        if self.connection.secrets.get("key") != "toy-key-of-the-test-0042":
            return ConnectionReport(False, "", None, "The key is wrong.", "Type another one.")
        choices = {"tenant": (("t1", "First tenant"), ("t2", "Second tenant"))}
        return ConnectionReport(True, "192.0.2.1", self.balance(), choices=choices)

    def balance(self) -> Money:
        return Money.of("7", self.connection.currency)

    def countries(self) -> list[str]:
        return []

    def regions(self, country: str) -> list[Region]:
        return []

    def rate_centres(self, country: str, region: str) -> list[str]:
        return []

    def search(self, query: NumberQuery) -> list[NumberOffer]:
        return []

    def offer(self, e164: str) -> NumberOffer | None:
        return None

    def buy(self, e164: str, *, reference: uuid.UUID) -> CarrierNumber:
        raise OurFault("a toy sells nothing")

    def find_number(self, e164: str) -> CarrierNumber | None:
        return None

    def release(self, e164: str, *, reference: uuid.UUID) -> None:
        pass

    def trunk(self, reference: uuid.UUID) -> SipTrunk | None:
        return None

    def create_trunk(self, reference: uuid.UUID, *, password: str, label: str) -> SipTrunk:
        raise OurFault("a toy has no trunks")

    def delete_trunk(self, reference: uuid.UUID) -> None:
        pass

    def route(self, e164: str, target: Target, *, reference: uuid.UUID) -> None:
        pass

    def routed_to(self, e164: str, target: Target) -> bool:
        return False

    def unroute(self, e164: str, target: Target, *, reference: uuid.UUID) -> None:
        pass

    def signalling_addresses(self) -> list[str]:
        return []
