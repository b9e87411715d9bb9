"""A large stock of North American numbers, for benchmarks: the cities and exchanges that libphonenumber
knows, with as many made-up numbers as are wanted. The same in every run."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from phonenumbers import geocoder

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberOffer, Stock, StockArea
from ringup.catalog.models import Mapping, NumberPriceRule, Price, Product, ProductGroup
from ringup.core.fields import money_columns
from ringup.core.money import Money
from ringup.numbers.origins import REGIONS

_ZERO = Money.zero("USD")
_COSTS = [(Money.of(monthly, "USD"), Money.of("0.40", "USD")) for monthly in ("0.85", "1.25", "4")]
_FEATURES = [frozenset({"voice", "sms"}), frozenset({"voice"})]
# A run of consecutive numbers, as carriers are given them.
_RUN = 10
_LINES = 10_000
_MOST = 6_000


class Exchange(NamedTuple):
    """``prefix`` are the digits in front of a number's last four, with its calling code."""

    prefix: str
    city: str


def make_sellers() -> list[CarrierAccount]:
    """Two providers, each with a product for its numbers."""
    group = ProductGroup.objects.create(name="Numbers")
    return [_seller(group, name) for name in ("Carrier A", "Carrier B")]


def _seller(group: ProductGroup, name: str) -> CarrierAccount:
    account = CarrierAccount.objects.create(name=name, kind="voipms", url="http://127.0.0.1:1/")
    rule = money_columns(
        addition=Money.of("1", "USD"), floor=_ZERO, rounding=Money.of("0.01", "USD")
    )
    NumberPriceRule.objects.create(account=account, currency="USD", percent=20, **rule)
    product = Product.objects.create(
        group=group, name=f"Number of {name}", slug=f"number-{account.pk}", kind=Product.Kind.NUMBER
    )
    Price.objects.create(
        product=product,
        cycle="monthly",
        currency="USD",
        **money_columns(setup=_ZERO, amount=Money.of("1", "USD")),
    )
    Mapping.objects.create(product=product, account=account, source=Mapping.Source.SINGLE)
    return account


def areas(numbers: int, *, sellers: int) -> Iterator[tuple[int, StockArea, Stock]]:
    """Which of the sellers has what where. The first has four numbers of five; some are sold by
    several."""
    chance = random.Random(1)  # noqa: S311 - no secret
    exchanges = _exchanges()
    weights = {one: chance.paretovariate(1.5) for found in exchanges.values() for one in found}
    scale = numbers / sum(weights.values())
    for _ in range(4):  # no exchange is full
        scale *= numbers / sum(min(weight * scale, _MOST) for weight in weights.values())
    for (country, region), found in sorted(exchanges.items()):
        area = StockArea(f"{country}/{region}", REGIONS[country][region], country)
        shelves: list[list[NumberOffer]] = [[] for _ in range(sellers)]
        for exchange in found:
            count = int(min(weights[exchange] * scale, _MOST) + chance.random())
            seller = 0 if sellers == 1 or chance.random() < 0.8 else chance.randrange(1, sellers)
            offers = list(_offers(exchange, country, region, count, chance))
            shelves[seller] += offers
            if chance.random() < 0.02:
                shelves[seller - 1] += offers
        for seller, shelf in enumerate(shelves):
            yield seller, area, Stock(shelf)


@cache
def _exchanges() -> dict[tuple[str, str], list[Exchange]]:
    """By country and region."""
    countries = {code: country for country, regions in REGIONS.items() for code in regions}
    known: dict[str, dict[str, str]] = geocoder.GEOCODE_DATA  # type: ignore[attr-defined]
    found: dict[tuple[str, str], list[Exchange]] = defaultdict(list)
    for prefix, names in sorted(known.items()):
        city, _, region = names.get("en", "").rpartition(", ")
        if len(prefix) == 7 and prefix[0] == "1" and city and region in countries:
            found[countries[region], region].append(Exchange(prefix, city.upper()))
    return found


def _offers(
    exchange: Exchange, country: str, region: str, count: int, chance: random.Random
) -> Iterator[NumberOffer]:
    """Half of them in runs, the others anywhere."""
    starts = chance.sample(range(0, _LINES, _RUN), min(count // 2 // _RUN, _LINES // _RUN))
    lines = {start + n for start in starts for n in range(_RUN)}
    while len(lines) < count:
        lines.add(chance.randrange(_LINES))
    costs = chance.sample(_COSTS, 2)
    for line in sorted(lines):
        monthly, setup = costs[chance.random() < 0.2]
        yield NumberOffer(
            e164=f"+{exchange.prefix}{line:04}",
            country=country,
            region=region,
            region_name=REGIONS[country][region],
            rate_centre=exchange.city,
            monthly=monthly,
            setup=setup,
            features=_FEATURES[chance.random() < 0.3],
        )
