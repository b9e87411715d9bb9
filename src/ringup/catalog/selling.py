"""From catalogue rows to prices: what is visible in the shop, and the items behind a quote."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Q, QuerySet, prefetch_related_objects

from ringup.carriers.models import CarrierAccount
from ringup.catalog.models import Bundle, Mapping, Price, Product, ProductGroup
from ringup.catalog.placing import choose
from ringup.catalog.pricing import Cycle, Item
from ringup.core.money import Money
from ringup.core.prepared import prefetched, prepared
from ringup.core.sentences import Refusal
from ringup.pbx.models import PbxServer

Sold = TypeVar("Sold", Bundle, Product)

# What can be ordered alone. Seats and add-ons are sold inside bundles; virtual-number plans wait
# for the number portal.
ALONE = (Product.Kind.NUMBER, Product.Kind.HOSTED_PBX)
_MAPPING = ("mapping__account__defaults", "mapping__server")
_ACCOUNTS = ("mapping__account", "group__mapping__account")
_MAPPINGS = (*_MAPPING, "group__mapping__account__defaults", "group__mapping__server")


def visible_bundles(currency: str) -> list[Bundle]:
    """Bundles on sale in the shop, in one currency: mapped to a carrier and a server that take
    orders, priced, in stock, not hidden or retired."""
    return _bundles(_shown(Bundle.objects.all()), currency)


def visible_products(currency: str) -> list[Product]:
    """Products that can be bought alone: numbers first, then hosted PBXes."""
    return _products(_shown(Product.objects.filter(kind__in=ALONE)), currency)


def visible(slug: str, currency: str) -> Product | Bundle | None:
    """What is on sale in the shop under this slug, read now."""
    products = [with_prices(product) for product in _shown_under(slug)]
    bundles = Bundle.objects.filter(slug=slug)
    found = _sellable(products, currency) or _bundles(_shown(bundles), currency)
    return found[0] if found else None


def orderable(currency: str) -> list[Product | Bundle]:
    """What staff can order for a client: as in the shop, and also what is hidden there or in a group
    for staff orders."""
    products = _products(_in_stock(Product.objects.filter(kind__in=ALONE)), currency)
    return [*products, *_bundles(_in_stock(Bundle.objects.all()), currency)]


def _bundles(rows: QuerySet[Bundle], currency: str) -> list[Bundle]:
    rows = rows.select_related("group", *_MAPPING)
    return _sellable(rows.prefetch_related("prices", "items__product__prices"), currency)


def _products(rows: QuerySet[Product], currency: str) -> list[Product]:
    rows = rows.select_related("group", *_MAPPINGS).prefetch_related("prices")
    return sorted(_sellable(rows, currency), key=lambda row: row.kind != Product.Kind.NUMBER)


@prepared
def _shown_under(slug: str) -> QuerySet[Product]:
    rows = _shown(Product.objects.filter(kind__in=ALONE, slug=slug))
    return rows.select_related("group", *_MAPPINGS)


def with_prices(product: Product) -> Product:
    """The product with its prices read."""
    prefetched(product, "prices", _prices_of(product.pk))
    return product


@prepared
def _prices_of(product: int) -> QuerySet[Price]:
    return Price.objects.filter(product=product)


def _in_stock(rows: QuerySet[Sold]) -> QuerySet[Sold]:
    return rows.filter(Q(stock__isnull=True) | Q(stock__gt=0), is_retired=False)


def _shown(rows: QuerySet[Sold]) -> QuerySet[Sold]:
    return _in_stock(rows).filter(
        is_hidden=False,
        group__is_hidden=False,
        group__cart=ProductGroup.Cart.WIZARD,
    )


def _sellable(rows: Iterable[Sold], currency: str) -> list[Sold]:
    servers = PbxServer.objects.filter(is_enabled=True)  # read once, and only for PBXes
    return [
        row
        for row in rows
        if is_valid(own_mapping(row), row, servers=servers)
        and is_complete(row)
        and cycles_of(row, currency)
    ]


def own_mapping(sold: Bundle | Product) -> Mapping | None:
    """The mapping that counts: its own row, else for a product that is bought alone its group's."""
    try:
        return sold.mapping
    except Mapping.DoesNotExist:
        pass
    if isinstance(sold, Bundle):
        return None
    try:
        return sold.group.mapping
    except Mapping.DoesNotExist:
        return None


def is_valid(
    mapping: Mapping | None, sold: Bundle | Product, *, servers: Iterable[PbxServer]
) -> bool:
    """Whether an order under this mapping could be carried out: the account takes orders, and for a
    hosted PBX one of ``servers`` (the enabled ones) has room for it."""
    if mapping is None or mapping.account is None or not mapping.account.takes_orders:
        return False
    if not needs_tenant(sold):
        return True
    seats = seats_of(sold)
    return choose(mapping.server, mapping.account, servers=servers, extensions=seats) is not None


