"""What a draft costs, as it stands: shown on every page of the wizard, and frozen by the order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ringup.catalog import number_prices, promotions, selling
from ringup.catalog.pricing import Cycle, Quote, quote
from ringup.catalog.promotions import NotCounting
from ringup.catalog.terms import Terms
from ringup.core.money import Money, total
from ringup.flows import promoting
from ringup.flows.chosen_numbers import number_words, numbers_of, price_of
from ringup.flows.promoting import Counting
from ringup.flows.splitting import together
from ringup.orders.models import Draft


def quote_draft(draft: Draft) -> Quote:
    """What the draft costs as it stands: with several numbers, what their orders cost together."""
    return together(quotes_of(draft))


def quote_drafts(drafts: Sequence[Draft]) -> list[Quote]:
    """What each draft of a cart costs when all are ordered at once: the last use of a code is the
    first one's."""
    used: Counter[str] = Counter()
    return [together(quotes_of(draft, used=used)) for draft in drafts]


def quotes_of(draft: Draft, *, used: Counter[str] | None = None) -> list[Quote]:
    """What each order costs that the draft becomes: one for each number, or one without. A code that
    does not count is left out. ``used`` counts the codes along the drafts of a cart."""
    chosen: list[dict[str, Any] | None] = [*numbers_of(draft)] or [None]
    plain = [_quote(draft, one, terms) for one, terms in _with_terms(draft, chosen)]
    try:
        counts = promoting.counting(draft, _amount(plain, draft.currency), used=used)
    except NotCounting:
        counts = None
    if counts is None:
        return plain
    places = [place for place in range(len(plain)) if counts.covers(place)]
    if used is not None:
        used[counts.promo.code] += len(places)
    for place in places:
        terms = _promoted(plain[place].terms, counts)
        plain[place] = _quote(draft, chosen[place], terms)
    return plain


def quote_with(draft: Draft, chosen: dict[str, Any] | None) -> Quote:
    """What is sold costs with this one number, or without any; without a promotion."""
    return _quote(draft, chosen, Terms())


def require_counting(draft: Draft, code: str) -> None:
    """Raises ``NotCounting`` where the code does not count for the draft as it stands."""
    if code:
        chosen: list[dict[str, Any] | None] = [*numbers_of(draft)] or [None]
        plain = [_quote(draft, one, terms) for one, terms in _with_terms(draft, chosen)]
        promoting.counting(draft, _amount(plain, draft.currency), code=code)


def _amount(quotes: list[Quote], currency: str) -> Money:
    return total((one.before_discounts for one in quotes), currency)


def _with_terms(
    draft: Draft, chosen: Sequence[dict[str, Any] | None]
) -> list[tuple[dict[str, Any] | None, Terms]]:
    return [(one, Terms()) for one in chosen]


def _promoted(terms: Terms, counts: Counting) -> Terms:
    discount = promotions.discount_of(counts.promo)
    return replace(terms, discounts=(*terms.discounts, discount), promo=counts.promo.code)


def _quote(draft: Draft, chosen: dict[str, Any] | None, terms: Terms) -> Quote:
    cycle = Cycle(draft.cycle)
    return quote(
        selling.items_of(draft.sold, cycle=cycle, currency=draft.currency),
        currency=draft.currency,
        cycle=cycle,
        number=price_of(chosen) if chosen else None,
        number_text=number_words(chosen["e164"]) if chosen else "",
        included_number=number_prices.included_number(draft.sold, draft.currency),
        terms=terms,
    )


def seen_mark(draft: Draft) -> str:
    """Changes with anything that the buyer consents to: what it costs, and how many seats it brings."""
    return f"{quote_draft(draft).mark}-{selling.seats_of(draft.sold)}"
