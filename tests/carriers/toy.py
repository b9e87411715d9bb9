"""A carrier that exists only in tests: what an installation gets from one folder and one line.

Its own side is ``tests.carriers.toy_telecom``. It has all that VoIP.ms lacks: it keeps numbers for us.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from ringup.carriers.papers import Area, Level, Requirement
from ringup.carriers.port import (
    Capability,
    CarrierConnection,
    CarrierNumber,
    Match,
    NumberOffer,
    NumberQuery,
    NumberType,
    PlaceOffer,
    Region,
    Reservation,
    SettingField,
    SipPeer,
    SipTrunk,
    Stock,
    StockArea,
    Target,
    ToTrunk,
)
from ringup.carriers.reporting import ConnectionReport
from ringup.core.failures import (
    NothingHappened,
    NotOurs,
    NumberGone,
    OurFault,
    OutcomeUnknown,
    Refused,
)
from ringup.core.ids import letters
from ringup.core.money import Money
from tests.carriers.toy_papers import ToyPapers
from tests.carriers.toy_telecom import ANYBODY, NOWHERE, REGIONS, Held, Telecom, put_up, telecom_at

KEY = "toy-key-of-the-test-0042"
COUNTRY_NAMES = {"CA": "Canada", "US": "USA"}
TOLL_FREE, GERMANY = StockArea("TF", "Toll-free", "US"), StockArea("DE", "Germany", "DE")
Result = TypeVar("Result")
Offer = TypeVar("Offer", NumberOffer, PlaceOffer)


class Toy(ToyPapers):
    """Its connection works with the key ``toy-key-of-the-test-0042``."""

    label = "Toy Telecom"
    capabilities = frozenset(
        {
            Capability.RESERVE,
            Capability.PAPERS,
            Capability.FORWARDING,
            Capability.SIP_URI,
            Capability.BY_PLACE,
        }
    )
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
    calls_per_second = 5.0
    pbx_registers, is_e164 = True, False

    def __init__(self, connection: CarrierConnection) -> None:
        self.connection = connection

    def close(self) -> None:
        pass

    def test_connection(self) -> ConnectionReport:
        if self.connection.secrets.get("key") != KEY:
            problem = "The key is wrong; it is the password of the API."
            return ConnectionReport(False, "", None, problem, "Type another one.")
        try:
            balance = self.balance()
        except NothingHappened as failure:
            return ConnectionReport(False, "", None, str(failure), "Type another address.")
        choices = {"tenant": (("t1", "First tenant"), ("t2", "Second tenant"))}
        return ConnectionReport(True, "192.0.2.1", balance, choices=choices)

    def balance(self) -> Money:
        return self._ask("balance", lambda _: Money.of("7", self.connection.currency))

    # -- what is for sale -------------------------------------------------------------------------

    def countries(self) -> list[str]:
        return sorted(REGIONS)

    def regions(self, country: str) -> list[Region]:
        return REGIONS.get(country, [])

    def rate_centres(self, country: str, region: str) -> list[str]:
        found = self.search(NumberQuery(country, region, limit=1000)) if region else []
        return sorted({offer.rate_centre for offer in found})

    def search(self, query: NumberQuery) -> list[NumberOffer]:
        def fits(offer: NumberOffer) -> bool:
            national = offer.e164.removeprefix("+1")
            matches = {
                Match.STARTS: national.startswith(query.digits),
                Match.CONTAINS: query.digits in national,
                Match.ENDS: national.endswith(query.digits),
            }
            return (
                offer.country == query.country
                and query.region in ("", offer.region)
                and query.rate_centre in ("", offer.rate_centre)
                and matches[query.match]
            )

        return self._ask("search", lambda its: [o for o in self._offers(its) if fits(o)])[
            : query.limit
        ]

    def offer(self, e164: str) -> NumberOffer | None:
        offers = self._ask("offer", self._offers)
        return next((offer for offer in offers if offer.e164 == e164), None)

    def areas(self) -> list[StockArea]:
        home = [
            StockArea(f"{code}/{region.code}", f"{region.name}, {COUNTRY_NAMES[code]}", code)
            for code, regions in sorted(REGIONS.items())
            for region in regions
        ]
        return self._ask("areas", lambda _: [*home, TOLL_FREE, GERMANY])

    def stock(self, area: StockArea) -> Stock:
        country, _, region = area.key.partition("/")

        def found(its: Telecom) -> Stock:
            if area.key == GERMANY.key:
                return Stock([], [self._in_our_currency(place) for place in its.places.values()])
            offers = self._offers(its)
            if area.key == TOLL_FREE.key:
                return Stock([o for o in offers if o.number_type is NumberType.TOLL_FREE])
            return Stock([o for o in offers if (o.country, o.region) == (country, region)])

        return self._ask("stock", found)

    def reserve(self, e164: str, *, reference: uuid.UUID) -> Reservation:
        kept = self._ask("reserve", lambda its: its.keep(e164, reference))
        return Reservation(kept.key, kept.ends)

    def end_reservation(self, key: str) -> None:
        self._ask("end_reservation", lambda its: its.let_go(key))

    # -- the account's numbers --------------------------------------------------------------------

    def buy(self, e164: str, *, reference: uuid.UUID, capacity: str = "") -> CarrierNumber:
        if self._ours(e164, reference) is None:
            self._ask("buy", lambda its: its.sell(e164, str(reference)))
        return self._found(e164)

    def find_number(self, e164: str) -> CarrierNumber | None:
        held = self._ask("find_number", lambda its: its.held.get(e164))
        return None if held is None else _number(e164, held)

    def place(self, key: str) -> PlaceOffer | None:
        def found(its: Telecom) -> PlaceOffer | None:
            place = its.places.get(key)
            return None if place is None or place.quantity == 0 else self._in_our_currency(place)

        return self._ask("place", found)

    def buy_of(self, place: str, *, reference: uuid.UUID, capacity: str = "") -> CarrierNumber:
        if self.find_reference(reference) is None:
            self._ask("buy_of", lambda its: its.sell_of(place, reference, capacity))
        number = self.find_reference(reference)
        assert number is not None
        return number

    def find_reference(self, reference: uuid.UUID) -> CarrierNumber | None:
        def found(its: Telecom) -> CarrierNumber | None:
            if reference in its.pending:
                raise OutcomeUnknown(f"the order {reference} is not carried out yet")
            numbers = [_number(e164, held) for e164, held in its.held.items()]
            return next((one for one in numbers if one.reference == str(reference)), None)

        return self._ask("find_reference", found)

    def inventory(self) -> list[CarrierNumber]:
        return self._ask(
            "inventory", lambda its: [_number(e164, held) for e164, held in its.held.items()]
        )

    def adopt(self, e164: str, *, reference: uuid.UUID) -> CarrierNumber:
        number = self.find_number(e164)
        if number is None:
            raise NumberGone(f"the account does not hold {e164}")
        if number.reference != str(reference):
            if _is_reference(number.reference):
                raise NotOurs(f"{e164} carries {number.reference}")
            self._ask("adopt", lambda its: _write_note(its.held[e164], reference))
        return self._found(e164)

    def disown(self, e164: str, *, reference: uuid.UUID) -> None:
        number = self.find_number(e164)
        if number is None or not _is_reference(number.reference):
            return
        if number.reference != str(reference):
            raise NotOurs(f"{e164} carries {number.reference}")
        self._ask("disown", lambda its: _rub_out(its.held[e164], reference))

    def release(self, e164: str, *, reference: uuid.UUID) -> None:
        if not e164:
            self._ask("release", lambda its: its.take_back(reference))
        elif self._ours(e164, reference) is not None:
            self._ask("release", lambda its: its.held.pop(e164, None))

    # -- papers: what is needed; the rest stands in ToyPapers -------------------------------------

    def requirement(self, place: str) -> Requirement | None:
        return self._ask("requirement", lambda its: its.requirements.get(place, ANYBODY))

    def address_areas(self, requirement: Requirement) -> list[Area]:
        is_near = requirement.address_level in (Level.AREA, Level.CITY)
        return self._ask("address_areas", lambda its: list(its.address_areas) if is_near else [])

    # -- trunks and routing -----------------------------------------------------------------------

    def trunk(self, reference: uuid.UUID) -> SipTrunk | None:
        exists = self._ask("trunk", lambda its: reference in its.trunks)
        return _trunk(reference) if exists else None

    def is_registered(self, reference: uuid.UUID) -> bool | None:
        def look(its: Telecom) -> bool | None:
            return reference in its.registered if reference in its.trunks else None

        return self._ask("is_registered", look)

    def create_trunk(
        self, reference: uuid.UUID, *, password: str, label: str, peer: SipPeer | None = None
    ) -> SipTrunk:
        self._ask("create_trunk", lambda its: its.trunks.update({reference: password}))
        return replace(_trunk(reference), password=password)

    def delete_trunk(self, reference: uuid.UUID) -> None:
        def delete(its: Telecom) -> None:
            if any(held.target == f"trunk:{reference}" for held in its.held.values()):
                raise Refused("numbers still use this trunk")
            its.trunks.pop(reference, None)

        self._ask("delete_trunk", delete)

    def route(self, e164: str, target: Target, *, reference: uuid.UUID) -> None:
        if self._ours(e164, reference) is None:
            raise NotOurs(f"the account does not hold {e164}")

        def point(its: Telecom) -> None:
            if isinstance(target, ToTrunk):
                if target.trunk not in its.trunks:
                    raise OurFault(f"there is no trunk {target.trunk}")
            else:
                its.entries[target.reference] = target
            its.held[e164].target = _goal(target)

        self._ask("route", point)

    def routed_to(self, e164: str, target: Target) -> bool:
        def leads(its: Telecom) -> bool:
            held = its.held.get(e164)
            is_so = isinstance(target, ToTrunk) or its.entries.get(target.reference) == target
            return held is not None and held.target == _goal(target) and is_so

        return self._ask("routed_to", leads)

    def unroute(self, e164: str, target: Target, *, reference: uuid.UUID) -> None:
        self._ours(e164, reference)

        def point_nowhere(its: Telecom) -> None:
            held = its.held.get(e164)
            if held is not None and held.target == _goal(target):
                held.target = NOWHERE
            if not isinstance(target, ToTrunk):
                its.entries.pop(target.reference, None)

        self._ask("unroute", point_nowhere)

    def signalling_addresses(self) -> list[str]:
        return ["192.0.2.0/24"]

    # -- its own ----------------------------------------------------------------------------------

    def _ask(self, verb: str, act: Callable[[Telecom], Result]) -> Result:
        telecom = telecom_at(self.connection.url)
        if self.connection.secrets.get("key") != KEY:
            raise OurFault("the key is wrong")
        return telecom.answer(verb, lambda: act(telecom))

    def _offers(self, its: Telecom) -> list[NumberOffer]:
        return [self._in_our_currency(offer) for offer in its.on_sale()]

    def _in_our_currency(self, offer: Offer) -> Offer:
        currency = self.connection.currency
        monthly, setup = Money(offer.monthly.micros, currency), Money(offer.setup.micros, currency)
        return replace(offer, monthly=monthly, setup=setup)

    def _found(self, e164: str) -> CarrierNumber:
        number = self.find_number(e164)
        assert number is not None
        return number

    def _ours(self, e164: str, reference: uuid.UUID) -> CarrierNumber | None:
        number = self.find_number(e164)
        if number is not None and number.reference != str(reference):
            raise NotOurs(f"{e164} carries {number.reference!r}")
        return number


def _number(e164: str, held: Held) -> CarrierNumber:
    words = held.note.split()
    reference = next((word for word in words if _is_reference(word)), held.note)
    told = "" if held.is_secret else e164
    return CarrierNumber(
        told,
        reference,
        held.target,
        standing=held.standing,
        key=f"n{e164}",
        order_key=held.order,
    )


def _is_reference(word: str) -> bool:
    try:
        uuid.UUID(word)
    except ValueError:
        return False
    return True


def _write_note(held: Held, reference: uuid.UUID) -> None:
    held.note = f"{reference} {held.note}".strip()


def _rub_out(held: Held, reference: uuid.UUID) -> None:
    held.note = " ".join(word for word in held.note.split() if word != str(reference))


def _trunk(reference: uuid.UUID) -> SipTrunk:
    return SipTrunk(reference, letters(reference), "sip.toy.example", 5060, "udp")


def _goal(target: Target) -> str:
    if isinstance(target, ToTrunk):
        return f"trunk:{target.trunk}"
    return f"entry:{target.reference}"


put_up(Toy.sandbox_url)
put_up(Toy.production_url)
