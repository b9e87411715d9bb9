"""What an import is made of: lines of the file, the things they are about, and the catalogue as it
was when they were compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ringup.catalog.csv.columns import OF_THINGS, Sold
from ringup.catalog.models import Bundle, BundleItem, Price, Product, ProductGroup
from ringup.catalog.pricing import Cycle
from ringup.core.money import Money

# ("product", 12), ("bundle", 7), or ("new", slug).
Key = tuple[str, int | str]
PriceKey = tuple[str, str]


def key_of(sold: Sold) -> Key:
    """How a stored product or bundle is found again."""
    return ("bundle" if isinstance(sold, Bundle) else "product", sold.pk)


@dataclass
class Row:
    """One line of the file: what it changes as (column, old, new), or what is wrong with it as
    (column, sentence). ``code`` is empty for what is new."""

    line: int
    name: str
    code: str = ""
    is_new: bool = False
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def action(self) -> str:
        """``broken``, ``create``, ``change`` or ``same``."""
        if self.faults:
            return "broken"
        if self.is_new:
            return "create"
        return "change" if self.changes else "same"


@dataclass
class PriceTarget:
    """What one cycle and currency are to cost. ``pk`` is None for a price that is new."""

    cycle: Cycle
    setup: Money
    amount: Money
    pk: int | None = None
    line: int = 0
    is_changed: bool = False

    @property
    def key(self) -> PriceKey:
        return (self.cycle.value, self.amount.currency)


@dataclass
class Target:
    """One product or bundle as it is to be, with the lines that say so. ``parts`` are the wanted
    contents by slug where the file names them, ``contents`` the same by product where they differ."""

    key: Key
    sold: Sold
    rows: list[Row]
    prices: dict[PriceKey, PriceTarget] = field(default_factory=dict)
    parts: dict[str, int] | None = None
    contents: list[tuple[Product, int]] | None = None

    @property
    def is_new(self) -> bool:
        return self.sold.pk is None

    @property
    def first(self) -> Row:
        """The line that says what the thing itself is."""
        return self.rows[0]

    @property
    def is_changed(self) -> bool:
        return self.is_new or any(row.changes for row in self.rows)

    @property
    def is_own_row_changed(self) -> bool:
        """Whether more than its prices and contents is to be written."""
        return self.is_new or any(column in OF_THINGS for column, _, _ in self.first.changes)


# -- the catalogue as it is -----------------------------------------------------------------------

Stamp = tuple[Any, ...]


@dataclass
class Held:
    """The catalogue as it was read. ``stamps`` are the raw columns of each thing, with its prices
    and contents: writing compares them under the rows' locks."""

    groups: dict[str, ProductGroup]
    by_code: dict[str, Sold]
    by_slug: dict[str, Sold]
    prices: dict[Key, dict[PriceKey, PriceTarget]]
    contents: dict[int, dict[int, int]]
    stamps: dict[Key, Stamp]


def read_catalogue() -> Held:
    """Everything that an import may compare with. Five queries, whatever the size."""
    groups = list(ProductGroup.objects.all())
    by_pk = {group.pk: group for group in groups}
    named = {group.name.casefold(): group for group in groups}
    named |= {group.name: group for group in groups}
    things: list[Sold] = [*Product.objects.order_by("pk"), *Bundle.objects.order_by("pk")]
    for sold in things:
        sold.group = by_pk[sold.group_id]
    prices, contents = read_prices(), read_contents()
    return Held(
        groups=named,
        by_code={sold.code.lower(): sold for sold in things},
        by_slug={sold.slug: sold for sold in things},
        prices=prices,
        contents=contents,
        stamps={key_of(sold): stamp_of(sold, prices, contents) for sold in things},
    )


def read_prices(keys: Iterable[Key] | None = None) -> dict[Key, dict[PriceKey, PriceTarget]]:
    """The prices of these things, or of all."""
    rows = Price.objects.all()
    if keys is not None:
        products, bundles = pks_of(keys)
        rows = rows.filter(product__in=products) | rows.filter(bundle__in=bundles)
    found: dict[Key, dict[PriceKey, PriceTarget]] = {}
    columns = (
        "pk",
        "product_id",
        "bundle_id",
        "cycle",
        "currency",
        "setup_micros",
        "amount_micros",
    )
    for pk, product, bundle, cycle, currency, setup, amount in rows.values_list(*columns):
        key: Key = ("bundle", bundle) if product is None else ("product", product)
        price = PriceTarget(Cycle(cycle), Money(setup, currency), Money(amount, currency), pk)
        found.setdefault(key, {})[price.key] = price
    return found


def read_contents(bundles: Iterable[int] | None = None) -> dict[int, dict[int, int]]:
    """Quantities by bundle and product, of these bundles or of all."""
    rows = BundleItem.objects.all()
    if bundles is not None:
        rows = rows.filter(bundle__in=bundles)
    found: dict[int, dict[int, int]] = {}
    for bundle, product, quantity in rows.values_list("bundle_id", "product_id", "quantity"):
        found.setdefault(bundle, {})[product] = quantity
    return found


def pks_of(keys: Iterable[Key]) -> tuple[list[int], list[int]]:
    """The products' and the bundles' row numbers among keys of stored things."""
    every = list(keys)
    products = [int(pk) for kind, pk in every if kind == "product"]
    return products, [int(pk) for kind, pk in every if kind == "bundle"]


def stamp_of(
    sold: Sold,
    prices: dict[Key, dict[PriceKey, PriceTarget]],
    contents: dict[int, dict[int, int]],
) -> Stamp:
    """Everything about a thing that an import compares or writes, as values."""
    columns = tuple(getattr(sold, name) for name in columns_of(type(sold)))
    return _stamp(key_of(sold), columns, prices, contents)


def columns_of(model: type[Sold]) -> list[str]:
    """The names of all its columns."""
    return [each.attname for each in model._meta.concrete_fields]


def stamps_now(keys: list[Key]) -> dict[Key, Stamp]:
    """The stamps of these stored things as they are, locked until the caller's transaction ends."""
    products, bundles = pks_of(keys)
    rows: list[tuple[Key, Stamp]] = []
    for kind, model, pks in (("product", Product, products), ("bundle", Bundle, bundles)):
        locked = model.objects.select_for_update().filter(pk__in=pks).order_by("pk")
        values = locked.values_list("pk", *columns_of(model))
        rows += [((kind, pk), tuple(columns)) for pk, *columns in values]
    prices, contents = read_prices(keys), read_contents(bundles)
    return {key: _stamp(key, columns, prices, contents) for key, columns in rows}


def _stamp(
    key: Key,
    columns: Stamp,
    prices: dict[Key, dict[PriceKey, PriceTarget]],
    contents: dict[int, dict[int, int]],
) -> Stamp:
    costs = prices.get(key, {})
    sums = sorted((*each, row.setup.micros, row.amount.micros) for each, row in costs.items())
    parts = contents.get(int(key[1]), {}) if key[0] == "bundle" else {}
    return (*columns, *sums, *sorted(parts.items()))
