"""Products, bundles and prices as lines for a CSV file that ``importing`` takes back."""

from __future__ import annotations

from collections.abc import Iterator

from ringup.catalog.amounts import plain
from ringup.catalog.csv.columns import COLUMNS, THING_COLUMNS, Sold, contents_text, text_of
from ringup.catalog.csv.reading import guarded
from ringup.catalog.models import Bundle, Price, Product
from ringup.catalog.pricing import Cycle

_CYCLES = [cycle.value for cycle in Cycle]


def catalogue_rows() -> Iterator[list[str]]:
    """One line for each product or bundle, cycle and currency; one without price where there is
    none. The columns are ``COLUMNS``."""
    products = Product.objects.select_related("group").prefetch_related("prices")
    bundles = Bundle.objects.select_related("group").prefetch_related("prices", "items__product")
    things: list[Sold] = [*products.order_by("pk"), *bundles.order_by("pk")]
    for sold in things:
        yield from _rows_of(sold)


def _rows_of(sold: Sold) -> Iterator[list[str]]:
    cells = {column: text_of(sold, column) for column in THING_COLUMNS}
    if isinstance(sold, Bundle):
        held = {item.product.slug: item.quantity for item in sold.items.all()}
        cells["contents"] = contents_text(held)
        cells["included_number"] = text_of(sold, "included_number")
    prices = sorted(sold.prices.all(), key=lambda row: (row.currency, _CYCLES.index(row.cycle)))
    for price in [_price_cells(price) for price in prices] or [{}]:
        row = cells | price
        yield [guarded(row.get(column, "")) for column in COLUMNS]


def _price_cells(price: Price) -> dict[str, str]:
    """The cells of one price."""
    return {
        "cycle": price.cycle,
        "currency": price.currency,
        "setup": plain(price.setup),
        "amount": plain(price.amount),
    }
