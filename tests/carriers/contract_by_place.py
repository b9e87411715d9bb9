"""The part of the carriers' contract for those that sell by place: ``Capability.BY_PLACE``."""

from __future__ import annotations

import uuid

import pytest

from ringup.carriers.port import Capability, Carrier, CarrierNumber, PlaceOffer
from ringup.core.failures import NothingHappened, NumberGone, OutcomeUnknown
from tests.carriers.carrier_world import PlaceWorld


class ByPlaceContract:
    """Subclass it beside ``CarrierContract``, which has the fixture ``carrier``."""

    def test_it_declares_that_it_sells_by_place(self, carrier: Carrier) -> None:
        assert Capability.BY_PLACE in carrier.capabilities

    def test_a_place_is_asked_for_now(self, world: PlaceWorld, carrier: Carrier) -> None:
        key = world.place_for_sale()
        place = carrier.place(key)
        assert place is not None
        assert place.key == key
        assert place.quantity != 0
        world.sell_out(key)
        assert carrier.place(key) is None
        assert carrier.place("b0000000-0000-4000-8000-000000000000") is None

    def test_a_place_costs_what_the_stock_says(self, world: PlaceWorld, carrier: Carrier) -> None:
        key = world.place_for_sale()
        shelves = [carrier.stock(area).places for area in carrier.areas()]
        listed = [place for places in shelves for place in places if place.key == key]
        assert [_told(place) for place in listed] == [_told(carrier.place(key))]

    def test_the_usual_capacity_has_the_price_of_the_place(
        self, world: PlaceWorld, carrier: Carrier
    ) -> None:
        place = carrier.place(world.place_for_sale())
        assert place is not None
        keys = [way.key for way in place.capacities]
        assert len(set(keys)) == len(keys)
        if place.capacities:
            usual = place.capacities[0]
            assert (usual.monthly, usual.setup) == (place.monthly, place.setup)

    def test_a_number_of_a_place_carries_our_reference(
        self, world: PlaceWorld, carrier: Carrier
    ) -> None:
        reference = uuid.uuid4()
        assert carrier.find_reference(reference) is None
        number = carrier.buy_of(world.place_for_sale(), reference=reference)
        assert number.reference == str(reference)
        assert carrier.find_reference(reference) == number
        assert list(world.inventory().values()) == [str(reference)]
        assert carrier.inventory() == [number]

    def test_buying_twice_of_a_place_buys_once(self, world: PlaceWorld, carrier: Carrier) -> None:
        reference = uuid.uuid4()
        bought = {_key(self._buy(world, carrier, reference)) for _ in range(2)}
        assert len(bought) == len(world.numbers_charged()) == 1

    def test_two_references_are_two_numbers(self, world: PlaceWorld, carrier: Carrier) -> None:
        bought = {_key(self._buy(world, carrier, uuid.uuid4())) for _ in range(2)}
        assert len(bought) == len(world.numbers_charged()) == 2

    def test_every_capacity_can_be_bought(self, world: PlaceWorld, carrier: Carrier) -> None:
        key = world.place_for_sale()
        place = carrier.place(key)
        assert place is not None
        for way in place.capacities:
            reference = uuid.uuid4()
            number = carrier.buy_of(key, reference=reference, capacity=way.key)
            assert number.reference == str(reference)
        assert len(world.numbers_charged()) == len(place.capacities)

    def test_of_a_place_that_is_sold_out_nothing_is_bought(
        self, world: PlaceWorld, carrier: Carrier
    ) -> None:
        world.sell_out(key := world.place_for_sale())
        with pytest.raises(NumberGone):
            carrier.buy_of(key, reference=uuid.uuid4())
        assert world.numbers_charged() == []

    @pytest.mark.parametrize("acting", [False, True])
    def test_after_a_lost_reply_the_reference_tells_the_truth(
        self, world: PlaceWorld, carrier: Carrier, *, acting: bool
    ) -> None:
        reference = uuid.uuid4()
        world.lose_reply_to_order_of(acting=acting)
        with pytest.raises(OutcomeUnknown):
            self._buy(world, carrier, reference)
        assert (carrier.find_reference(reference) is not None) is acting
        self._buy(world, carrier, reference)
        assert len(world.numbers_charged()) == 1

    def test_an_order_that_waits_is_not_placed_again(
        self, world: PlaceWorld, carrier: Carrier
    ) -> None:
        reference = uuid.uuid4()
        world.orders_wait()
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                self._buy(world, carrier, reference)
        with pytest.raises(OutcomeUnknown):
            carrier.find_reference(reference)
        assert carrier.inventory() == []
        world.carry_out_orders()
        found = carrier.find_reference(reference)
        assert found is not None
        assert found.reference == str(reference)
        assert len(world.numbers_charged()) == 1

    def test_a_number_is_released_by_its_reference_alone(
        self, world: PlaceWorld, carrier: Carrier
    ) -> None:
        reference = uuid.uuid4()
        self._buy(world, carrier, reference)
        carrier.release("", reference=uuid.uuid4())
        assert len(world.inventory()) == 1
        for _ in range(2):
            carrier.release("", reference=reference)
            assert world.inventory() == {}
        assert carrier.find_reference(reference) is None

    def test_where_nobody_listens_nothing_is_bought(self, world: PlaceWorld) -> None:
        carrier, reference = world.open(reachable=False), uuid.uuid4()
        for verb in (
            lambda: carrier.buy_of(world.place_for_sale(), reference=reference),
            lambda: carrier.find_reference(reference),
            lambda: carrier.place(world.place_for_sale()),
        ):
            with pytest.raises(NothingHappened):
                verb()
        carrier.close()

    def _buy(self, world: PlaceWorld, carrier: Carrier, reference: uuid.UUID) -> CarrierNumber:
        return carrier.buy_of(world.place_for_sale(), reference=reference)


def _key(number: CarrierNumber) -> str:
    """Digits may not be known yet."""
    return number.key or number.e164


def _told(place: PlaceOffer | None) -> object:
    assert place is not None
    return (place.country, place.rate_centre, place.monthly, place.setup, place.number_type)
