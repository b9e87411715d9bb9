"""What is asked of the control endpoint, read."""

from __future__ import annotations

import re

from ringup.sandbox.controlling import BadWish, Wish
from ringup.sandbox.voipms import places
from ringup.sandbox.voipms.stock import TOLL_FREE, ForSale

PRICES = (
    "perminute_monthly",
    "perminute_minute",
    "perminute_setup",
    "flat_monthly",
    "flat_minute",
    "flat_setup",
    "sms",
)


def text_of(wish: Wish, name: str) -> str:
    value = wish.get(name)
    if value is None or value == "":
        raise BadWish(f"{name} is missing")
    return str(value)


def number_from(wish: Wish) -> ForSale:
    """A number for sale: ``did``, its state or province and rate centre, and prices if wanted."""
    did = text_of(wish, "did")
    if not re.fullmatch(r"[2-9]\d{2}[2-9]\d{6}", did):
        raise BadWish("did must be ten digits of North America")
    prices = {name: str(wish[name]) for name in PRICES if name in wish}
    if did.startswith(places.TOLL_FREE):
        toll_free = {"perminute_monthly": "1.25", "perminute_setup": "0.00"}
        return ForSale(did, TOLL_FREE, "", "", "Toll Free", **(toll_free | prices))
    country, names = (
        ("CA", places.PROVINCE_NAMES) if "province" in wish else ("US", places.STATE_NAMES)
    )
    region = text_of(wish, "province" if "province" in wish else "state")
    if region not in names:
        raise BadWish(f"{region} is no state or province")
    return ForSale(did, country, region, names[region], text_of(wish, "ratecenter"), **prices)
