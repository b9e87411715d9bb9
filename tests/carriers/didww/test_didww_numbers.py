"""What DIDWW's numbers have that others lack: capacities, papers, demonstrations, three flags."""

from __future__ import annotations

import uuid

import pytest

from ringup.carriers.didww.adapter import Didww
from ringup.carriers.port import Billing, NumberQuery, NumberType, Standing, StockArea
from ringup.core.failures import (
    NothingHappened,
    NumberGone,
    OurFault,
    OutcomeUnknown,
    Refused,
)
from ringup.core.money import Money
from ringup.sandbox.didww import Setup
from ringup.sandbox.didww.numbers import put_back, registered
from ringup.sandbox.didww.ordering import cancel
from tests.carriers.didww.didww_world import DidwwWorld, didww_world

pytestmark = pytest.mark.once
DE, GB = StockArea("DE", "Germany", "DE"), StockArea("GB", "United Kingdom", "GB")


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


# -- on sale ------------------------------------------------------------------------------------------


def test_an_offer_names_every_way_to_buy_it(world: DidwwWorld, carrier: Didww) -> None:
    offer = carrier.offer(world.number_of("NL"))
    assert offer is not None
    ways = [(way.key.split("-")[0], way.billing, way.channels) for way in offer.capacities]
    assert ways == [
        ("per", Billing.PER_MINUTE, 0),
        ("channels", Billing.UNLIMITED, 2),
        ("pool", Billing.POOL, 0),
    ]
    assert [way.monthly for way in offer.capacities] == [usd("1.10"), usd("13.10"), usd("1.10")]
    assert [way.per_minute for way in offer.capacities] == [usd("0.01"), None, usd("0.01")]
    assert (offer.monthly, offer.setup) == (usd("1.10"), usd("0"))
    assert offer.place == world.group("NL").id
    assert {"voice", "sms"} <= offer.features


def test_the_account_s_own_rate_of_a_minute_counts_more(world: DidwwWorld) -> None:
    with world.adapter(options={"minute_rate": "0.0175"}) as carrier:
        offer = carrier.offer(world.number_of("NL"))
        assert offer is not None
        assert offer.capacities[0].per_minute == usd("0.0175")


def test_what_a_number_needs_and_is_stands_in_its_offer(world: DidwwWorld, carrier: Didww) -> None:
    offer = carrier.offer(world.number_of("ZA", area="Cape Town"))
    assert offer is not None
    assert offer.needs_papers
    assert (offer.country, offer.region, offer.region_name) == ("ZA", "WC", "Western Cape")
    toll_free = carrier.offer(world.number_of("US", "Toll-free"))
    assert toll_free is not None
    assert (toll_free.number_type, toll_free.region) == (NumberType.TOLL_FREE, "")
    assert not toll_free.needs_papers


def test_numbers_that_are_demonstrations_are_never_shown(world: DidwwWorld, carrier: Didww) -> None:
    shown = world.number_of("DE", "National")
    national = world.group("DE", "National")
    assert carrier.offer(shown) is None
    digits = shown.removeprefix("+49")
    assert carrier.search(NumberQuery("DE", digits=digits)) == []
    found = carrier.search(NumberQuery("DE", limit=1000))
    stock = carrier.stock(DE)
    for offer in (*found, *stock.numbers):
        assert offer.place != national.id
    assert [place.key for place in stock.places] == [national.id]
    with pytest.raises(NumberGone):
        carrier.buy(shown, reference=uuid.uuid4())
    assert world.orders() == []


def test_a_group_without_a_choice_is_a_place(world: DidwwWorld, carrier: Didww) -> None:
    (place,) = carrier.stock(GB).places
    assert (place.key, place.number_type) == (world.group("GB", "Mobile").id, NumberType.MOBILE)
    assert (place.prefix, place.quantity, place.needs_papers) == ("7", 50, True)
    assert place.capacities
    assert carrier.place(place.key) == place


def test_places_and_regions_are_told_without_codes_of_their_own(carrier: Didww) -> None:
    (utrecht,) = carrier.regions("NL")
    assert (utrecht.code, utrecht.name) == ("UTRECHT", "Utrecht")
    assert carrier.rate_centres("NL", utrecht.code) == ["Utrecht"]
    keys = [area.key for area in carrier.areas()]
    assert {"US", "US/NY", "US/WY", "NL/UTRECHT"} <= set(keys)


