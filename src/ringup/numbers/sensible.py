"""What a carrier offers, held against what can be sold, stored and shown.

A carrier's slip must not sell another number than is shown, nor break a page or the whole index.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from ringup.carriers.port import NumberOffer, PlaceOffer
from ringup.core.money import MILLION, Money
from ringup.core.phones import calling_code

Offer = TypeVar("Offer", NumberOffer, PlaceOffer)

# No number costs so much, in whatever currency; what is made of it by rules and exchange rates still
# fits into 64 bits.
MOST = 10_000_000 * MILLION
# Of the columns into which it goes when it is bought.
LONGEST_REGION, LONGEST_NAME = 10, 60
# Control characters, halves of characters, and what turns the direction of a whole line.
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def sensible(offer: Offer) -> Offer | None:
    """The offer with names that can be stored and shown; None when it makes no sense: a price below
    zero or beyond all measure, a region that is no code, digits that are not of its country."""
    if not (_is_price(offer.monthly) and _is_price(offer.setup)):
        return None
    if len(offer.region) > LONGEST_REGION or _ODD.search(offer.region):
        return None
    code = _code(offer.country)
    if isinstance(offer, NumberOffer) and not (code and offer.e164.startswith(f"+{code}")):
        return None
    centre, name = _plain(offer.rate_centre), _plain(offer.region_name)
    if (centre, name) == (offer.rate_centre, offer.region_name):
        return offer
    return replace(offer, rate_centre=centre, region_name=name)


def _is_price(amount: Money) -> bool:
    return 0 <= amount.micros <= MOST


@lru_cache(maxsize=512)
def _code(country: str) -> str:
    return calling_code(country)


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return _ODD.sub(" ", name).strip()[:LONGEST_NAME] if _ODD.search(name) else name[:LONGEST_NAME]
