from __future__ import annotations

import pytest

from ringup.catalog.pricing import Item, NumberPrice, PriceRule, Quote, price_number, quote
from ringup.core.money import Money

pytestmark = pytest.mark.once


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


RULE = PriceRule(percent=60, addition=usd("0.50"), floor=usd("1.50"), rounding=usd("0.05"))


@pytest.mark.parametrize(
    ("cost", "price"),
    [("0.85", "1.90"), ("0.10", "1.50"), ("0.86", "1.90"), ("4.25", "7.30")],
)
def test_a_number_costs_cost_plus_percent_plus_amount_rounded_up_and_never_below_the_floor(
    cost: str, price: str
) -> None:
    assert price_number(monthly=usd(cost), setup=usd("0"), rule=RULE).monthly == usd(price)


def test_a_bundle_covers_its_included_number_and_charges_the_rest() -> None:
    bundle = [Item("Hosted PBX, 10 seats", 1, usd("0"), usd("79"))]
    cheap = quote(
        bundle,
        currency="USD",
        number=NumberPrice(usd("1.90"), usd("0.60")),
        included_number=usd("2.50"),
    )
    dear = quote(
        bundle,
        currency="USD",
        number=NumberPrice(usd("4.00"), usd("0.60")),
        included_number=usd("2.50"),
    )
    assert cheap.recurring == usd("79.00")
    assert dear.recurring == usd("80.50")
    assert cheap.first_payment == usd("79.60")


def test_each_line_is_rounded_once() -> None:
    result = quote([Item("Seat", 3, usd("0"), usd("0.335"))], currency="USD")
    assert result.recurring == usd("1.01")


def test_a_frozen_quote_comes_back_as_it_was() -> None:
    frozen = quote(
        [Item("Seat", 3, usd("1"), usd("5"))],
        currency="USD",
        number=NumberPrice(usd("1.90"), usd("0")),
        number_text="Number +1 416 555 0142",
    )
    assert Quote.from_data(frozen.as_data()) == frozen
