"""What every carrier adapter must do, whatever its wire: the contract of ``ringup.carriers.port``.

An adapter's tests subclass ``CarrierContract`` and give a fixture ``world``, which is the carrier's
own side (``carrier_world``). What concerns the whole stock stands in ``contract_stock``; an adapter
that declares ``Capability.RESERVE`` runs ``contract_keeping`` too.
"""

from __future__ import annotations

import ipaddress
import uuid

import pytest

from ringup.carriers.papers import TakesPapers
from ringup.carriers.port import (
    Capability,
    Carrier,
    Match,
    NumberQuery,
    SipPeer,
    Target,
    ToSipUri,
    ToTelephone,
    ToTrunk,
)
from ringup.core.failures import (
    NothingHappened,
    NotOurs,
    NumberGone,
    OurFault,
    OutcomeUnknown,
    Refused,
)
from ringup.core.money import Money
from tests.carriers.carrier_world import CarrierWorld
from tests.carriers.contract_stock import StockContract

# What ``TakesPapers`` has beside the port.
PAPER_VERBS = sorted(
    verb for verb in vars(TakesPapers) if not verb.startswith("_") and verb not in dir(Carrier)
)
PASSWORD = "Trunk4Secret9Word"
NEW_PASSWORD = "Another8Secret7Word"
TELEPHONE = "+15145550123"
SIP_URI = "reception@pbx.example.com"


def targets() -> list[Target]:
    return [ToTelephone(TELEPHONE, uuid.uuid4()), ToSipUri(SIP_URI, uuid.uuid4())]


