"""The numbers that a draft has chosen, as they stand in its answers."""

from __future__ import annotations

import time
import uuid
from typing import Any

from ringup.carriers.port import NumberOffer, PlaceOffer
from ringup.catalog.models import Product
from ringup.catalog.pricing import NumberPrice
from ringup.core.money import Money
from ringup.core.phones import shown
from ringup.numbers.models import a_number_in
from ringup.orders.models import Draft

# The answers that are chosen numbers.
NUMBERS = frozenset({"number", "more_numbers"})
# What the key of a number begins with that is known by its place only.
PLACE_MARK = "place-"


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
    return {"e164": offer.e164, **_answers(offer, price), "place": offer.place}


def place_answers(offer: PlaceOffer, price: NumberPrice) -> dict[str, Any]:
    """A number whose digits the carrier chooses, as draft answers. Several of one place are told apart
    by their ``key``."""
    return {
        "e164": "",
        "is_by_place": True,
        "key": f"{PLACE_MARK}{uuid.uuid4().hex[:16]}",
        # Seconds since 1970: nothing of it is held, so it is asked for again after a while.
        "asked": int(time.time()),
        **_answers(offer, price),
        "place": offer.key,
    }


def _answers(offer: NumberOffer | PlaceOffer, price: NumberPrice) -> dict[str, Any]:
    return {
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
    }


def is_by_place(chosen: dict[str, Any]) -> bool:
    """Whether only its place was chosen, and nothing of it can be held."""
    return bool(chosen.get("is_by_place"))


def key_of(chosen: dict[str, Any]) -> str:
    """What tells it from the draft's other numbers: its digits, else a mark of its own."""
    return str(chosen.get("key") or chosen["e164"])


def words_of(chosen: dict[str, Any]) -> str:
    """For people: ``+1 416 555 0142``, or ``A number in Berlin, Germany``."""
    if chosen["e164"]:
        return shown(chosen["e164"])
    return a_number_in(chosen["rate_centre"], chosen["country"])


def main_words(draft: Draft) -> str:
    """The main number for people; empty while there is none."""
    return next((words_of(chosen) for chosen in numbers_of(draft)), "")


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


def quote_words(chosen: dict[str, Any]) -> str:
    """The same of a chosen number, whose digits may be unknown."""
    return number_words(chosen["e164"]) if chosen["e164"] else words_of(chosen)