def test_nobody_is_sold_what_nobody_can_call(world: DidwwWorld, carrier: Didww) -> None:
    """Kinds, features and prices that are not known here are left out, and the rest stays."""
    austin = world.group("US", area="Austin")
    world.group("NL").attributes["features"] = ["telepathy"]
    for unit in world.group("FR").many("stock_keeping_units"):
        unit.attributes["monthly_price"] = "on request"
    world.group("GB").attributes["features"] = ["voice_in", "telepathy"]
    austin.relations["did_group_type"] = None
    for country in ("US", "NL", "FR"):
        offers = carrier.search(NumberQuery(country, limit=1000))
        assert {offer.rate_centre for offer in offers} <= {"New York", "Toll-free"}
    london = carrier.search(NumberQuery("GB"))
    assert {offer.features for offer in london} == {frozenset({"voice"})}


# -- buying -------------------------------------------------------------------------------------------


def test_an_order_is_never_for_one_day_and_says_where_to_call_back(world: DidwwWorld) -> None:
    with world.adapter(callback_url="http://127.0.0.1:9/hook") as carrier:
        reference = uuid.uuid4()
        number = carrier.buy(world.number_of("NL"), reference=reference, capacity="channels-2")
    (order,) = world.orders()
    assert order.hidden["back_ordering"] is False
    facts = order.attributes
    assert (facts["callback_url"], facts["callback_method"]) == ("http://127.0.0.1:9/hook", "post")
    assert facts["external_reference_id"] == str(reference)
    assert facts["amount"] == "13.10"
    assert (number.order_key, number.key) == (order.id, world.did(number.e164).id)


def test_a_capacity_that_is_not_sold_buys_nothing(world: DidwwWorld, carrier: Didww) -> None:
    with pytest.raises(OurFault):
        carrier.buy(world.number_of("NL"), reference=uuid.uuid4(), capacity="channels-30")
    assert world.orders() == []


def test_a_number_that_is_kept_for_us_is_bought_from_the_reservation(
    world: DidwwWorld, carrier: Didww
) -> None:
    e164 = world.number_of("NL")
    carrier.reserve(e164, reference=uuid.uuid4())
    listed = carrier.search(NumberQuery("NL", limit=1000))
    assert e164 not in {offer.e164 for offer in listed}, "DIDWW hides what it keeps"
    assert carrier.offer(e164) is not None
    assert carrier.buy(e164, reference=uuid.uuid4()).e164 == e164


def test_more_than_didww_keeps_for_one_account_is_refused_and_nobody_s(
    world: DidwwWorld, carrier: Didww
) -> None:
    group = world.group("NL")
    listed = [row for row in world.rows("available_dids") if row.one("did_group") is group]
    numbers = [f"+{row.attributes['number']}" for row in listed[:11]]
    for e164 in numbers[:10]:
        carrier.reserve(e164, reference=uuid.uuid4())
    with pytest.raises(Refused) as caught:
        carrier.reserve(numbers[10], reference=uuid.uuid4())
    assert not isinstance(caught.value, NumberGone), "it is on sale still"


def test_without_money_nothing_is_bought_and_staff_is_told_the_sums() -> None:
    with didww_world(Setup(balance=usd("1.00").amount)) as world, world.adapter() as carrier:
        reference = uuid.uuid4()
        with pytest.raises(OurFault, match=r"balance .* too low\. It has 1.* and 6.* is needed"):
            carrier.buy(world.number_of("ZA"), reference=reference, capacity="per-minute")
        assert carrier.find_reference(reference) is None
        assert world.orders() == []


def test_an_order_that_was_canceled_may_be_placed_anew(world: DidwwWorld, carrier: Didww) -> None:
    e164, reference = world.number_of("NL"), uuid.uuid4()
    world.orders_wait()
    with pytest.raises(OutcomeUnknown):
        carrier.buy(e164, reference=reference)
    cancel(world.sandbox.state, world.orders()[0])
    world.sandbox.state.orders_wait = False
    assert carrier.find_reference(reference) is None
    assert carrier.buy(e164, reference=reference).e164 == e164


def test_what_is_canceled_again_and_again_is_not_ordered_for_ever(
    world: DidwwWorld, carrier: Didww
) -> None:
    e164, reference = world.number_of("NL"), uuid.uuid4()
    world.orders_wait()
    for count in (1, 2, 3):
        with pytest.raises(OutcomeUnknown):
            carrier.buy(e164, reference=reference)
        assert len(world.orders()) == count
        cancel(world.sandbox.state, world.orders()[-1])
    world.sandbox.state.orders_wait = False
    with pytest.raises(Refused, match="canceled 3 orders of this number within the hour"):
        carrier.buy(e164, reference=reference)
    assert len(world.orders()) == 3
    assert carrier.buy(e164, reference=uuid.uuid4()).e164 == e164, "another order is not held up"