class CarrierContract(StockContract):
    """Subclass it as ``class TestAcme(CarrierContract)``, and say in what the carrier differs."""

    # Whether passwords of trunks are the carrier's own, and ours are left unused.
    makes_passwords = False
    # Whether it tells that a device is registered, and from which address it sees us.
    tells_registrations = True
    tells_our_address = True
    # What it calls the secret.
    secret = "password"

    # -- the account ------------------------------------------------------------------------------

    def test_it_declares_what_it_is(self, carrier: Carrier) -> None:
        assert carrier.label
        assert carrier.capabilities <= set(Capability)
        keeps = Capability.RESERVE in carrier.capabilities
        assert hasattr(carrier, "reserve") is hasattr(carrier, "end_reservation") is keeps
        by_place = Capability.BY_PLACE in carrier.capabilities
        for verb in ("place", "buy_of", "find_reference"):
            assert hasattr(carrier, verb) is by_place
        takes_papers = Capability.PAPERS in carrier.capabilities
        for verb in PAPER_VERBS:
            assert hasattr(carrier, verb) is takes_papers
        assert any(field.secret for field in carrier.connection_fields)

    def test_closing_twice_does_no_harm(self, world: CarrierWorld) -> None:
        carrier = world.open()
        carrier.close()
        carrier.close()

    def test_the_connection_test_finds_all_well(self, carrier: Carrier) -> None:
        report = carrier.test_connection()
        assert (report.works, report.problem, report.remedy) == (True, "", "")
        assert report.balance == carrier.balance()
        if self.tells_our_address:
            assert ipaddress.ip_address(report.our_address)
        else:
            assert report.our_address == ""

    def test_the_connection_test_says_that_the_password_is_wrong(self, world: CarrierWorld) -> None:
        carrier = world.open(right_password=False)
        report = carrier.test_connection()
        assert not report.works
        assert self.secret in report.problem
        assert report.remedy
        with pytest.raises(OurFault):
            carrier.balance()
        carrier.close()

    def test_the_connection_test_says_that_nobody_answers(self, world: CarrierWorld) -> None:
        carrier = world.open(reachable=False)
        report = carrier.test_connection()
        assert not report.works
        assert report.problem
        assert report.remedy
        with pytest.raises(NothingHappened):
            carrier.balance()
        carrier.close()

    def test_the_balance_is_money(self, carrier: Carrier) -> None:
        assert carrier.balance() > Money.zero("USD")

    def test_signalling_addresses_are_networks(self, carrier: Carrier) -> None:
        networks = [ipaddress.ip_network(cidr) for cidr in carrier.signalling_addresses()]
        assert networks
        assert len(set(networks)) == len(networks)

    # -- what is for sale -------------------------------------------------------------------------

    def test_places_lead_to_numbers(self, carrier: Carrier) -> None:
        for country in carrier.countries():
            regions = carrier.regions(country)
            assert [region.name for region in regions] == sorted(r.name for r in regions)
            region = next(r for r in regions if carrier.rate_centres(country, r.code))
            centre = carrier.rate_centres(country, region.code)[0]
            offers = carrier.search(NumberQuery(country, region.code, centre))
            assert offers
            for offer in offers:
                assert (offer.country, offer.region, offer.rate_centre) == (
                    country,
                    region.code,
                    centre,
                )
                assert offer.e164.startswith("+")
                assert offer.monthly > Money.zero("USD")
                assert offer.region_name == region.name

    @pytest.mark.parametrize("match", list(Match))
    def test_digits_stand_where_they_should(self, carrier: Carrier, match: Match) -> None:
        digits = {Match.STARTS: "212", Match.CONTAINS: "5501", Match.ENDS: "1"}[match]
        offers = carrier.search(NumberQuery("US", digits=digits, match=match))
        assert offers
        for offer in offers:
            national = offer.e164.removeprefix("+1")
            found = {
                Match.STARTS: national.startswith(digits),
                Match.CONTAINS: digits in national,
                Match.ENDS: national.endswith(digits),
            }
            assert found[match]

    def test_a_search_keeps_to_its_limit(self, carrier: Carrier) -> None:
        assert len(carrier.search(NumberQuery("US", region="NY", limit=3))) == 3

    def test_a_search_for_nothing_in_particular_offers_something(self, carrier: Carrier) -> None:
        assert carrier.search(NumberQuery("US"))

    @pytest.mark.parametrize(
        "query",
        [
            NumberQuery("US", digits="9999999"),
            NumberQuery("US", region="WY"),
            NumberQuery("US", region="??"),
            NumberQuery("AQ"),
        ],
    )
    def test_nothing_found_is_an_empty_list(self, carrier: Carrier, query: NumberQuery) -> None:
        assert carrier.search(query) == []

    def test_an_offer_is_asked_for_now(self, world: CarrierWorld, carrier: Carrier) -> None:
        e164 = world.number_for_sale()
        offer = carrier.offer(e164)
        assert offer is not None
        assert offer.e164 == e164
        world.sell_to_somebody_else(e164)
        assert carrier.offer(e164) is None
        assert carrier.offer("+4930901820") is None

    # -- buying -----------------------------------------------------------------------------------

    def test_a_bought_number_carries_our_reference(
        self, world: CarrierWorld, carrier: Carrier
    ) -> None:
        e164, reference = world.number_for_sale(), uuid.uuid4()
        assert carrier.find_number(e164) is None
        number = carrier.buy(e164, reference=reference)
        assert (number.e164, number.reference) == (e164, str(reference))
        assert carrier.find_number(e164) == number
        assert world.inventory() == {e164: str(reference)}
        assert carrier.offer(e164) is None

    def test_buying_twice_buys_once(
        self, world: CarrierWorld, carrier: Carrier, bought: tuple[str, uuid.UUID]
    ) -> None:
        e164, reference = bought
        assert carrier.buy(e164, reference=reference).e164 == e164
        assert world.numbers_charged() == [e164]

    def test_a_number_that_somebody_else_has_is_gone(
        self, world: CarrierWorld, carrier: Carrier
    ) -> None:
        e164 = world.number_for_sale()
        world.sell_to_somebody_else(e164)
        with pytest.raises(NumberGone):
            carrier.buy(e164, reference=uuid.uuid4())
        assert world.inventory() == {}
        assert world.numbers_charged() == []

    def test_a_number_of_ours_without_this_reference_is_not_ours(
        self, world: CarrierWorld, carrier: Carrier, bought: tuple[str, uuid.UUID]
    ) -> None:
        foreign = world.number_for_sale()
        world.own_without_us(foreign, "front desk, do not touch")
        for e164 in (foreign, bought[0]):
            with pytest.raises(NotOurs):
                carrier.buy(e164, reference=uuid.uuid4())
        assert world.numbers_charged() == [bought[0]]
        found = carrier.find_number(foreign)
        assert found is not None
        assert found.reference == "front desk, do not touch"

    @pytest.mark.parametrize("acting", [False, True])
    def test_after_a_lost_reply_looking_tells_the_truth(
        self, world: CarrierWorld, carrier: Carrier, *, acting: bool
    ) -> None:
        e164, reference = world.number_for_sale(), uuid.uuid4()
        world.lose_reply_to_order(acting=acting)
        with pytest.raises(OutcomeUnknown):
            carrier.buy(e164, reference=reference)
        assert (carrier.find_number(e164) is not None) is acting
        carrier.buy(e164, reference=reference)
        assert world.numbers_charged() == [e164]

    def test_where_nobody_listens_nothing_happens(self, world: CarrierWorld) -> None:
        e164, reference, carrier = (
            world.number_for_sale(),
            uuid.uuid4(),
            world.open(reachable=False),
        )
        for verb in (
            lambda: carrier.buy(e164, reference=reference),
            lambda: carrier.release(e164, reference=reference),
            lambda: carrier.create_trunk(reference, password=PASSWORD, label="Acme"),
            lambda: carrier.search(NumberQuery("US")),
            lambda: carrier.adopt(e164, reference=reference),
            lambda: carrier.inventory(),
            lambda: carrier.areas(),
        ):
            with pytest.raises(NothingHappened):
                verb()
        carrier.close()

    def test_a_number_is_released_by_number_and_reference(
        self, world: CarrierWorld, carrier: Carrier, bought: tuple[str, uuid.UUID]
    ) -> None:
        e164, reference = bought
        with pytest.raises(NotOurs):
            carrier.release(e164, reference=uuid.uuid4())
        assert world.inventory() == {e164: str(reference)}
        carrier.release(e164, reference=reference)
        assert world.inventory() == {}
        carrier.release(e164, reference=reference)

    # -- trunks -----------------------------------------------------------------------------------

    def test_a_trunk_is_made_once_and_found_again(
        self, world: CarrierWorld, carrier: Carrier
    ) -> None:
        reference = uuid.uuid4()
        assert carrier.trunk(reference) is None
        trunk = carrier.create_trunk(reference, password=PASSWORD, label="Acme & Söhne")
        assert trunk.reference == reference
        assert trunk.username
        assert trunk.host
        assert (trunk.password == PASSWORD) is not self.makes_passwords
        assert trunk.password
        assert trunk.password not in repr(trunk)
        found = carrier.trunk(reference)
        assert found is not None
        assert (found.username, found.host, found.port) == (trunk.username, trunk.host, trunk.port)
        assert found.password == (trunk.password if self.makes_passwords else "")
        assert carrier.create_trunk(reference, password=PASSWORD, label="Acme").username == (
            trunk.username
        )
        assert world.trunk_passwords() == [trunk.password]

    def test_a_trunk_of_a_pbx_is_as_declared(self, carrier: Carrier) -> None:
        peer = SipPeer("pbx.example.com", 5060, "udp", ("192.0.2.10/32",))
        trunk = carrier.create_trunk(uuid.uuid4(), password=PASSWORD, label="Acme", peer=peer)
        assert (trunk.registers, trunk.is_e164) == (carrier.pbx_registers, carrier.is_e164)
        assert carrier.calls_per_second > 0

    def test_two_references_are_two_trunks(self, world: CarrierWorld, carrier: Carrier) -> None:
        one = carrier.create_trunk(uuid.uuid4(), password=PASSWORD, label="One")
        two = carrier.create_trunk(uuid.uuid4(), password=NEW_PASSWORD, label="Two")
        assert one.username != two.username
        assert sorted(world.trunk_passwords()) == sorted([one.password, two.password])

    def test_making_a_trunk_again_sets_its_password(
        self, world: CarrierWorld, carrier: Carrier
    ) -> None:
        reference = uuid.uuid4()
        before = carrier.create_trunk(reference, password=PASSWORD, label="Acme")
        after = carrier.create_trunk(reference, password=NEW_PASSWORD, label="Acme")
        assert after.password == (before.password if self.makes_passwords else NEW_PASSWORD)
        assert world.trunk_passwords() == [after.password]
        assert carrier.trunk(reference) is not None

    def test_a_device_at_a_trunk_is_seen(self, world: CarrierWorld, carrier: Carrier) -> None:
        reference = uuid.uuid4()
        assert carrier.is_registered(reference) is None
        trunk = carrier.create_trunk(reference, password=PASSWORD, label="Acme")
        if not self.tells_registrations:
            assert carrier.is_registered(reference) is None
            return
        assert carrier.is_registered(reference) is False
        world.register(trunk)
        assert carrier.is_registered(reference) is True

    def test_a_trunk_is_removed_and_may_be_removed_again(
        self, world: CarrierWorld, carrier: Carrier
    ) -> None:
        reference = uuid.uuid4()
        carrier.create_trunk(reference, password=PASSWORD, label="Acme")
        carrier.delete_trunk(reference)
        assert world.trunk_passwords() == []
        carrier.delete_trunk(reference)

    def test_a_trunk_with_numbers_is_not_removed(
        self, world: CarrierWorld, carrier: Carrier, bought: tuple[str, uuid.UUID]
    ) -> None:
        e164, reference = bought
        trunk = uuid.uuid4()
        carrier.create_trunk(trunk, password=PASSWORD, label="Acme")
        carrier.route(e164, ToTrunk(trunk), reference=reference)
        with pytest.raises(Refused):
            carrier.delete_trunk(trunk)
        carrier.unroute(e164, ToTrunk(trunk), reference=reference)
        carrier.delete_trunk(trunk)
        assert world.trunk_passwords() == []

    # -- routing ----------------------------------------------------------------------------------

    def test_a_number_goes_to_its_trunk_and_to_no_other(
        self, carrier: Carrier, bought: tuple[str, uuid.UUID]
    ) -> None:
        e164, reference = bought
        trunk, other = ToTrunk(uuid.uuid4()), ToTrunk(uuid.uuid4())
        carrier.create_trunk(trunk.trunk, password=PASSWORD, label="Acme")
        carrier.create_trunk(other.trunk, password=NEW_PASSWORD, label="Other")
        assert not carrier.routed_to(e164, trunk)
        carrier.route(e164, trunk, reference=reference)
        assert carrier.routed_to(e164, trunk)
        assert not carrier.routed_to(e164, other)
        found = carrier.find_number(e164)
        assert found is not None
        assert found.reference == str(reference)

    def test_a_trunk_that_does_not_exist_is_no_target(
        self, carrier: Carrier, bought: tuple[str, uuid.UUID]
    ) -> None:
        e164, reference = bought
        with pytest.raises(OurFault):
            carrier.route(e164, ToTrunk(uuid.uuid4()), reference=reference)

    @pytest.mark.parametrize("target", targets(), ids=["telephone", "sip"])
    def test_an_entry_is_made_once_and_goes_with_the_routing(
        self,
        world: CarrierWorld,
        carrier: Carrier,
        bought: tuple[str, uuid.UUID],
        target: Target,
    ) -> None:
        e164, reference = bought
        for _ in range(2):
            carrier.route(e164, target, reference=reference)
            assert carrier.routed_to(e164, target)
            assert world.entries() == 1
        for _ in range(2):
            carrier.unroute(e164, target, reference=reference)
            assert not carrier.routed_to(e164, target)
            assert world.entries() == 0

    def test_a_changed_telephone_changes_the_entry(
        self, world: CarrierWorld, carrier: Carrier, bought: tuple[str, uuid.UUID]
    ) -> None:
        e164, reference = bought
        entry = uuid.uuid4()
        before, after = ToTelephone(TELEPHONE, entry), ToTelephone("+442079460123", entry)
        carrier.route(e164, before, reference=reference)
        assert not carrier.routed_to(e164, after)
        carrier.route(e164, after, reference=reference)
        assert carrier.routed_to(e164, after)
        assert not carrier.routed_to(e164, before)
        assert world.entries() == 1

    @pytest.mark.parametrize("target", targets(), ids=["telephone", "sip"])
    def test_routing_a_number_that_is_not_ours_changes_nothing(
        self, world: CarrierWorld, carrier: Carrier, target: Target
    ) -> None:
        foreign, absent = world.number_for_sale(), "+12125550100"
        world.own_without_us(foreign, "front desk")
        for e164 in (foreign, absent):
            with pytest.raises(NotOurs):
                carrier.route(e164, target, reference=uuid.uuid4())
        with pytest.raises(NotOurs):
            carrier.unroute(foreign, target, reference=uuid.uuid4())
        assert world.entries() == 0

    @pytest.mark.parametrize("target", targets(), ids=["telephone", "sip"])
    def test_unrouting_a_number_that_is_gone_removes_its_entry(
        self,
        world: CarrierWorld,
        carrier: Carrier,
        bought: tuple[str, uuid.UUID],
        target: Target,
    ) -> None:
        e164, reference = bought
        carrier.route(e164, target, reference=reference)
        carrier.release(e164, reference=reference)
        assert not carrier.routed_to(e164, target)
        carrier.unroute(e164, target, reference=reference)
        assert world.entries() == 0

    def test_unrouting_leaves_a_number_alone_that_goes_elsewhere_by_now(
        self, carrier: Carrier, bought: tuple[str, uuid.UUID]
    ) -> None:
        e164, reference = bought
        old, new = targets()
        carrier.route(e164, old, reference=reference)
        carrier.route(e164, new, reference=reference)
        carrier.unroute(e164, old, reference=reference)
        assert carrier.routed_to(e164, new)
