"""The part of the carriers' contract about whole lists: what is on sale, what the account holds, and
writing our reference on what it holds already."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from ringup.carriers.port import Carrier, NumberQuery, StockArea
from ringup.core.failures import NothingHappened, NotOurs, NumberGone, OutcomeUnknown
from ringup.core.money import Money
from tests.carriers.carrier_world import CarrierWorld


class StockContract:
    """Part of ``CarrierContract``."""

    @pytest.fixture
    def carrier(self, world: CarrierWorld) -> Iterator[Carrier]:
        carrier = world.open()
        yield carrier
        carrier.close()

    @pytest.fixture
    def bought(self, world: CarrierWorld, carrier: Carrier) -> tuple[str, uuid.UUID]:
        e164, reference = world.number_for_sale(), uuid.uuid4()
        carrier.buy(e164, reference=reference)
        return e164, reference

    @pytest.fixture
    def foreign(self, world: CarrierWorld) -> str:
        """A number of the account that we did not buy."""
        e164 = world.number_for_sale()
        world.own_without_us(e164, "front desk")
        return e164

    # -- what is for sale -------------------------------------------------------------------------

    def test_areas_are_named_for_good(self, world: CarrierWorld, carrier: Carrier) -> None:
        areas = carrier.areas()
        assert areas == carrier.areas()
        keys = [area.key for area in areas]
        assert len(set(keys)) == len(keys)
        assert all(area.name and len(area.country) == 2 for area in areas)
        assert world.empty_area() in keys

    def test_the_areas_have_everything_and_no_number_twice(
        self, world: CarrierWorld, carrier: Carrier
    ) -> None:
        shelves = {area.key: carrier.stock(area) for area in carrier.areas()}
        numbers = [offer for shelf in shelves.values() for offer in shelf.numbers]
        found = {offer.e164: offer for offer in numbers}
        assert len(found) == len(numbers)
        for country in carrier.countries():
            wanted = NumberQuery(country, limit=10_000)
            assert {offer.e164 for offer in carrier.search(wanted)} <= set(found)
        e164 = world.number_for_sale()
        offer = carrier.offer(e164)
        assert offer is not None
        listed = found[e164]
        assert (listed.monthly, listed.setup) == (offer.monthly, offer.setup)
        assert (listed.country, listed.region) == (offer.country, offer.region)
        assert listed.rate_centre == offer.rate_centre

    def test_what_is_listed_belongs_to_its_area(self, carrier: Carrier) -> None:
        for area in carrier.areas():
            stock = carrier.stock(area)
            for offer in (*stock.numbers, *stock.places):
                assert offer.country == area.country
                assert offer.monthly > Money.zero("USD")
                assert offer.setup >= Money.zero("USD")

    def test_places_are_told_apart_and_have_something(self, carrier: Carrier) -> None:
        places = [place for area in carrier.areas() for place in carrier.stock(area).places]
        assert len({(place.number_type, place.key) for place in places}) == len(places)
        assert all(place.key and place.quantity != 0 for place in places)

    def test_where_nothing_is_on_sale_the_stock_is_empty(
        self, world: CarrierWorld, carrier: Carrier
    ) -> None:
        stock = carrier.stock(_area(carrier, world.empty_area()))
        assert (stock.numbers, stock.places) == ([], [])

    def test_a_number_that_is_sold_leaves_the_stock_alone(
        self, world: CarrierWorld, carrier: Carrier
    ) -> None:
        e164 = world.number_for_sale()
        area, before = next(
            (area, listed) for area in carrier.areas() if e164 in (listed := _listed(carrier, area))
        )
        world.sell_to_somebody_else(e164)
        assert _listed(carrier, area) == before - {e164}

    def test_a_cut_list_is_no_empty_shelf(self, world: CarrierWorld, carrier: Carrier) -> None:
        area = next(area for area in carrier.areas() if _listed(carrier, area))
        world.cut_next_list()
        with pytest.raises(NothingHappened):
            carrier.stock(area)
        assert carrier.stock(area).numbers

    def test_where_nobody_listens_there_is_no_stock(
        self, world: CarrierWorld, carrier: Carrier
    ) -> None:
        area, deaf = carrier.areas()[0], world.open(reachable=False)
        with pytest.raises(NothingHappened):
            deaf.stock(area)
        deaf.close()

    # -- what the account holds -------------------------------------------------------------------

    def test_the_inventory_is_whole(
        self, world: CarrierWorld, carrier: Carrier, bought: tuple[str, uuid.UUID], foreign: str
    ) -> None:
        found = {number.e164: number for number in carrier.inventory()}
        assert set(found) == {bought[0], foreign}
        assert found[bought[0]].reference == str(bought[1])
        assert found[foreign].reference == "front desk"
        for e164, number in found.items():
            assert number == carrier.find_number(e164)

    def test_an_account_without_numbers_has_an_empty_inventory(self, carrier: Carrier) -> None:
        assert carrier.inventory() == []

    def test_a_cut_inventory_is_no_empty_one(
        self, world: CarrierWorld, carrier: Carrier, bought: tuple[str, uuid.UUID]
    ) -> None:
        world.cut_next_list()
        with pytest.raises(NothingHappened):
            carrier.inventory()
        assert len(carrier.inventory()) == 1

    # -- adopting ---------------------------------------------------------------------------------

    def test_adopting_writes_our_reference_and_nothing_else(
        self, world: CarrierWorld, carrier: Carrier, foreign: str
    ) -> None:
        reference, before = uuid.uuid4(), world.settings_of(foreign)
        for _ in range(2):
            number = carrier.adopt(foreign, reference=reference)
            assert (number.e164, number.reference) == (foreign, str(reference))
            assert carrier.find_number(foreign) == number
        assert world.settings_of(foreign) == before
        assert world.inventory()[foreign].count(str(reference)) == 1
        assert "front desk" in world.inventory()[foreign], "words that fit stay"
        assert world.numbers_charged() == []

    def test_an_adopted_number_is_ours(self, carrier: Carrier, foreign: str) -> None:
        reference = uuid.uuid4()
        carrier.adopt(foreign, reference=reference)
        assert carrier.buy(foreign, reference=reference).e164 == foreign
        carrier.release(foreign, reference=reference)
        assert carrier.find_number(foreign) is None

    def test_what_was_bought_under_this_reference_is_adopted_already(
        self, carrier: Carrier, bought: tuple[str, uuid.UUID]
    ) -> None:
        e164, reference = bought
        assert carrier.adopt(e164, reference=reference) == carrier.find_number(e164)

    def test_a_number_under_another_reference_is_not_adopted(
        self, world: CarrierWorld, carrier: Carrier, bought: tuple[str, uuid.UUID]
    ) -> None:
        e164, reference = bought
        with pytest.raises(NotOurs):
            carrier.adopt(e164, reference=uuid.uuid4())
        assert world.inventory() == {e164: str(reference)}

    def test_a_number_that_the_account_does_not_hold_is_not_bought(
        self, world: CarrierWorld, carrier: Carrier
    ) -> None:
        for e164 in (world.number_for_sale(), "+442079460123"):
            with pytest.raises(NumberGone):
                carrier.adopt(e164, reference=uuid.uuid4())
        assert world.inventory() == {}
        assert world.numbers_charged() == []

    # -- giving back to the shelf -----------------------------------------------------------------

    def test_disowning_takes_our_reference_off_and_nothing_else(
        self, world: CarrierWorld, carrier: Carrier, foreign: str
    ) -> None:
        reference, before = uuid.uuid4(), world.settings_of(foreign)
        carrier.adopt(foreign, reference=reference)
        for _ in range(2):
            carrier.disown(foreign, reference=reference)
            assert world.inventory() == {foreign: "front desk"}
        assert world.settings_of(foreign) == before
        other = uuid.uuid4()
        assert carrier.adopt(foreign, reference=other).reference == str(other)

    def test_what_was_bought_stays_when_it_is_disowned(
        self, world: CarrierWorld, carrier: Carrier, bought: tuple[str, uuid.UUID]
    ) -> None:
        e164, reference = bought
        with pytest.raises(NotOurs):
            carrier.disown(e164, reference=uuid.uuid4())
        assert world.inventory() == {e164: str(reference)}
        carrier.disown(e164, reference=reference)
        assert world.inventory() == {e164: ""}

    def test_disowning_what_the_account_does_not_hold_does_nothing(
        self, world: CarrierWorld, carrier: Carrier
    ) -> None:
        carrier.disown(world.number_for_sale(), reference=uuid.uuid4())
        assert world.inventory() == {}

    @pytest.mark.parametrize("acting", [False, True])
    def test_after_a_lost_reply_adopting_again_makes_it_whole(
        self, world: CarrierWorld, carrier: Carrier, foreign: str, *, acting: bool
    ) -> None:
        reference = uuid.uuid4()
        world.lose_reply_to_adoption(acting=acting)
        with pytest.raises(OutcomeUnknown):
            carrier.adopt(foreign, reference=reference)
        found = carrier.find_number(foreign)
        assert found is not None
        assert (found.reference == str(reference)) is acting
        assert carrier.adopt(foreign, reference=reference).reference == str(reference)


def _area(carrier: Carrier, key: str) -> StockArea:
    return next(area for area in carrier.areas() if area.key == key)


def _listed(carrier: Carrier, area: StockArea) -> set[str]:
    return {offer.e164 for offer in carrier.stock(area).numbers}
