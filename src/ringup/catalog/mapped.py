"""The whole catalogue as far as mappings go, read in a few queries: things, rows, who serves what.

Five thousand products are read as columns, not as rows of models: a page shows counts over all.
"""

from __future__ import annotations

import enum
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from django.db.models import IntegerField, QuerySet
from django.db.models.functions import Cast

from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import Bundle, BundleItem, Mapping, Product, ProductGroup
from ringup.catalog.placing import choose
from ringup.pbx.models import PbxServer

Sold = TypeVar("Sold", Bundle, Product)
_CODE = re.compile(r"(P-|bundle_|group_)([1-9][0-9]{0,17})", re.ASCII)
_COLUMNS = ("pk", "name", "slug", "group_id", "position", "hidden", "retired", "stock")


class Status(enum.StrEnum):
    """The three states of the specification."""

    DEFAULT = "default"
    MAPPED = "mapped"
    INVALID = "invalid"


class Setting(NamedTuple):
    """One row of the mappings as a value. ``account`` None is "No provider": not sold."""

    account: int | None
    server: int | None
    source: str

    def serves_like(self, other: Setting | None, *, needs_tenant: bool) -> bool:
        """Whether both send an order to the same place, whoever wrote them."""
        if other is None or self.account != other.account:
            return False
        return not needs_tenant or self.server == other.server


class Thing(NamedTuple):
    """A product, or a bundle (its ``kind`` is empty), in the columns that decide about its sale."""

    code: str
    kind: str
    needs_tenant: bool
    seats: int
    pk: int
    name: str
    slug: str
    group: int
    position: int
    is_hidden: bool
    is_retired: bool
    stock: int | None

    @property
    def is_bundle(self) -> bool:
        return not self.kind


class Shelf(NamedTuple):
    """A product group in the same way."""

    pk: int
    name: str
    is_hidden: bool
    cart: str

    @property
    def code(self) -> str:
        return group_code(self.pk)


def group_code(pk: int) -> str:
    """How a group's own row is named: ``group_3``."""
    return f"group_{pk}"


def parse_code(code: str) -> tuple[str, int] | None:
    """``P-12``, ``bundle_7`` and ``group_3`` as the column of a mapping and a key; else None."""
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    columns = {"P-": "product", "bundle_": "bundle", "group_": "group"}
    return columns[found[1]], int(found[2])


def rows_now() -> dict[str, Setting]:
    """Every row of the mappings by the code of what it belongs to."""
    columns = ("product_id", "bundle_id", "group_id", "account_id", "server_id", "source")
    rows: dict[str, Setting] = {}
    # Thousands of rows are a handful of settings.
    known: dict[tuple[int | None, int | None, str], Setting] = {}
    for product, bundle, group, account, server, source in Mapping.objects.values_list(*columns):
        if product is not None:
            code = f"P-{product}"
        else:
            code = f"bundle_{bundle}" if bundle is not None else group_code(group)
        same = (account, server, source)
        if same not in known:
            known[same] = Setting(account, server, source)
        rows[code] = known[same]
    return rows


