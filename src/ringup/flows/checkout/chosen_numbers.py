"""The numbers that a draft has chosen, as they stand in its answers."""

from __future__ import annotations

from typing import Any

from ringup.carriers.port import NumberOffer
from ringup.catalog.models import Product
from ringup.catalog.pricing import NumberPrice
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.orders.models import Draft

# The answers that are chosen numbers.
NUMBERS = frozenset({"number", "more_numbers"})


def takes_several(draft: Draft) -> bool:
    """Whether more than one number can be ordered at once: only where numbers are all that is sold."""
    sold = draft.sold
    return isinstance(sold, Product) and sold.kind == Product.Kind.NUMBER


def numbers_of(draft: Draft) -> list[dict[str, Any]]:
    """The answers of all chosen numbers; the first is the main one."""
    main = draft.answers.get("number")
    return [main, *draft.answers.get("more_numbers", [])] if main else []


def with_numbers(answers: dict[str, Any], numbers: list[dict[str, Any]]) -> dict[str, Any]:
    """A draft's answers with these numbers: the first stands where one number always stands."""
    rest = {step: kept for step, kept in answers.items() if step not in NUMBERS}
    if numbers:
        rest["number"] = numbers[0]
    if numbers[1:]:
        rest["more_numbers"] = numbers[1:]
    return rest


def number_answers(offer: NumberOffer, price: NumberPrice) -> dict[str, Any]:
    """A chosen number as draft answers: place, the carrier's cost and the client's price."""
    return {
        "e164": offer.e164,
        "country": offer.country,
        "region": offer.region,
        "region_name": offer.region_name,
        "rate_centre": offer.rate_centre,
        "currency": price.monthly.currency,
        "cost_currency": offer.monthly.currency,
        "cost_monthly_micros": offer.monthly.micros,
        "cost_setup_micros": offer.setup.micros,
        "price_monthly_micros": price.monthly.micros,
        "price_setup_micros": price.setup.micros,
        "needs_papers": offer.needs_papers,
        "place": offer.place,
    }


def price_of(chosen: dict[str, Any]) -> NumberPrice:
    """The price of a chosen number, from its answers, as it was shown."""
    currency = chosen["currency"]
    return NumberPrice(
        monthly=Money(chosen["price_monthly_micros"], currency),
        setup=Money(chosen["price_setup_micros"], currency),
    )


def number_words(e164: str) -> str:
    """How a number is called in a quote."""
    return f"Number {shown(e164)}"
