"""The reseller's own shelf: what is on sale from it, and that it is noticed when that changes."""

from __future__ import annotations

from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from ringup.accounts.models import Client
from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, NumberType
from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows.checkout.checking_out import wanted_number
from ringup.numbers import own_stock
from ringup.numbers.letting_go import let_go
from ringup.numbers.models import OwnedNumber, OwnStock
from ringup.provisioning.undoing import want_again
from tests.factories import Shop, make_number, make_shop
from tests.world import make_client

pytestmark = pytest.mark.django_db
MAYA = Actor("staff:9", "Maya")
E164 = "+12125550147"
COST = Money.of("0.85", "USD")


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def client(shop: Shop) -> Client:
    return make_client("Acme")


def put(account: CarrierAccount, e164: str = E164) -> OwnStock:
    return own_stock.add(
        account,
        e164,
        country="US",
        region="NY",
        region_name="New York",
        rate_centre="New York",
        cost_monthly=COST,
        features={"voice", "sms"},
        note="from the old PBX",
        actor=MAYA,
    )


def order_it(account: CarrierAccount, client: Client, e164: str = E164) -> OwnedNumber:
    chosen = {
        "e164": e164,
        "country": "US",
        "region": "NY",
        "rate_centre": "New York",
        "currency": "USD",
        "cost_currency": "USD",
        "cost_monthly_micros": COST.micros,
        "cost_setup_micros": 0,
        "price_monthly_micros": 1_900_000,
    }
    return wanted_number(chosen, account=account, client=client)


def stamp() -> datetime:
    return OwnStock.objects.get().changed


def test_it_is_offered_as_if_the_carrier_had_made_the_offer(shop: Shop) -> None:
    put(shop.account)
    offer = NumberOffer(
        e164=E164,
        country="US",
        region="NY",
        region_name="New York",
        rate_centre="New York",
        monthly=COST,
        setup=Money.zero("USD"),
        features=frozenset({"voice", "sms"}),
        number_type=NumberType.GEOGRAPHIC,
    )
    assert own_stock.offer_of(shop.account, E164) == offer
    assert own_stock.on_sale(shop.account) == [offer]


def test_the_whole_shelf_is_one_query(
    shop: Shop, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for last in range(5):
        put(shop.account, f"+1212555014{last}")
    with django_assert_num_queries(1):
        assert len(own_stock.on_sale(shop.account)) == 5


def test_another_account_does_not_offer_it(shop: Shop) -> None:
    other = CarrierAccount(name="Another", kind="voipms", url="https://other.example/")
    other.set_secrets({})
    other.save()
    put(shop.account)
    assert own_stock.offer_of(other, E164) is None
    assert own_stock.on_sale(other) == []
    assert not own_stock.is_ours(other, E164)
    assert own_stock.is_ours(shop.account, E164)


def test_withdrawn_it_is_not_on_sale_and_put_back_it_is(shop: Shop) -> None:
    row = put(shop.account)
    before = stamp()
    assert own_stock.withdraw([row.uid], actor=MAYA) == 1
    assert own_stock.offer_of(shop.account, E164) is None
    assert own_stock.on_sale(shop.account) == []
    withdrawn = stamp()
    assert withdrawn > before
    assert own_stock.withdraw([row.uid], actor=MAYA) == 0, "it is withdrawn already"
    assert stamp() == withdrawn
    assert own_stock.put_back([row.uid], actor=MAYA) == 1
    assert own_stock.offer_of(shop.account, E164) is not None
    assert stamp() > withdrawn
    told = Activity.objects.filter(subject=own_stock.subject_of(row)).order_by("pk")
    words = [f"put {E164} on the shelf", f"withdrew {E164}", f"put back {E164}"]
    assert [line.what for line in told] == words
    assert {line.actor for line in told} == {MAYA.name}


def test_more_than_a_portion_is_withdrawn_whole(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_stock, "PORTION", 2)
    rows = [put(shop.account, f"+1212555014{last}") for last in range(5)]
    assert own_stock.withdraw([row.uid for row in rows], actor=MAYA) == 5
    assert own_stock.on_sale(shop.account) == []


@pytest.mark.parametrize("state", ["wanted", "owned"])
def test_what_somebody_has_is_not_on_sale(shop: Shop, client: Client, state: str) -> None:
    put(shop.account)
    before = stamp()
    number = order_it(shop.account, client)
    OwnedNumber.objects.update(state=state)
    assert number.is_own_stock
    assert own_stock.offer_of(shop.account, E164) is None
    assert own_stock.on_sale(shop.account) == []
    assert stamp() > before


def test_let_go_it_is_on_sale_again(shop: Shop, client: Client) -> None:
    put(shop.account)
    number = order_it(shop.account, client)
    before = stamp()
    let_go(OwnedNumber.objects.filter(pk=number.pk))
    number.refresh_from_db()
    assert (number.state, bool(number.released)) == ("released", True)
    assert own_stock.offer_of(shop.account, E164) is not None
    assert stamp() > before


def test_wanted_again_it_is_still_of_the_shelf(shop: Shop, client: Client) -> None:
    put(shop.account)
    number = order_it(shop.account, client)
    let_go(OwnedNumber.objects.filter(pk=number.pk))
    before = stamp()
    again = want_again(number)
    assert again.is_own_stock
    assert again.uid != number.uid
    assert own_stock.offer_of(shop.account, E164) is None
    assert stamp() > before


def test_a_withdrawn_number_that_was_chosen_before_is_still_never_bought(
    shop: Shop, client: Client
) -> None:
    row = put(shop.account)
    own_stock.withdraw([row.uid], actor=MAYA)
    assert order_it(shop.account, client).is_own_stock


def test_a_carrier_s_number_is_not_of_the_shelf(shop: Shop, client: Client) -> None:
    put(shop.account)
    assert not order_it(shop.account, client, "+12125550199").is_own_stock


def test_what_the_carrier_lost_is_withdrawn_and_said_why(shop: Shop) -> None:
    row = put(shop.account)
    own_stock.lost(E164)
    own_stock.lost(E164)
    own_stock.lost("+12125550199")
    row.refresh_from_db()
    assert row.is_withdrawn
    told = Activity.objects.get(actor="ringup", subject=own_stock.subject_of(row))
    assert told.what == f"withdrew {E164}: its provider does not have it any more"


def test_a_number_stands_on_the_shelf_once(shop: Shop) -> None:
    put(shop.account)
    with pytest.raises(Refusal, match=r"on the shelf already\. Nothing was changed"):
        put(shop.account)
    assert OwnStock.objects.count() == 1


def test_a_client_s_number_does_not_go_on_the_shelf(shop: Shop, client: Client) -> None:
    number = make_number(shop, client, e164=E164)
    with pytest.raises(Refusal, match="belongs to a client, or is being ordered"):
        put(shop.account)
    let_go(OwnedNumber.objects.filter(pk=number.pk))
    put(shop.account)
    assert own_stock.offer_of(shop.account, E164) is not None
