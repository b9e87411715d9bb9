"""What is on sale in the shop's front, and which provider's numbers each thing is sold with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings

from ringup.carriers.models import CarrierAccount
from ringup.catalog import selling
from ringup.catalog.models import Bundle, Product

_MOST_CURRENCIES = 20


@dataclass(frozen=True, slots=True)
class Seller:
    """A thing that numbers are sold with, from one account. ``takes_several``: numbers are all that
    it is, so that more than one can be ordered at once."""

    slug: str
    name: str
    account: CarrierAccount
    takes_several: bool


class _Known(NamedTuple):
    until: float
    sellers: list[Seller]


_known: dict[str, _Known] = {}


def on_sale(currency: str) -> list[Product | Bundle]:
    """All that can be started from the shop's front, read now; plain numbers first."""
    return [*selling.visible_products(currency), *selling.visible_bundles(currency)]


def sellers_of(goods: Sequence[Product | Bundle], currency: str) -> list[Seller]:
    """The sellers of what was just read, remembered for a search that follows."""
    sellers = [_seller(sold, account) for sold in goods if (account := _account(sold)) is not None]
    if len(_known) > _MOST_CURRENCIES:
        _known.clear()
    _known[currency] = _Known(time.monotonic() + settings.RINGUP_SHELF_SECONDS, sellers)
    return sellers


def recent_sellers(currency: str) -> list[Seller]:
    """The sellers as they were a few seconds ago at most: somebody who types searches several times
    a second. Whatever is selected is looked at again."""
    known = _known.get(currency)
    if known is not None and time.monotonic() < known.until:
        return known.sellers
    return sellers_of(on_sale(currency), currency)


def chosen_sellers(sellers: Sequence[Seller], slug: str, *, several: bool = False) -> list[Seller]:
    """Only the thing of this slug where there is one; else the first thing of each account. With
    ``several``, only what more than one number can be ordered of."""
    fitting = [seller for seller in sellers if seller.takes_several or not several]
    first: dict[int, Seller] = {}
    for seller in fitting:
        if seller.slug == slug:
            return [seller]
        first.setdefault(seller.account.pk, seller)
    return list(first.values())


def _account(sold: Product | Bundle) -> CarrierAccount | None:
    mapping = selling.own_mapping(sold)
    return mapping.account if mapping else None


def _seller(sold: Product | Bundle, account: CarrierAccount) -> Seller:
    is_number = isinstance(sold, Product) and sold.kind == Product.Kind.NUMBER
    return Seller(sold.slug, sold.name, account, is_number)
