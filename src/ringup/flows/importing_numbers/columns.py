"""The columns of an own-stock CSV: each as text from a row, and from text into a row."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ringup.carriers.models import CarrierAccount
from ringup.carriers.port import NumberType
from ringup.catalog.amounts import BadAmount, amount_of, plain
from ringup.catalog.csv.columns import BadCell
from ringup.core.money import Money
from ringup.core.phones import calling_code
from ringup.numbers.models import OwnStock
from ringup.numbers.origins import REGIONS, is_of, origin_of, region_of
from ringup.numbers.own_stock import VOICE

COLUMNS = (
    "number", "provider", "country", "region", "rate_centre", "type", "features", "monthly_cost",
    "currency", "note", "withdrawn",
)  # fmt: skip
# What is written in this order: the provider's currency is that of its cost.
OF_ROWS = tuple(column for column in COLUMNS if column not in ("number", "currency"))
FEATURES = ("voice", "sms", "mms", "fax", "emergency")
MOST_A_MONTH = 10_000
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}
_TYPES = {
    "tollfree": NumberType.TOLL_FREE,
    "freephone": NumberType.TOLL_FREE,
    "local": NumberType.GEOGRAPHIC,
} | {kind.value: kind for kind in NumberType}


@dataclass(frozen=True)
class Reading:
    """What cells are read against. ``accounts`` are by their names, folded; ``default`` is that of
    lines without one. With ``empties``, empty places empty what is there."""

    accounts: dict[str, CarrierAccount]
    has_decimal_commas: bool
    default: CarrierAccount | None = None
    empties: bool = False

    def account(self, cell: str) -> CarrierAccount:
        """The provider of a line, or the one that was chosen for lines without one."""
        found = self.accounts.get(cell.casefold()) if cell else self.default
        if found is not None:
            return found
        if cell:
            raise BadCell(f"There is no provider “{cell[:60]}”. Write its name as on its page.")
        raise BadCell("Write the provider's name, or choose one for all lines beside the file.")


# -- reading a row --------------------------------------------------------------------------------


def text_of(row: OwnStock, column: str) -> str:
    """The cell of any column."""
    return _TEXTS[column](row)


_TEXTS: dict[str, Callable[[OwnStock], str]] = {
    "number": lambda row: row.e164,
    "provider": lambda row: row.account.name,
    "country": lambda row: row.country,
    "region": lambda row: row.region,
    "rate_centre": lambda row: row.rate_centre,
    "type": lambda row: row.number_type,
    "features": lambda row: ";".join(row.features),
    "monthly_cost": lambda row: plain(row.cost_monthly),
    "currency": lambda row: str(row.cost_monthly.currency),
    "note": lambda row: row.note,
    "withdrawn": lambda row: "yes" if row.is_withdrawn else "no",
}


# -- writing a row --------------------------------------------------------------------------------


def put(row: OwnStock, column: str, cell: str, *, empties: bool = False) -> None:
    """Put one cell into the row, in memory: any of ``OF_ROWS`` but provider and cost. An empty note
    empties it, an empty place only with ``empties``; every other empty cell leaves what is there."""
    if column == "note":
        row.note = _short(cell, 200)
    elif cell:
        _PUTS[column](row, cell)
    elif empties and column == "region":
        row.region = row.region_name = ""
    elif empties and column == "rate_centre":
        row.rate_centre = ""


def put_cost(row: OwnStock, cell: str, currency: str, reading: Reading) -> None:
    """The monthly cost, in the currency in which the provider charges. Empty: what is there."""
    charged = row.account.currency
    if currency and currency.upper() != charged:
        raise BadCell(f"{row.account.name} charges in {charged}. Write what it costs in {charged}.")
    if not cell:
        return
    try:
        amount = amount_of(cell, most=MOST_A_MONTH, comma=reading.has_decimal_commas)
    except BadAmount as error:
        raise BadCell(str(error)) from error
    row.cost_monthly = Money.of(amount, charged)


def derive(row: OwnStock) -> None:
    """Fill in what a new row does not say, from its digits."""
    origin = origin_of(row.e164)
    row.country = row.country or origin.country
    row.number_type = row.number_type or origin.number_type.value
    row.features = row.features or sorted(VOICE)
    if row.country != origin.country or row.number_type == NumberType.NATIONAL.value:
        return
    if not row.region:
        row.region, row.region_name = origin.region, origin.region_name
    if not row.rate_centre and row.region == origin.region:
        row.rate_centre = origin.place[:60]


def check_place(row: OwnStock) -> None:
    """Whether number, country and type fit each other."""
    if not row.country:
        raise BadCell("This number belongs to no country, and cannot be sold by place.")
    origin = origin_of(row.e164)
    if row.country != origin.country and not is_of(row.e164, row.country):
        whose = f"is of {origin.country}" if origin.country else "belongs to no country"
        raise BadCell(f"The number {whose}, and the line says {row.country}.")


def check_type(row: OwnStock) -> None:
    """What is toll-free is so by its digits, and nothing else is."""
    free = NumberType.TOLL_FREE
    told = origin_of(row.e164).number_type
    if (row.number_type == free.value) != (told is free):
        raise BadCell(
            "By its digits this number is toll-free. Write toll-free, or leave it empty."
            if told is free
            else "By its digits this number is not toll-free. Write what it is, or leave it empty."
        )


def _short(cell: str, most: int) -> str:
    if len(cell) > most:
        raise BadCell(f"Write at most {most} characters; these are {len(cell)}.")
    return cell


def _put_country(row: OwnStock, cell: str) -> None:
    row.country = country_of(cell)


def country_of(cell: str) -> str:
    """``CA`` from a cell; empty from an empty one."""
    code = cell.strip().upper()
    if code and (len(code) != 2 or not calling_code(code)):
        raise BadCell(f"“{cell[:40]}” is no country. Write two letters, for example CA.")
    return code


def _put_region(row: OwnStock, cell: str) -> None:
    """Its country is put before it, or told by the digits."""
    country = row.country or origin_of(row.e164).country
    if country not in REGIONS:
        row.region = _short(cell, 10)
        row.region_name = row.region
        return
    code, name = region_of(country, cell)
    if not code:
        raise BadCell(
            f"“{cell[:40]}” is no state or province of {country}. Write it as two letters."
        )
    row.region, row.region_name = code, name


def _put_rate_centre(row: OwnStock, cell: str) -> None:
    row.rate_centre = _short(cell, 60)


def _put_type(row: OwnStock, cell: str) -> None:
    kind = _TYPES.get(re.sub(r"[\s_]+", "-", cell.lower()))
    if kind is None:
        raise BadCell(f"Write one of: {', '.join(NumberType)}.")
    row.number_type = kind.value


def _put_features(row: OwnStock, cell: str) -> None:
    named = [part.strip().lower() for part in re.split(r"[;,|/+]|\s", cell) if part.strip()]
    unknown = [part for part in named if part not in FEATURES]
    if unknown:
        raise BadCell(
            f"“{unknown[0][:40]}” is no feature. The features are: {', '.join(FEATURES)}."
        )
    row.features = sorted(set(named)) or sorted(VOICE)


def _put_withdrawn(row: OwnStock, cell: str) -> None:
    if cell.lower() not in _YES:
        raise BadCell("Write yes or no.")
    row.is_withdrawn = _YES[cell.lower()]


_PUTS: dict[str, Callable[[OwnStock, str], None]] = {
    "country": _put_country,
    "region": _put_region,
    "rate_centre": _put_rate_centre,
    "type": _put_type,
    "features": _put_features,
    "withdrawn": _put_withdrawn,
}
