"""What a draft costs, as it stands: shown on every page of the wizard, and frozen by the order."""

from __future__ import annotations

from typing import Any

from ringup.catalog import number_prices, selling
from ringup.catalog.pricing import Cycle, Quote, quote
from ringup.flows.chosen_numbers import number_words, numbers_of, price_of
from ringup.flows.splitting import together
from ringup.orders.models import Draft


def quote_draft(draft: Draft) -> Quote:
    """What the draft costs as it stands: with several numbers, what their orders cost together."""
    numbers = numbers_of(draft)
    if not numbers:
        return quote_with(draft, None)
    return together([quote_with(draft, chosen) for chosen in numbers])


def quote_with(draft: Draft, chosen: dict[str, Any] | None) -> Quote:
    """What is sold costs with this one number, or without any."""
    cycle = Cycle(draft.cycle)
    return quote(
        selling.items_of(draft.sold, cycle=cycle, currency=draft.currency),
        currency=draft.currency,
        cycle=cycle,
        number=price_of(chosen) if chosen else None,
        number_text=number_words(chosen["e164"]) if chosen else "",
        included_number=number_prices.included_number(draft.sold, draft.currency),
    )


def seen_mark(draft: Draft) -> str:
    """Changes with anything that the buyer consents to: what it costs, and how many seats it brings."""
    return f"{quote_draft(draft).mark}-{selling.seats_of(draft.sold)}"