def test_a_reservation_that_ended_meanwhile_means_that_nothing_happened(
    world: DidwwWorld, carrier: Didww, monkeypatch: pytest.MonkeyPatch
) -> None:
    e164, reference = world.number_of("NL"), uuid.uuid4()
    carrier.reserve(e164, reference=uuid.uuid4())
    groups = carrier._buying._offers

    def slow(row: object) -> object:
        world.let_reservations_end()
        return original(row)  # type: ignore[arg-type]

    original = groups.group_of
    monkeypatch.setattr(groups, "group_of", slow)
    with pytest.raises(NothingHappened):
        carrier.buy(e164, reference=reference)
    monkeypatch.undo()
    assert carrier.buy(e164, reference=reference).e164 == e164
    assert len(world.orders()) == 1


# -- owned --------------------------------------------------------------------------------------------


def test_three_flags_are_one_standing(world: DidwwWorld, carrier: Didww) -> None:
    e164, reference = world.number_of("ZA"), uuid.uuid4()
    assert carrier.buy(e164, reference=reference).standing is Standing.AWAITING_REGISTRATION
    did = world.did(e164)
    assert did.attributes["blocked"], "as DIDWW has it while a registration is awaited"
    registered(did)
    found = carrier.find_number(e164)
    assert found is not None
    assert (found.standing, found.e164) == (Standing.ACTIVE, e164)
    did.attributes["blocked"] = True
    assert [one.standing for one in carrier.inventory()] == [Standing.BLOCKED]
    did.attributes["terminated"] = True
    found = carrier.find_reference(reference)
    assert found is not None
    assert found.standing is Standing.TERMINATED


def test_the_digits_of_a_demonstration_are_not_told_until_it_is_real(
    world: DidwwWorld, carrier: Didww
) -> None:
    reference, place = uuid.uuid4(), world.group("DE", "National").id
    number = carrier.buy_of(place, reference=reference)
    assert (number.e164, number.standing) == ("", Standing.AWAITING_REGISTRATION)
    assert carrier.inventory() == [number]
    (did,) = world.held()
    shown = f"+{did.attributes['number']}"
    registered(did)
    real = carrier.find_reference(reference)
    assert real is not None
    assert real.e164 == f"+{did.attributes['number']}" != shown
    assert real.standing is Standing.ACTIVE
    carrier.release(real.e164, reference=reference)
    assert world.inventory() == {}


def test_what_the_carrier_has_ended_is_seen_and_not_bought_back(
    world: DidwwWorld, carrier: Didww
) -> None:
    e164, reference = world.number_of("NL"), uuid.uuid4()
    carrier.buy(e164, reference=reference)
    world.did(e164).attributes["terminated"] = True
    assert [one.standing for one in carrier.inventory()] == [Standing.TERMINATED]
    for act in (
        lambda: carrier.buy(e164, reference=reference),
        lambda: carrier.adopt(e164, reference=reference),
    ):
        with pytest.raises(NumberGone):
            act()
    assert len(world.orders()) == 1
    carrier.release(e164, reference=reference)


def test_a_number_that_was_ended_and_is_on_sale_again_may_be_bought_anew(
    world: DidwwWorld, carrier: Didww
) -> None:
    e164, first, second = world.number_of("NL"), uuid.uuid4(), uuid.uuid4()
    carrier.buy(e164, reference=first)
    world.did(e164).attributes["terminated"] = True
    put_back(world.sandbox.state, world.group("NL"), e164.removeprefix("+"))
    assert carrier.buy(e164, reference=second).reference == str(second)
    found = carrier.find_number(e164)
    assert found is not None
    assert (found.reference, found.standing) == (str(second), Standing.ACTIVE)
    carrier.release(e164, reference=second)
    carrier.release(e164, reference=second)
    assert carrier.find_reference(second) is None


def test_what_we_gave_back_is_gone_though_the_carrier_still_lists_it(
    world: DidwwWorld, carrier: Didww
) -> None:
    e164, reference = world.number_of("NL"), uuid.uuid4()
    carrier.buy(e164, reference=reference)
    carrier.release(e164, reference=reference)
    (did,) = world.rows("dids")
    assert did.attributes["terminated"]
    assert str(reference) in did.attributes["description"]
    assert carrier.inventory() == []
    assert carrier.find_reference(reference) is None


def test_where_numbers_cannot_be_chosen_staff_is_told() -> None:
    with didww_world(Setup(has_selection=False)) as world, world.adapter() as carrier:
        assert "cannot be chosen" in " ".join(carrier.test_connection().features)
        with pytest.raises(OurFault, match="enable it"):
            carrier.reserve("+31305550100", reference=uuid.uuid4())
        bought = carrier.buy_of(world.group("NL").id, reference=uuid.uuid4())
        assert bought.e164.startswith("+3130")


def test_a_refusal_keeps_all_that_was_said(world: DidwwWorld, carrier: Didww) -> None:
    world.sandbox.faults.add("status:422", method="POST orders")
    with pytest.raises(Refused, match="Asked for by a check"):
        carrier.buy(world.number_of("NL"), reference=uuid.uuid4())
