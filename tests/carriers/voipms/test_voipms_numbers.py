"""Searching, pricing and buying with the details of VoIP.ms."""

from __future__ import annotations

import uuid

import pytest

from ringup.carriers.port import Match, NumberQuery, ToSipUri
from ringup.carriers.voipms.adapter import VoipMs
from ringup.core.failures import (
    NothingHappened,
    NotOurs,
    NumberGone,
    OurFault,
    OutcomeUnknown,
)
from ringup.core.money import Money
from ringup.sandbox.listening import json_reply
from tests.carriers.voipms.answering import answering
from tests.carriers.voipms.voipms_world import VoipmsWorld

pytestmark = pytest.mark.once


def test_an_offer_has_place_and_price(carrier: VoipMs) -> None:
    (offer, *_) = carrier.search(NumberQuery("US", "NY", "NEW YORK"))
    assert (offer.region_name, offer.rate_centre) == ("New York", "NEW YORK")
    assert (offer.monthly, offer.setup) == (Money.of("1.50", "USD"), Money.of("0.40", "USD"))
    assert "voice" in offer.features


def test_flat_accounts_see_and_pay_flat_prices(world: VoipmsWorld) -> None:
    with world.adapter(options={"billing_type": "2"}) as carrier:
        e164 = world.number_for_sale()
        offer = carrier.offer(e164)
        assert offer is not None
        assert offer.monthly == Money.of("4.25", "USD")
        carrier.buy(e164, reference=uuid.uuid4())
    assert [charge.amount for charge in world.sandbox.state.ledger] == ["-0.40", "-4.25"]


def test_prices_are_in_the_currency_of_the_account(world: VoipmsWorld) -> None:
    with world.adapter(currency="CAD") as carrier:
        assert carrier.balance() == Money.of("250", "CAD")


def test_regions_are_written_as_people_write_them(carrier: VoipMs) -> None:
    names = {region.code: region.name for region in carrier.regions("US")}
    assert (names["NY"], names["DC"]) == ("New York", "District of Columbia")
    names = {region.code: region.name for region in carrier.regions("CA")}
    assert names["NL"] == "Newfoundland and Labrador"
    assert carrier.regions("DE") == []
    assert carrier.rate_centres("DE", "BE") == []
    assert carrier.rate_centres("US", "") == []


def test_only_rate_centres_with_numbers_are_named(carrier: VoipMs) -> None:
    assert "MIAMI" in carrier.rate_centres("US", "FL")
    assert "ALFORD" not in carrier.rate_centres("US", "FL")


def test_digits_and_a_rate_centre_go_together(carrier: VoipMs) -> None:
    query = NumberQuery("US", "IL", "CHICAGO", digits="773", match=Match.STARTS)
    offers = carrier.search(query)
    assert offers
    assert {offer.e164[:5] for offer in offers} == {"+1773"}
    everywhere = NumberQuery("US", "", "CHICAGO", digits="773", match=Match.STARTS)
    assert {offer.e164 for offer in carrier.search(everywhere)} == {o.e164 for o in offers}


def test_letters_and_separators_in_a_search_are_understood(carrier: VoipMs) -> None:
    spelled = carrier.search(NumberQuery("US", digits="(312) JJJ-01", match=Match.STARTS))
    assert spelled
    assert spelled == carrier.search(NumberQuery("US", digits="31255501", match=Match.STARTS))


def test_toll_free_numbers_are_found_and_bought(world: VoipmsWorld, carrier: VoipMs) -> None:
    offers = carrier.search(NumberQuery("US", digits="888", match=Match.STARTS))
    assert {offer.e164[:5] for offer in offers} == {"+1888"}
    offer = carrier.offer(offers[0].e164)
    assert offer == offers[0]
    reference = uuid.uuid4()
    carrier.buy(offer.e164, reference=reference)
    assert world.inventory() == {offer.e164: str(reference)}
    assert world.calls("orderTollFree") == 1
    assert world.calls("orderDID") == 0


