"""Why something is not on sale: each reason, and the same answer as the shop's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from ringup.catalog import selling
from ringup.catalog.choosing import Method
from ringup.catalog.mapped import Catalogue
from ringup.catalog.models import ExchangeRate, Mapping, NumberPriceRule, Price
from ringup.catalog.visibility import BEYOND_THE_SHOP, Prices, Why, reasons
from tests.mapping_shop import MappingShop, make_account, make_bundle, make_price, make_product


@pytest.fixture
def shop(db: None) -> MappingShop:
    """Everything is mapped to the first provider."""
    shop = MappingShop()
    shop.save(Method.BUNDLE, shop.choice(shop.package, shop.one))
    shop.save(Method.GROUP, shop.choice(shop.domestic, shop.one))
    return shop


def told(currency: str = "USD") -> dict[str, list[Why]]:
    """The reasons for everything, after a look whether the shop shows the same things."""
    catalogue = Catalogue.read()
    prices = Prices.read(catalogue, currency)
    found = {
        thing.code: [reason.why for reason in reasons(catalogue, thing, prices)]
        for thing in catalogue.things.values()
    }
    on_sale = {code for code, why in found.items() if not set(why) - BEYOND_THE_SHOP}
    shown = [*selling.visible_products(currency), *selling.visible_bundles(currency)]
    assert {thing.code for thing in shown} == on_sale
    # Asking for a few things only gives the same.
    few = list(catalogue.things.values())[::3]
    prices = Prices.read(catalogue, currency, few)
    assert all([r.why for r in reasons(catalogue, t, prices)] == found[t.code] for t in few)
    return found


def _set(name: str, value: Any) -> Callable[[MappingShop], Any]:
    """Give a row of the catalogue, named by its place, another value."""

    def change(shop: MappingShop) -> None:
        attribute, field = name.split(".")
        row = getattr(shop, attribute)
        type(row).objects.filter(pk=row.pk).update(**{field: value})

    return change


CASES: list[tuple[Callable[[MappingShop], Any], list[Why]]] = [
    (lambda _: None, []),
    (_set("us.is_retired", True), [Why.RETIRED]),
    (_set("us.is_hidden", True), [Why.HIDDEN]),
    (_set("domestic.is_hidden", True), [Why.GROUP_HIDDEN]),
    (_set("domestic.cart", "staff"), [Why.STAFF_ONLY]),
    (_set("us.kind", "seats"), [Why.ONLY_IN_BUNDLES]),
    (_set("us.kind", "virtual-number"), [Why.ONLY_IN_BUNDLES]),
    (_set("us.stock", 0), [Why.SOLD_OUT]),
    (_set("us.stock", 1), []),
    (_set("us.kind", "hosted-pbx"), [Why.INCOMPLETE]),
    (lambda _: Mapping.objects.all().delete(), [Why.NOT_MAPPED]),
    (lambda s: s.save(Method.SINGLE, s.choice(s.us, None)), [Why.NO_PROVIDER]),
    (_set("one.is_enabled", False), [Why.PROVIDER_OFF]),
    (_set("one.is_retired", True), [Why.PROVIDER_OFF]),
    (lambda _: Price.objects.all().delete(), [Why.NO_PRICE]),
    (lambda _: Price.objects.update(currency="EUR"), [Why.NO_PRICE]),
    (lambda _: Price.objects.update(cycle="one-time"), []),
    (lambda _: NumberPriceRule.objects.all().delete(), [Why.NO_NUMBER_PRICE]),
    (_set("one.currency", "EUR"), [Why.NO_RATE]),
]


def test_each_reason_for_a_product(shop: MappingShop) -> None:
    for change, expected in CASES:
        savepoint = transaction.savepoint()
        change(shop)
        assert told()[shop.us.code] == expected
        transaction.savepoint_rollback(savepoint)


def test_reasons_for_bundles_and_tenants(shop: MappingShop) -> None:
    assert told()[shop.package.code] == []
    # At the sum of its products, where each has a price in one and the same cycle.
    shop.package.prices.all().delete()
    assert told()[shop.package.code] == []
    shop.parts[1].prices.update(cycle="annual")
    assert told()[shop.package.code] == [Why.NO_PRICE]
    shop.parts[1].prices.update(cycle="free")
    assert told()[shop.package.code] == []
    make_price(shop.package, currency="EUR")
    assert told()[shop.package.code] == [Why.NO_PRICE]
    make_price(shop.package)
    shop.server.max_extensions = 4
    shop.server.save()
    assert told()[shop.package.code] == [Why.NO_SERVER]
    empty = make_bundle("Empty")
    assert told()[empty.code] == [Why.INCOMPLETE, Why.NOT_MAPPED]
    # An exchange rate in either direction is one.
    shop.one.currency = "EUR"
    shop.one.save()
    ExchangeRate.objects.create(base="USD", quote="EUR", rate_micros=900_000)
    assert told()[shop.us.code] == []


def test_all_reasons_are_told_at_once(shop: MappingShop) -> None:
    product = make_product(shop.domestic, "Odd", kind="add-on", is_hidden=True, stock=0)
    off = make_account("Off", is_enabled=False)
    Mapping.objects.create(product=product, account=off)
    assert told()[product.code] == [
        Why.HIDDEN,
        Why.ONLY_IN_BUNDLES,
        Why.SOLD_OUT,
        Why.PROVIDER_OFF,
    ]