@dataclass(frozen=True)
class Catalogue:
    """What ``read`` found. ``items`` are the products of each bundle, by key."""

    shelves: dict[int, Shelf]
    things: dict[str, Thing]
    rows: dict[str, Setting]
    items: dict[int, list[int]]
    accounts: dict[int, CarrierAccount]
    servers: dict[int, PbxServer]
    _valid: dict[tuple[int, int | None, int | None], bool] = field(default_factory=dict)

    @classmethod
    def read(cls, only: Bundle | Product | None = None) -> Catalogue:
        """Seven queries, whatever the size. ``only`` one of them, with the products that are in it:
        enough to say why it is not on sale, not which bundles hold it."""
        part = _part_of(only)
        products = list(_products(part.products))
        known = {row.pk: row for row in products}
        items: dict[int, list[int]] = defaultdict(list)
        seats: dict[int, int] = defaultdict(int)
        rows = part.items.order_by("pk").values_list("bundle", "product", "quantity")
        for bundle, product, quantity in rows:
            # Nothing holds the catalogue still between two queries.
            if product in known:
                items[bundle].append(product)
                seats[bundle] += quantity * known[product].seats
        bundles = [
            Thing(
                f"bundle_{row[0]}",
                "",
                any(known[pk].needs_tenant for pk in items.get(row[0], ())),
                seats.get(row[0], 0),
                *row,
            )
            for row in _columns(part.bundles)
        ]
        shelves = [
            Shelf(*row)
            for row in ProductGroup.objects.order_by("position", "name").values_list(
                "pk", "name", "is_hidden", "cart"
            )
        ]
        order = _order_of(shelves)
        accounts = CarrierAccount.objects.select_related("defaults").defer("secrets_sealed")
        return cls(
            shelves={shelf.pk: shelf for shelf in shelves},
            things={
                row.code: row for row in [*sorted(products, key=order), *sorted(bundles, key=order)]
            },
            rows=rows_now(),
            items={row.pk: items.get(row.pk, []) for row in bundles},
            accounts={row.pk: row for row in accounts.order_by("name")},
            servers={
                row.pk: row for row in PbxServer.objects.defer("secrets_sealed").order_by("name")
            },
        )

    def name_of(self, code: str) -> str:
        """What people call it; its code where it is not in the catalogue."""
        if code in self.things:
            return self.things[code].name
        parsed = parse_code(code)
        shelf = self.shelves.get(parsed[1]) if parsed and parsed[0] == "group" else None
        return shelf.name if shelf else code

    @cached_property
    def _effective(self) -> dict[str, Setting | None]:
        groups = {pk: self.rows.get(group_code(pk)) for pk in self.shelves}
        return {
            code: self.rows.get(code) or (groups.get(thing.group) if thing.kind else None)
            for code, thing in self.things.items()
        }

    def effective(self, thing: Thing) -> Setting | None:
        """Its own row; else, for a product that is bought alone, its group's."""
        return self._effective[thing.code]

    @cached_property
    def statuses(self) -> dict[str, Status]:
        """The status of everything, by code."""
        return {code: self.status(thing) for code, thing in self.things.items()}

    def status(self, thing: Thing) -> Status:
        """Default: no provider. Invalid: an order could not be carried out. Else mapped."""
        setting = self.effective(thing)
        if setting is None or setting.account is None:
            return Status.DEFAULT
        return Status.MAPPED if self.serves(setting, thing) else Status.INVALID

    def serves(self, setting: Setting, thing: Thing) -> bool:
        """``selling.is_valid`` on what was read."""
        if setting.account is None:
            return False
        seats = thing.seats if thing.needs_tenant else None
        asked = (setting.account, setting.server, seats)
        if asked not in self._valid:
            self._valid[asked] = self._find_valid(*asked)
        return self._valid[asked]

    def _find_valid(self, account: int, server: int | None, seats: int | None) -> bool:
        row = self.accounts[account]
        if not row.takes_orders or seats is None:
            return row.takes_orders
        wanted = None if server is None else self.servers[server]
        enabled = [each for each in self.servers.values() if each.is_enabled]
        return choose(wanted, row, servers=enabled, extensions=seats) is not None

    def products_of(self, bundle: Thing) -> list[Thing]:
        """The products in a bundle."""
        return [self.things[f"P-{pk}"] for pk in self.items[bundle.pk]]

    @cached_property
    def in_bundles(self) -> dict[int, list[Thing]]:
        """Each product that is in a bundle, and in which. Retired bundles do not count."""
        found: dict[int, list[Thing]] = defaultdict(list)
        for bundle, products in self.items.items():
            thing = self.things[f"bundle_{bundle}"]
            for product in () if thing.is_retired else products:
                found[product].append(thing)
        return found

    @cached_property
    def alone(self) -> dict[int, list[Thing]]:
        """The stand-alone products of each group: in no bundle, and not retired."""
        bundled = self.in_bundles
        found: dict[int, list[Thing]] = defaultdict(list)
        for thing in self.things.values():
            if not thing.is_bundle and not thing.is_retired and thing.pk not in bundled:
                found[thing.group].append(thing)
        return found


class _Part(NamedTuple):
    """Which rows are read."""

    products: QuerySet[Product]
    bundles: QuerySet[Bundle]
    items: QuerySet[BundleItem]


def _part_of(only: Bundle | Product | None) -> _Part:
    products, bundles, items = Product.objects.all(), Bundle.objects.all(), BundleItem.objects.all()
    if only is None:
        return _Part(products, bundles, items)
    if isinstance(only, Product):
        return _Part(products.filter(pk=only.pk), bundles.none(), items.none())
    return _Part(
        products.filter(bundles=only), bundles.filter(pk=only.pk), items.filter(bundle=only)
    )


def _order_of(shelves: list[Shelf]) -> Callable[[Thing], tuple[int, int, str, int]]:
    """As the shop orders: by group, then position. Databases take a fifth of a page to sort five
    thousand names by their own idea of the alphabet."""
    places = {shelf.pk: place for place, shelf in enumerate(shelves)}
    return lambda thing: (
        places.get(thing.group, len(places)),
        thing.position,
        thing.name,
        thing.pk,
    )


def _columns(rows: QuerySet[Sold], *more: str) -> Iterator[tuple[Any, ...]]:
    """What ``Thing`` wants from its key on, behind ``more``. The flags come as 0 and 1: Django would
    make booleans of SQLite's one by one."""
    found = rows.order_by().annotate(
        hidden=Cast("is_hidden", IntegerField()), retired=Cast("is_retired", IntegerField())
    )
    return iter(found.values_list(*more, *_COLUMNS))


def _products(rows: QuerySet[Product]) -> Iterator[Thing]:
    with_tenant = Product.Kind.HOSTED_PBX.value
    for seats, kind, *row in _columns(rows, "seats", "kind"):
        yield Thing._make((f"P-{row[0]}", kind, kind == with_tenant, seats, *row))