def test_canadian_numbers_are_asked_for_in_canada(world: VoipmsWorld, carrier: VoipMs) -> None:
    (offer, *_) = carrier.search(NumberQuery("CA", "QC", "Montreal"))
    assert carrier.offer(offer.e164) is not None
    assert world.calls("searchDIDsCAN") == 1
    assert world.calls("searchDIDsUSA") == 0


def test_an_order_goes_nowhere_until_it_is_routed(world: VoipmsWorld, carrier: VoipMs) -> None:
    e164 = world.number_for_sale()
    assert carrier.buy(e164, reference=uuid.uuid4()).target == "none:"
    row = world.sandbox.state.dids[e164.removeprefix("+1")]
    assert (row["pop"], row["cnam"], row["billing_type"]) == ("5", "0", "1")


def test_without_a_choice_the_first_recommended_server_is_used(world: VoipmsWorld) -> None:
    with world.adapter(options={"pop": ""}) as carrier:
        carrier.buy(world.number_for_sale(), reference=uuid.uuid4())
    (row,) = world.sandbox.state.dids.values()
    assert row["pop"] == "1"


def test_a_server_that_does_not_exist_stops_before_anything_is_bought(world: VoipmsWorld) -> None:
    with world.adapter(options={"pop": "999"}) as carrier:
        with pytest.raises(OurFault, match="point of presence"):
            carrier.buy(world.number_for_sale(), reference=uuid.uuid4())
        with pytest.raises(OurFault, match="point of presence"):
            carrier.create_trunk(uuid.uuid4(), password="Trunk4Secret9Word", label="Acme")
    assert world.calls("orderDID") == 0
    assert world.calls("createSubAccount") == 0


def test_words_added_to_the_note_in_the_portal_do_no_harm(
    world: VoipmsWorld, carrier: VoipMs
) -> None:
    e164, reference = world.number_for_sale(), uuid.uuid4()
    carrier.buy(e164, reference=reference)
    did = e164.removeprefix("+1")
    world.sandbox.state.dids[did]["note"] = f"Acme! {str(reference).upper()}"
    found = carrier.find_number(e164)
    assert found is not None
    assert found.reference == str(reference)
    world.sandbox.state.dids[did]["note"] = ""
    with pytest.raises(NotOurs):
        carrier.release(e164, reference=reference)
    assert did in world.sandbox.state.dids


def test_numbers_abroad_cannot_be_chosen(carrier: VoipMs) -> None:
    assert carrier.countries() == ["CA", "US"]
    assert carrier.offer("+442079460123") is None
    with pytest.raises(NumberGone):
        carrier.buy("+442079460123", reference=uuid.uuid4())
    assert carrier.find_number("+442079460123") is None


def test_a_number_whose_price_cannot_be_read_is_not_offered(world: VoipmsWorld) -> None:
    readable = {"did": 3125550100, "state": "IL", "perminute_monthly": "0.85", "perminute_setup": 0}
    prices = ("", None, "free", "NaN", "Infinity", [])
    rows = [readable] + [readable | {"perminute_monthly": price} for price in prices]
    reply = json_reply({"status": "success", "dids": [*rows, readable | {"did": ""}, "junk"]})
    with answering(reply) as (url, _), world.adapter(url=url) as carrier:
        (offer,) = carrier.search(NumberQuery("US", digits="312", match=Match.STARTS))
    assert (offer.e164, offer.monthly) == ("+13125550100", Money.of("0.85", "USD"))


def test_a_balance_that_cannot_be_read_is_no_balance(world: VoipmsWorld) -> None:
    for balance in ({"current_balance": "much"}, {}, [], None):
        reply = json_reply({"status": "success", "balance": balance})
        with (
            answering(reply) as (url, _),
            world.adapter(url=url) as carrier,
            pytest.raises(NothingHappened, match="without an amount"),
        ):
            carrier.balance()


