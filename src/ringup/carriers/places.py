"""Where an account's numbers may be sold: its lists of countries and regions."""

from __future__ import annotations

from collections.abc import Iterable

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, NumberType, PlaceOffer, Region


def open_countries(account: CarrierAccount, countries: Iterable[str]) -> list[str]:
    """Those of the carrier's ``countries`` in which we sell."""
    return [code for code in countries if sells_in(account, code)]


def sells_in(account: CarrierAccount, country: str) -> bool:
    return not account.countries or country in account.countries


def region_codes(account: CarrierAccount, country: str) -> frozenset[str]:
    """The regions to which ``country`` is narrowed, without the country; empty: all of them."""
    listed = (code.partition("-") for code in account.regions)
    return frozenset(region for of, _, region in listed if of == country)


def open_regions(account: CarrierAccount, country: str, regions: Iterable[Region]) -> list[Region]:
    """Those of the country's ``regions`` in which we sell."""
    codes = region_codes(account, country)
    return [region for region in regions if not codes or region.code in codes]


def may_sell(account: CarrierAccount, offer: NumberOffer | PlaceOffer) -> bool:
    """Whether the offer lies where we sell. A number that belongs to no region (toll-free,
    national, mobile) goes by its country alone."""
    if not sells_in(account, offer.country):
        return False
    codes = region_codes(account, offer.country)
    is_elsewhere = not offer.region and offer.number_type is not NumberType.GEOGRAPHIC
    return not codes or offer.region in codes or is_elsewhere