def mapping_of(sold: Bundle | Product) -> Mapping:
    """The mapping of a thing on sale, read now, or a refusal: unmapped things cannot be ordered."""
    fresh = _read_again(sold)
    mapping = own_mapping(fresh)
    servers = PbxServer.objects.filter(is_enabled=True)
    is_sellable = is_valid(mapping, fresh, servers=servers) and is_complete(fresh)
    if mapping is None or fresh.is_retired or not is_sellable:
        raise Refusal(f"{sold.name} is not on sale right now. Nothing was ordered or charged.")
    return mapping


def _read_again(sold: Bundle | Product) -> Bundle | Product:
    if isinstance(sold, Product):
        # Of a plain number neither the server nor the provider's defaults matter.
        read = _product_for_pbx if needs_tenant(sold) else _plain_product
        return read(sold.pk)[0]
    found = Bundle.objects.select_related("group", *_MAPPING).get(pk=sold.pk)
    prefetch_related_objects([found], "items__product")
    return found


@prepared
def _plain_product(pk: int) -> QuerySet[Product]:
    return Product.objects.filter(pk=pk).select_related("group", *_ACCOUNTS)


@prepared
def _product_for_pbx(pk: int) -> QuerySet[Product]:
    return Product.objects.filter(pk=pk).select_related("group", *_MAPPINGS)


def is_complete(sold: Bundle | Product) -> bool:
    """Whether an order of it could be built: a bundle has products, a hosted PBX has seats."""
    if isinstance(sold, Bundle) and not sold.items.all():
        return False
    return not needs_tenant(sold) or seats_of(sold) > 0


def account_of(mapping: Mapping) -> CarrierAccount:
    """The account of a mapping that was found valid."""
    assert mapping.account is not None
    return mapping.account


def cycles_of(sold: Bundle | Product, currency: str) -> list[Cycle]:
    """The cycles in which it can be bought, monthly first. A thing that is only due once, or free,
    comes with a monthly number. Empty: it has no price in this currency."""
    recurring = [cycle for cycle in Cycle if cycle.months]
    found = [cycle for cycle in recurring if _items(sold, cycle, currency) is not None]
    only_once = [Cycle.MONTHLY] if _is_only_once(sold, currency) else []
    return only_once or found


def items_of(sold: Bundle | Product, *, cycle: Cycle, currency: str) -> list[Item]:
    """The items of a quote: a bundle at its own price is one item, else the sum of its products.
    Refuses where it has no price for this cycle and currency."""
    items = _items(sold, cycle, currency)
    if items is None:
        raise Refusal(
            f"{sold.name} is not sold {cycle.label.lower()} in {currency} any more. "
            "Nothing was ordered or charged. Choose another billing period."
        )
    return items


def _items(sold: Bundle | Product, cycle: Cycle, currency: str) -> list[Item] | None:
    own = item_of(sold, 1, cycle, currency)
    if own is not None:
        return [own]
    if isinstance(sold, Product) or sold.prices.all():
        return None
    parts = [item_of(item.product, item.quantity, cycle, currency) for item in sold.items.all()]
    found = [part for part in parts if part is not None]
    return found if parts and len(found) == len(parts) else None


def item_of(sold: Bundle | Product, quantity: int, cycle: Cycle, currency: str) -> Item | None:
    """Its price as an item: of this cycle, else one that is due once or never."""
    prices = {Cycle(row.cycle): row for row in sold.prices.all() if row.currency == currency}
    row = prices.get(cycle) or prices.get(Cycle.ONE_TIME) or prices.get(Cycle.FREE)
    if row is None:
        return None
    setup, recurring = _amounts(row)
    return Item(sold.name, quantity, setup, recurring, sold.tax_class)


def _amounts(row: Price) -> tuple[Money, Money]:
    """Once, and each cycle."""
    zero = Money.zero(row.currency)
    match Cycle(row.cycle):
        case Cycle.FREE:
            return zero, zero
        case Cycle.ONE_TIME:
            return row.setup + row.amount, zero
        case _:
            return row.setup, row.amount


def _is_only_once(sold: Bundle | Product, currency: str) -> bool:
    cycles = {Cycle(row.cycle) for row in sold.prices.all() if row.currency == currency}
    return bool(cycles) and not any(cycle.months for cycle in cycles)


def is_sold_alone(sold: Bundle | Product) -> bool:
    """Whether it is ordered by itself, not only inside a bundle."""
    return isinstance(sold, Bundle) or sold.kind in ALONE


def seats_of(sold: Bundle | Product) -> int:
    """How many extensions it brings; zero for a plain number."""
    if isinstance(sold, Product):
        return sold.seats
    return sum(item.quantity * item.product.seats for item in sold.items.all())


def needs_tenant(sold: Bundle | Product) -> bool:
    """Whether ordering it builds a PBX tenant."""
    if isinstance(sold, Product):
        return sold.kind == Product.Kind.HOSTED_PBX
    return any(item.product.kind == Product.Kind.HOSTED_PBX for item in sold.items.all())
