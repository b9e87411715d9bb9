"""The list of all number prices says of each what the single look says."""

from __future__ import annotations

import itertools

import pytest
from pytest_django import DjangoAssertNumQueries

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, NumberType
from ringup.catalog.models import NumberPriceRule
from ringup.catalog.number_prices import price_offer
from ringup.catalog.price_list import PriceList
from ringup.catalog.rates import set_rate
from ringup.core.actors import Actor
from ringup.core.money import Money

MAYA = Actor("staff:9", "Maya")
COUNTRIES, TYPES = ("US", "CA", "DE"), ("geographic", "toll-free", "mobile")


def make_account(name: str) -> CarrierAccount:
    row = CarrierAccount(name=name, kind="voipms", url="http://127.0.0.1:1/")
    row.set_secrets({})
    row.save()
    return row


def make_rule(account: CarrierAccount, place: tuple[str, str], currency: str, percent: int) -> None:
    rule = NumberPriceRule(
        account=account, country=place[0], number_type=place[1], currency=currency, percent=percent
    )
    rule.addition = rule.floor = rule.rounding = Money.zero(currency)
    rule.save()


@pytest.fixture
def accounts(db: None) -> list[CarrierAccount]:
    """Two with rules of every kind, one with none."""
    found = [make_account(name) for name in ("One", "Two", "Three")]
    places = [("US", "toll-free"), ("US", ""), ("", "toll-free"), ("", "")]
    for percent, place in enumerate(places):
        make_rule(found[0], place, "USD", 10 + percent)
        make_rule(found[1], place, "EUR", 20 + percent)
    make_rule(found[1], ("CA", "geographic"), "USD", 40)
    set_rate("USD", "EUR", 900_000, actor=MAYA)
    set_rate("EUR", "USD", 1_100_000, actor=MAYA)
    set_rate("CAD", "USD", 730_000, actor=MAYA)
    return found


def test_every_price_is_the_one_of_the_single_look(accounts: list[CarrierAccount]) -> None:
    priced = 0
    for selling in ("USD", "EUR", "CAD"):
        prices = PriceList.read(accounts, selling)
        wanted = itertools.product(accounts, COUNTRIES, TYPES, ("USD", "EUR", "CAD", "GBP"))
        for account, country, kind, cost in wanted:
            monthly, setup = Money.of("1.234567", cost), Money.of("0.40", cost)
            offer = NumberOffer(
                "+12125550100", country, "", "", monthly, setup, number_type=NumberType(kind)
            )
            found = prices.price(
                account.pk, country=country, number_type=kind, monthly=monthly, setup=setup
            )
            assert found == price_offer(account, offer, selling), (selling, account, country, kind)
            priced += found is not None
    assert priced > 40


def test_its_key_changes_with_a_rule_a_rate_and_the_currency(
    accounts: list[CarrierAccount], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        first = PriceList.read(accounts, "USD").key
    assert PriceList.read(accounts, "USD").key == first
    assert PriceList.read(accounts, "EUR").key != first

    NumberPriceRule.objects.filter(account=accounts[0], country="US").update(percent=99)
    dearer = PriceList.read(accounts, "USD").key
    assert dearer != first

    set_rate("CAD", "USD", 740_000, actor=MAYA)
    assert PriceList.read(accounts, "USD").key != dearer
