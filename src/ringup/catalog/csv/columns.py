"""The columns of the CSV of products and prices: how each is read from a row, and put into one.

What is written by ``text_of`` is taken by ``put`` again, so a file that comes back unchanged changes
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ringup.catalog.amounts import BadAmount, amount_of, plain
from ringup.catalog.currencies import is_currency
from ringup.catalog.models import Bundle, Product, ProductGroup
from ringup.core.money import Money

Sold = Product | Bundle

BUNDLE = "bundle"
KINDS = (*Product.Kind.values, BUNDLE)
# Of the thing itself, in the order of the file. ``id`` says which one it is, and is never changed.
THING_COLUMNS = (
    "id", "kind", "group", "name", "slug", "description", "tax_class", "seats", "stock", "hidden",
    "retired",
)  # fmt: skip
PRICE_COLUMNS = ("cycle", "currency", "setup", "amount")
BUNDLE_COLUMNS = ("contents", "included_number")
# What one cell says of the thing itself; ``contents`` needs the other lines as well.
OF_THINGS = (*THING_COLUMNS[1:], "included_number")
COLUMNS = (*THING_COLUMNS, *PRICE_COLUMNS, *BUNDLE_COLUMNS)

MOST_SEATS = 5_000
MOST_STOCK = 1_000_000
_WHOLE = re.compile(r"[0-9]{1,9}")
_SLUG = re.compile(r"[A-Za-z0-9_-]{1,60}")
_TAX_CLASS = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_PART = re.compile(r"([A-Za-z0-9_-]{1,60})(?:\s*:\s*([0-9]{1,5}))?")


class BadCell(ValueError):
    """This cell cannot be taken. The message is a sentence that says what to write."""


@dataclass
class Reading:
    """What cells are read against. ``groups`` are by name, and by it however it is written; a group
    that does not exist yet is made, not saved, and remembered in ``new_groups``."""

    groups: dict[str, ProductGroup]
    has_decimal_commas: bool = False
    new_groups: dict[str, ProductGroup] = field(default_factory=dict)

    def group(self, name: str) -> ProductGroup:
        """The group of this name."""
        key = name.casefold()
        found = self.groups.get(name) or self.groups.get(key) or self.new_groups.get(key)
        if found is None:
            places = [
                group.position for group in (*self.groups.values(), *self.new_groups.values())
            ]
            place = max(places, default=-1) + 1
            found = self.new_groups[key] = ProductGroup(name=name, position=place)
        return found

    def amount(self, cell: str, currency: str) -> Money:
        """An amount, with a decimal comma where the file has them."""
        try:
            return Money.of(amount_of(cell, comma=self.has_decimal_commas), currency)
        except BadAmount as error:
            raise BadCell(str(error)) from error


# -- reading a row --------------------------------------------------------------------------------


def text_of(sold: Sold, column: str) -> str:
    """The cell of ``id`` or one of ``OF_THINGS``. A new thing may have no group yet."""
    return _TEXTS[column](sold)


def contents_text(quantities: dict[str, int]) -> str:
    """``hosted-pbx:1;seat:10``, from quantities by slug."""
    return ";".join(f"{slug}:{quantity}" for slug, quantity in sorted(quantities.items()))


def kind_of(sold: Sold) -> str:
    """``number`` … or ``bundle``."""
    return BUNDLE if isinstance(sold, Bundle) else sold.kind


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _included(sold: Sold) -> str:
    if isinstance(sold, Product):
        return ""
    return f"{plain(sold.included_number)} {sold.included_number.currency}"


_TEXTS: dict[str, Callable[[Sold], str]] = {
    "id": lambda sold: sold.code if sold.pk else "",
    "kind": kind_of,
    "group": lambda sold: sold.group.name if hasattr(sold, "group") else "",
    "name": lambda sold: sold.name,
    "slug": lambda sold: sold.slug,
    "description": lambda sold: sold.description,
    "tax_class": lambda sold: sold.tax_class,
    "seats": lambda sold: "" if isinstance(sold, Bundle) else str(sold.seats),
    "stock": lambda sold: "" if sold.stock is None else str(sold.stock),
    "hidden": lambda sold: _yes(sold.is_hidden),
    "retired": lambda sold: _yes(sold.is_retired),
    "included_number": _included,
}


# -- writing a row --------------------------------------------------------------------------------


def put(sold: Sold, column: str, cell: str, reading: Reading) -> None:
    """Put one cell into the row, in memory. An empty one empties description and stock, and leaves
    everything else as it is."""
    if column == "description":
        sold.description = _short(cell, 250)
    elif column == "stock":
        sold.stock = _whole(cell, MOST_STOCK) if cell else None
    elif cell:
        _PUTS[column](sold, cell, reading)


def _short(cell: str, most: int) -> str:
    if len(cell) > most:
        raise BadCell(f"Write at most {most} characters; these are {len(cell)}.")
    return cell


def _whole(cell: str, most: int) -> int:
    if not _WHOLE.fullmatch(cell) or int(cell) > most:
        raise BadCell(f"Write a whole number from 0 to {most}.")
    return int(cell)


def _bool(cell: str) -> bool:
    if cell.lower() not in _YES:
        raise BadCell("Write yes or no.")
    return _YES[cell.lower()]


def _put_kind(sold: Sold, cell: str, reading: Reading) -> None:
    kind = cell.lower()
    if kind not in KINDS:
        raise BadCell(f"Write one of: {', '.join(KINDS)}.")
    if isinstance(sold, Bundle) != (kind == BUNDLE):
        what = "a bundle" if isinstance(sold, Bundle) else "a product"
        raise BadCell(f"{sold.name or sold.slug} is {what}, and stays one.")
    if isinstance(sold, Product):
        sold.kind = kind


def _put_group(sold: Sold, cell: str, reading: Reading) -> None:
    sold.group = reading.group(_short(cell, 80))


def _put_name(sold: Sold, cell: str, reading: Reading) -> None:
    sold.name = _short(cell, 80)


def _put_slug(sold: Sold, cell: str, reading: Reading) -> None:
    if not _SLUG.fullmatch(cell):
        raise BadCell("Write up to 60 of the letters a to z, digits, - and _.")
    sold.slug = cell


def _put_tax_class(sold: Sold, cell: str, reading: Reading) -> None:
    if not _TAX_CLASS.fullmatch(cell.lower()):
        raise BadCell("Write small letters, digits and hyphens, for example telecom.")
    sold.tax_class = cell.lower()


def _put_seats(sold: Sold, cell: str, reading: Reading) -> None:
    if isinstance(sold, Bundle):
        raise BadCell("A bundle has the seats of its products. Leave this empty.")
    sold.seats = _whole(cell, MOST_SEATS)


def _put_hidden(sold: Sold, cell: str, reading: Reading) -> None:
    sold.is_hidden = _bool(cell)


def _put_retired(sold: Sold, cell: str, reading: Reading) -> None:
    retired = _bool(cell)
    if sold.pk and sold.is_retired and not retired:
        raise BadCell(f"{sold.code} is retired. Bring it back on its page first.")
    sold.is_retired = retired


def _put_included(sold: Sold, cell: str, reading: Reading) -> None:
    if isinstance(sold, Product):
        raise BadCell("Only a bundle includes a number price. Leave this empty.")
    amount, _, currency = cell.partition(" ")
    currency = currency.strip().upper() or sold.included_number.currency
    if not is_currency(currency):
        raise BadCell("Write an amount and its currency, for example 2.50 USD.")
    sold.included_number = reading.amount(amount, currency)


_PUTS: dict[str, Callable[[Sold, str, Reading], None]] = {
    "kind": _put_kind,
    "group": _put_group,
    "name": _put_name,
    "slug": _put_slug,
    "tax_class": _put_tax_class,
    "seats": _put_seats,
    "hidden": _put_hidden,
    "retired": _put_retired,
    "included_number": _put_included,
}


def parts_of(cell: str) -> dict[str, int]:
    """Quantities by slug, from ``hosted-pbx:1;seat:10``. Without a quantity it is one."""
    quantities: dict[str, int] = {}
    for part in filter(None, (piece.strip() for piece in re.split(r"[;|]", cell))):
        found = _PART.fullmatch(part)
        quantity = int(found[2] or 1) if found else 0
        if found is None or not 1 <= quantity <= MOST_SEATS:
            raise BadCell(f"“{part[:70]}” is no slug:quantity. Write for example seat:10.")
        if found[1] in quantities:
            raise BadCell(f"{found[1]} stands there twice. Write it once, with the sum.")
        quantities[found[1]] = quantity
    return quantities
