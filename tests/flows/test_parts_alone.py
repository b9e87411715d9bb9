"""Seats and add-ons are sold inside bundles alone, until there is a recipe for PBXes that run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser

from ringup.catalog import selling
from ringup.catalog.models import Mapping, Price, Product
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.core.sentences import Refusal
from ringup.flows.checkout import checking_out
from ringup.flows.orders import approving
from ringup.orders.models import Draft, Order
from tests.factories import make_pbx_order, make_plan, make_shop
from tests.flows.toy_shop import ToyShop, toy_shop
from tests.world import SAM, make_client

pytestmark = pytest.mark.django_db(transaction=True)
PARTS = [Product.Kind.SEATS, Product.Kind.ADD_ON]


@pytest.fixture
def shop(settings: Any) -> Iterator[ToyShop]:
    with toy_shop(settings) as one:
        yield one


def part(shop: ToyShop, kind: str) -> Product:
    """A product of this kind with all that others have which are on sale."""
    product = Product.objects.create(
        group=shop.number.group, slug="part", name="Part", kind=kind, seats=1
    )
    Mapping.objects.create(product=product, account=shop.account)
    price = money_columns(setup=Money.zero("USD"), amount=Money.of("2", "USD"))
    Price.objects.create(product=product, cycle="monthly", currency="USD", **price)
    return product


@pytest.mark.parametrize("kind", PARTS)
def test_the_shop_neither_shows_nor_starts_it(shop: ToyShop, kind: str) -> None:
    product = part(shop, kind)
    assert product not in selling.visible_products("USD")
    browser = Browser()
    response = browser.post("/start/", {"slug": product.slug})
    assert not response["Location"].startswith("/checkout/")
    assert not Draft.objects.exists()


@pytest.mark.parametrize("kind", PARTS)
def test_a_draft_of_it_is_not_placed(shop: ToyShop, kind: str) -> None:
    draft = shop.complete(shop.draft())
    Draft.objects.filter(pk=draft.pk).update(product=part(shop, kind))
    with pytest.raises(Refusal, match="sold as a part of a bundle"):
        checking_out.submit(Draft.objects.get(pk=draft.pk))
    assert not Order.objects.exists()


@pytest.mark.parametrize("kind", PARTS)
def test_an_order_of_it_is_not_approved(kind: str) -> None:
    shop = make_shop()
    order = make_pbx_order(shop, make_client("Acme"))
    assert approving.ADDITION not in approving.hindrances(order)
    product = Product.objects.create(group=shop.number.group, slug="part", name="Part", kind=kind)
    order.lines.update(product=product, bundle=None)
    assert approving.hindrances(order)[0] == approving.ADDITION
    make_plan(order)
    plan = approving.latest_plan(order)
    assert plan is not None
    with pytest.raises(Refusal, match="cannot be added to a PBX that runs"):
        approving.approve(order, digest=plan.digest, actor=SAM)