def test_an_order_that_is_not_listed_yet_is_an_unknown_outcome(world: VoipmsWorld) -> None:
    servers = {"status": "success", "servers": [{"server_pop": 5, "server_hostname": "a.example"}]}
    replies = [{"status": "no_did"}, servers, {"status": "success"}, {"status": "no_did"}]
    with (
        answering(*map(json_reply, replies)) as (url, _),
        world.adapter(url=url) as carrier,
        pytest.raises(OutcomeUnknown, match="does not list it yet"),
    ):
        carrier.buy("+13125550100", reference=uuid.uuid4())


def test_an_order_that_is_listed_under_another_note_stops_for_a_person(world: VoipmsWorld) -> None:
    servers = {"status": "success", "servers": [{"server_pop": 5, "server_hostname": "a.example"}]}
    listed = {"status": "success", "dids": {"did": 3125550100, "note": "cut off", "routing": ""}}
    replies = [{"status": "no_did"}, servers, {"status": "success"}, listed]
    with (
        answering(*map(json_reply, replies)) as (url, _),
        world.adapter(url=url) as carrier,
        pytest.raises(OurFault, match="confirmed a first change"),
    ):
        carrier.buy("+13125550100", reference=uuid.uuid4())


def test_a_number_is_recognized_with_and_without_its_country_code(world: VoipmsWorld) -> None:
    for did in ("3125550100", "13125550100", 3125550100, 13125550100):
        reply = json_reply({"status": "success", "dids": [{"did": 2125550100}, {"did": did}]})
        with answering(reply) as (url, _), world.adapter(url=url) as carrier:
            found = carrier.find_number("+13125550100")
        assert found is not None
        assert (found.e164, found.reference, found.target) == ("+13125550100", "", "")


@pytest.mark.parametrize("servers", [[], None, [{"server_pop": 5, "server_recommended": "No"}]])
def test_without_a_recommended_server_one_must_be_chosen(
    world: VoipmsWorld, servers: object
) -> None:
    reply = json_reply({"status": "success", "servers": servers})
    with answering(reply) as (url, _), world.adapter(url=url, options={"pop": ""}) as carrier:
        with pytest.raises(OurFault, match="recommends no server"):
            carrier.create_trunk(uuid.uuid4(), password="Trunk4Secret9Word", label="Acme")
        assert carrier.signalling_addresses() == []


def test_entries_and_accounts_that_are_taken_without_a_name_are_looked_for(
    world: VoipmsWorld,
) -> None:
    servers = {"status": "success", "servers": [{"server_pop": 5, "server_hostname": "a.example"}]}
    replies = [servers, {"status": "no_account"}, {"status": "success"}]
    with (
        answering(*map(json_reply, replies)) as (url, _),
        world.adapter(url=url) as carrier,
        pytest.raises(OutcomeUnknown, match="does not name the account"),
    ):
        carrier.create_trunk(uuid.uuid4(), password="Trunk4Secret9Word", label="Acme")
    reference = uuid.uuid4()
    listed = {"status": "success", "dids": [{"did": "3125550100", "note": str(reference)}]}
    replies = [listed, {"status": "no_sipuri"}, {"status": "success"}, {"status": "no_sipuri"}]
    target = ToSipUri("a@b.example", uuid.uuid4())
    with (
        answering(*map(json_reply, replies)) as (url, _),
        world.adapter(url=url) as carrier,
        pytest.raises(OutcomeUnknown, match="does not list the entry yet"),
    ):
        carrier.route("+13125550100", target, reference=reference)


def test_a_country_whose_sample_is_sold_out_still_shows_numbers(world: VoipmsWorld) -> None:
    stock = world.sandbox.state.stock
    for number in stock.find("CA", wanted="ends:00"):
        assert stock.sell(number.did)
    with world.adapter() as carrier:
        offers = carrier.search(NumberQuery("CA"))
    assert offers
    assert {offer.country for offer in offers} == {"CA"}
