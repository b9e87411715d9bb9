"""The part of the carriers' contract for those that keep a number for us: ``Capability.RESERVE``."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from ringup.carriers.port import Capability, Carrier
from ringup.core.failures import NothingHappened, NumberGone, OutcomeUnknown
from tests.carriers.carrier_world import KeepingWorld


class KeepingContract:
    """Subclass it beside ``CarrierContract``, which has the fixture ``carrier``."""

    def test_it_declares_that_it_keeps_numbers(self, carrier: Carrier) -> None:
        assert Capability.RESERVE in carrier.capabilities

    def test_a_kept_number_may_be_bought_by_us(self, world: KeepingWorld, carrier: Carrier) -> None:
        e164, number = world.number_for_sale(), uuid.uuid4()
        kept = carrier.reserve(e164, reference=uuid.uuid4())
        assert kept.key
        assert kept.ends > datetime.now(UTC)
        assert carrier.offer(e164) is not None, "kept for us, it is on offer to us"
        carrier.buy(e164, reference=number)
        assert world.inventory() == {e164: str(number)}
        carrier.end_reservation(kept.key)
        assert world.inventory() == {e164: str(number)}

    def test_keeping_again_returns_the_same_reservation(
        self, world: KeepingWorld, carrier: Carrier
    ) -> None:
        e164, reference = world.number_for_sale(), uuid.uuid4()
        kept = carrier.reserve(e164, reference=reference)
        assert carrier.reserve(e164, reference=reference) == kept

    @pytest.mark.parametrize("is_sold", [False, True])
    def test_what_somebody_else_keeps_or_bought_is_gone(
        self, world: KeepingWorld, carrier: Carrier, *, is_sold: bool
    ) -> None:
        e164 = world.number_for_sale()
        (world.sell_to_somebody_else if is_sold else world.keep_for_somebody_else)(e164)
        assert carrier.offer(e164) is None
        with pytest.raises(NumberGone):
            carrier.reserve(e164, reference=uuid.uuid4())
        with pytest.raises(NumberGone):
            carrier.buy(e164, reference=uuid.uuid4())
        assert world.numbers_charged() == []

    def test_a_reservation_ends_by_itself_and_a_new_one_is_another(
        self, world: KeepingWorld, carrier: Carrier
    ) -> None:
        e164, reference = world.number_for_sale(), uuid.uuid4()
        kept = carrier.reserve(e164, reference=reference)
        world.let_reservations_end()
        again = carrier.reserve(e164, reference=reference)
        assert again.key != kept.key
        assert again.ends > kept.ends

    def test_a_reservation_may_be_ended_twice_and_then_begins_anew(
        self, world: KeepingWorld, carrier: Carrier
    ) -> None:
        e164, reference = world.number_for_sale(), uuid.uuid4()
        kept = carrier.reserve(e164, reference=reference)
        for _ in range(2):
            carrier.end_reservation(kept.key)
        assert carrier.reserve(e164, reference=uuid.uuid4()).key != kept.key

    @pytest.mark.parametrize("acting", [False, True])
    def test_after_a_lost_reply_keeping_again_tells_the_truth(
        self, world: KeepingWorld, carrier: Carrier, *, acting: bool
    ) -> None:
        e164, reference = world.number_for_sale(), uuid.uuid4()
        world.lose_reply_to_reservation(acting=acting)
        with pytest.raises(OutcomeUnknown):
            carrier.reserve(e164, reference=reference)
        kept = carrier.reserve(e164, reference=reference)
        assert carrier.reserve(e164, reference=reference) == kept

    def test_where_nobody_listens_nothing_is_kept(self, world: KeepingWorld) -> None:
        carrier = world.open(reachable=False)
        with pytest.raises(NothingHappened):
            carrier.reserve(world.number_for_sale(), reference=uuid.uuid4())
        with pytest.raises(NothingHappened):
            carrier.end_reservation("any")
        carrier.close()
