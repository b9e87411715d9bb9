"""What is on sale in the shop's front, and which provider's numbers each thing is sold with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest

from ringup.accounts.brands import brand_at, own_brand_at
from ringup.carriers.models import CarrierAccount
from ringup.catalog import selling
from ringup.catalog.models import Bundle, Product
from ringup.catalog.price_list import PriceList

_MOST_CURRENCIES = 20


@dataclass(frozen=True, slots=True)
class Seller:
    """A thing that numbers are sold with, from one account. ``takes_several``: numbers are all that
    it is, so that more than one can be ordered at once."""

    slug: str
    name: str
    account: CarrierAccount
    takes_several: bool


@dataclass(frozen=True, slots=True)
class Front:
    """What the shop's front sells in one currency, and at which prices of numbers."""

    currency: str
    sellers: list[Seller]
    prices: PriceList


class _Known(NamedTuple):
    until: float
    front: Front


_known: dict[str, _Known] = {}
# By the key of the brand whose own shop it is, None at the house's address.
_currencies: dict[int | None, tuple[float, str]] = {}


def recent_currency(request: HttpRequest) -> str:
    """What the brand of this host sells in, as it was a few seconds ago at most."""
    own = own_brand_at(request)
    until, currency = _currencies.get(own, (0.0, ""))
    if time.monotonic() >= until:
        currency = brand_at(request).currency
        _currencies[own] = time.monotonic() + settings.RINGUP_SHELF_SECONDS, currency
    return currency


def on_sale(currency: str) -> list[Product | Bundle]:
    """All that can be started from the shop's front, read now; plain numbers first."""
    return [*selling.visible_products(currency), *selling.visible_bundles(currency)]


def front_of(goods: Sequence[Product | Bundle], currency: str) -> Front:
    """The front with what was just read, remembered for the searches that follow."""
    sellers = [_seller(sold, account) for sold in goods if (account := _account(sold)) is not None]
    accounts = list({seller.account.pk: seller.account for seller in sellers}.values())
    front = Front(currency, sellers, PriceList.read(accounts, currency))
    if len(_known) > _MOST_CURRENCIES:
        _known.clear()
    _known[currency] = _Known(time.monotonic() + settings.RINGUP_SHELF_SECONDS, front)
    return front


def recent_front(currency: str) -> Front:
    """The front as it was a few seconds ago at most: somebody who types searches several times a
    second. Whatever is selected is looked at again, and priced anew."""
    known = _known.get(currency)
    if known is not None and time.monotonic() < known.until:
        return known.front
    return front_of(on_sale(currency), currency)


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
