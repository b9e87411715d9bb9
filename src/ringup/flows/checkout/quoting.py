"""What a draft costs, as it stands: shown on every page of the wizard, and frozen by the order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ringup.catalog import number_prices, promotions, selling
from ringup.catalog.chosen_options import option_items_of
from ringup.catalog.fees import Charged, fees_for
from ringup.catalog.models import Bundle, Product
from ringup.catalog.pricing import Cycle, Item, Quote, quote
from ringup.catalog.promotions import NotCounting
from ringup.catalog.taxes import Payer, taxes_for
from ringup.catalog.terms import WHOLE, Discount, Terms
from ringup.core.money import Money, total
from ringup.flows.checkout import client_limits, promoting
from ringup.flows.checkout.chosen_numbers import numbers_of, price_of, quote_words
from ringup.flows.checkout.paying_from import payer_of
from ringup.flows.checkout.promoting import Counting
from ringup.flows.checkout.splitting import together
from ringup.orders.models import Draft

# The number itself, and what its product adds to it, for as long as it is kept; options are paid.
FIRST_FREE = Discount("First number free", rate=WHOLE, on_setup=True, but_options=True)


def quote_draft(draft: Draft) -> Quote:
    """What the draft costs as it stands, to be shown: with several numbers, what their orders cost
    together. Taxes and fees are those of a few seconds ago; placing the order asks anew."""
    return together(quotes_of(draft, lately=True))


def quote_drafts(drafts: Sequence[Draft]) -> list[Quote]:
    """What each draft of a cart costs when all are ordered at once: the last use of a code is the
    first one's."""
    used: Counter[str] = Counter()
    return [together(quotes_of(draft, used=used)) for draft in drafts]


def quotes_of(
    draft: Draft, *, used: Counter[str] | None = None, lately: bool = False
) -> list[Quote]:
    """What each order costs that the draft becomes: one for each number, or one without. A code that
    does not count is left out. ``used`` counts codes and free numbers along the drafts of a cart."""
    used = Counter() if used is None else used
    priced = _priced(draft, used, lately=lately)
    plain = [_quote(one) for one in priced]
    try:
        counts = promoting.counting(draft, _amount(plain, draft.currency), used=used)
    except NotCounting:
        counts = None
    if counts is None:
        return plain
    places = [place for place in range(len(plain)) if counts.covers(place)]
    used[counts.promo.code] += len(places)
    for place in places:
        terms = _promoted(priced[place].terms, counts)
        plain[place] = _quote(replace(priced[place], terms=terms))
    return plain


def require_counting(draft: Draft, code: str) -> None:
    """Raises ``NotCounting`` where the code does not count for the draft as it stands."""
    if code:
        plain = [_quote(one) for one in _priced(draft, Counter())]
        promoting.counting(draft, _amount(plain, draft.currency), code=code)


def _amount(quotes: list[Quote], currency: str) -> Money:
    return total((one.before_discounts for one in quotes), currency)


@dataclass(frozen=True, slots=True)
class _Priced:
    """What one order of a draft is made of."""

    draft: Draft
    items: list[Item]
    options: list[Item]
    chosen: dict[str, Any] | None
    terms: Terms


def _priced(draft: Draft, used: Counter[str], *, lately: bool = False) -> list[_Priced]:
    client_limits.require_room(draft.client, draft.sold)
    cycle = Cycle(draft.cycle)
    items = selling.items_of(draft.sold, cycle=cycle, currency=draft.currency)
    answers = draft.answers.get("options", {})
    options = option_items_of(draft.sold, answers, cycle=cycle, currency=draft.currency)
    payer = payer_of(draft)
    taxes = taxes_for(draft.brand, payer, lately=lately)
    chosen: list[dict[str, Any] | None] = [*numbers_of(draft)] or [None]
    fees = [fees_for(_charged(draft, one, payer), lately=lately) for one in chosen]
    rows = [
        _Priced(draft, items, options, one, Terms(fees=fee, taxes=taxes))
        for one, fee in zip(chosen, fees, strict=True)
    ]
    first = f"first-free/{draft.sold.pk}"
    if chosen[0] is not None and not used[first] and client_limits.is_first_free(draft):
        used[first] += 1
        rows[0] = replace(
            rows[0], terms=replace(rows[0].terms, discounts=(FIRST_FREE,), first_free=True)
        )
    return rows


def _charged(draft: Draft, chosen: dict[str, Any] | None, payer: Payer) -> Charged:
    return Charged(
        brand=draft.brand,
        currency=draft.currency,
        number=(chosen["country"], chosen["region"]) if chosen else None,
        client=(payer.country, payer.region),
        seats=selling.seats_of(draft.sold),
    )


def _promoted(terms: Terms, counts: Counting) -> Terms:
    discount = promotions.discount_of(counts.promo)
    return replace(terms, discounts=(*terms.discounts, discount), promo=counts.promo.code)


def _quote(priced: _Priced) -> Quote:
    draft, chosen = priced.draft, priced.chosen
    return quote(
        priced.items,
        options=priced.options,
        currency=draft.currency,
        cycle=Cycle(draft.cycle),
        number=price_of(chosen) if chosen else None,
        number_text=quote_words(chosen) if chosen else "",
        included_number=number_prices.included_number(draft.sold, draft.currency),
        terms=priced.terms,
    )


def mark_of(quote: Quote, sold: Bundle | Product) -> str:
    """Changes with anything that the buyer consents to: what it costs, and how many seats it brings."""
    return f"{quote.mark}-{selling.seats_of(sold)}"
