"""Why something is not on sale in the shop: every reason, and on which kind of page it is mended.

It says of columns what ``selling`` decides of rows, so that one page can tell it of the whole
catalogue; a test holds the two together. Beyond ``selling`` it names what nobody could finish to
buy: no price rule for the provider's numbers, or no exchange rate.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q, QuerySet

from ringup.catalog.mapped import Catalogue, Thing
from ringup.catalog.models import ExchangeRate, NumberPriceRule, Price, Product, ProductGroup
from ringup.catalog.pricing import Cycle
from ringup.catalog.selling import ALONE
from ringup.core.sentences import counted


class Why(enum.StrEnum):
    """The kinds of reasons, in the order in which they are told."""

    RETIRED = "retired"
    HIDDEN = "hidden"
    GROUP_HIDDEN = "group-hidden"
    STAFF_ONLY = "staff-only"
    ONLY_IN_BUNDLES = "only-in-bundles"
    SOLD_OUT = "sold-out"
    INCOMPLETE = "incomplete"
    NOT_MAPPED = "not-mapped"
    NO_PROVIDER = "no-provider"
    PROVIDER_OFF = "provider-off"
    NO_SERVER = "no-server"
    NO_PRICE = "no-price"
    NO_NUMBER_PRICE = "no-number-price"
    NO_RATE = "no-rate"

    @property
    def word(self) -> str:
        """For a filter."""
        return _WORDS[self]


_WORDS = {
    Why.RETIRED: "Retired",
    Why.HIDDEN: "Hidden",
    Why.GROUP_HIDDEN: "Group hidden",
    Why.STAFF_ONLY: "Staff orders only",
    Why.ONLY_IN_BUNDLES: "Only in bundles",
    Why.SOLD_OUT: "Sold out",
    Why.INCOMPLETE: "Incomplete",
    Why.NOT_MAPPED: "Not mapped",
    Why.NO_PROVIDER: "No provider",
    Why.PROVIDER_OFF: "Provider off",
    Why.NO_SERVER: "No PBX server",
    Why.NO_PRICE: "No price",
    Why.NO_NUMBER_PRICE: "No number price",
    Why.NO_RATE: "No exchange rate",
}
# What the shop does not look at before somebody searches a number.
BEYOND_THE_SHOP = frozenset({Why.NO_NUMBER_PRICE, Why.NO_RATE})


class Reason(NamedTuple):
    """One reason, with a sentence that says what to do."""

    why: Why
    sentence: str


@dataclass(frozen=True)
class Prices:
    """What has a price in one currency: products and bundles by code, and which accounts' numbers.
    A bundle without any price of its own costs the sum of its products."""

    currency: str
    codes: frozenset[str]
    ruled: frozenset[int]
    rated: frozenset[str]

    @classmethod
    def read(
        cls, catalogue: Catalogue, currency: str, things: Iterable[Thing] | None = None
    ) -> Prices:
        """The prices of these things, or of all. Three queries, whatever the size."""
        wanted = list(catalogue.things.values() if things is None else things)
        rows = Price.objects.all() if things is None else _prices_of(catalogue, wanted)
        rows = rows.filter(Q(currency=currency) | Q(bundle__isnull=False))
        # Of a product in any bundle the cycles count, of a bundle whether it has any price at all.
        cycles: dict[int, set[str]] = defaultdict(set)
        bundles: dict[int, bool] = defaultdict(bool)
        for product, bundle, cycle, in_currency in rows.values_list(
            "product", "bundle", "cycle", "currency"
        ):
            if bundle is None:
                cycles[product].add(cycle)
            else:
                bundles[bundle] |= in_currency == currency
        codes = {f"P-{pk}" for pk in cycles} | {
            f"bundle_{pk}" for pk, is_own in bundles.items() if is_own
        }
        codes |= {
            thing.code
            for thing in wanted
            if thing.is_bundle and thing.pk not in bundles
            if _has_sum(catalogue.items[thing.pk], cycles)
        }
        rules = NumberPriceRule.objects.filter(currency=currency)
        return cls(
            currency,
            frozenset(codes),
            frozenset(rules.values_list("account", flat=True)),
            frozenset(_rated(catalogue, currency)),
        )


def _prices_of(catalogue: Catalogue, things: list[Thing]) -> QuerySet[Price]:
    bundles = {thing.pk for thing in things if thing.is_bundle}
    products = {thing.pk for thing in things if not thing.is_bundle}
    products |= {pk for bundle in bundles for pk in catalogue.items[bundle]}
    return Price.objects.filter(Q(product__in=products) | Q(bundle__in=bundles))


_RECURRING = frozenset(cycle.value for cycle in Cycle if cycle.months)
_ANY_CYCLE = frozenset({Cycle.ONE_TIME.value, Cycle.FREE.value})


def _has_sum(products: list[int], cycles: dict[int, set[str]]) -> bool:
    """Whether a bundle can be sold at the sum of its products, in at least one cycle."""
    common = _RECURRING if products else frozenset()
    for product in products:
        own = cycles.get(product) or set()
        if _ANY_CYCLE.isdisjoint(own):
            common = common & own
    return bool(common)


def _rated(catalogue: Catalogue, currency: str) -> Iterator[str]:
    """The currencies from which an exchange rate leads to this one."""
    yield currency
    if all(account.currency == currency for account in catalogue.accounts.values()):
        return
    for base, quote in ExchangeRate.objects.values_list("base", "quote"):
        if currency in (base, quote):
            yield base if quote == currency else quote


def reasons(catalogue: Catalogue, thing: Thing, prices: Prices) -> list[Reason]:
    """Every reason why it cannot be bought in the shop; empty when it can."""
    return [*_of_itself(catalogue, thing), *_of_its_mapping(catalogue, thing, prices)]


def _of_itself(catalogue: Catalogue, thing: Thing) -> Iterator[Reason]:
    shelf = catalogue.shelves[thing.group]
    if thing.is_retired:
        yield Reason(Why.RETIRED, "It is retired: kept for old orders, and never sold again.")
    if thing.is_hidden:
        yield Reason(Why.HIDDEN, "It is hidden.")
    if shelf.is_hidden:
        yield Reason(Why.GROUP_HIDDEN, f"Its group {shelf.name} is hidden.")
    if shelf.cart != ProductGroup.Cart.WIZARD:
        yield Reason(Why.STAFF_ONLY, f"Its group {shelf.name} is for staff orders only.")
    if not thing.is_bundle and thing.kind not in ALONE:
        kind = Product.Kind(thing.kind).label.lower()
        yield Reason(Why.ONLY_IN_BUNDLES, f"Its kind ({kind}) is sold inside bundles, not alone.")
    if thing.stock == 0:
        yield Reason(Why.SOLD_OUT, "Its stock is used up.")
    if thing.is_bundle and not catalogue.items[thing.pk]:
        yield Reason(Why.INCOMPLETE, "It has no products in it.")
    if thing.needs_tenant and not thing.seats:
        yield Reason(Why.INCOMPLETE, "It brings a PBX without a seat.")


def _of_its_mapping(catalogue: Catalogue, thing: Thing, prices: Prices) -> Iterator[Reason]:
    if thing.code not in prices.codes:
        yield Reason(Why.NO_PRICE, f"It has no price in {prices.currency}.")
    setting = catalogue.effective(thing)
    if setting is None:
        yield Reason(Why.NOT_MAPPED, "It is not mapped to a provider.")
        return
    if setting.account is None:
        yield Reason(Why.NO_PROVIDER, "It is mapped to “No provider”, which says: not sold.")
        return
    account = catalogue.accounts[setting.account]
    if not account.takes_orders:
        state = "retired" if account.is_retired else "switched off"
        yield Reason(Why.PROVIDER_OFF, f"Its provider {account.name} is {state}.")
    elif not catalogue.serves(setting, thing):
        seats = counted(thing.seats, "seat")
        text = f"No enabled {account.environment} PBX server has room for a tenant with {seats}."
        yield Reason(Why.NO_SERVER, text)
    if thing.is_bundle or thing.kind in ALONE:
        if account.pk not in prices.ruled:
            text = f"The numbers of {account.name} have no price rule in {prices.currency}."
            yield Reason(Why.NO_NUMBER_PRICE, text)
        if account.currency not in prices.rated:
            text = f"No exchange rate leads from {account.currency} to {prices.currency}."
            yield Reason(Why.NO_RATE, text)
