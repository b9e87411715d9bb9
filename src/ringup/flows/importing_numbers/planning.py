"""What an own-stock CSV would do: read, compared line by line, and nothing written.

A broken line changes nothing, and nothing of the others. A column that the file leaves out, and a
number that it does not name, stay as they are, unless the whole shelf was asked for: then what the
file's providers have on the shelf and the file does not name is withdrawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass

from ringup.carriers.models import CarrierAccount
from ringup.catalog.csv.columns import BadCell
from ringup.catalog.csv.reading import Line, read_sheet
from ringup.core.sentences import Refusal
from ringup.flows.importing_numbers.columns import (
    COLUMNS,
    OF_ROWS,
    Reading,
    check_place,
    check_type,
    country_of,
    derive,
    put,
    put_cost,
    text_of,
)
from ringup.flows.importing_numbers.knowing import (
    Known,
    ask_carriers,
    by_name,
    known_about,
    look_at_stock,
)
from ringup.flows.importing_numbers.row import ImportPlan, Looked, Row
from ringup.numbers.models import OwnStock
from ringup.numbers.origins import NotInService, valid_e164

MOST_BYTES = 4_000_000
# What may be put cell by cell; the provider comes first, and its cost when it is known.
_CELLS = tuple(column for column in OF_ROWS if column not in ("provider", "monthly_cost"))
# The columns of a row that writing compares and stores.
STORED = (
    "account_id", "country", "region", "region_name", "rate_centre", "number_type", "features",
    "cost_monthly_micros", "cost_monthly_currency", "note", "is_withdrawn",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """``default`` is the provider of lines that name none. ``asks_carriers`` has every number looked
    for in its provider's inventory. ``is_whole`` says that the file is the whole shelf."""

    default: CarrierAccount | None = None
    asks_carriers: bool = False
    is_whole: bool = False


@dataclass
class _Read:
    """A line with its number and its provider; empty where they could not be read."""

    line: Line
    row: Row
    e164: str = ""
    account: CarrierAccount | None = None


def plan_import(data: bytes, options: Options) -> ImportPlan:
    """Compare a file with the shelf as it is now. Refuses what is no such file, and when a carrier
    that is to be asked does not answer; faults of single lines stand in the plan."""
    sheet = read_sheet(data, COLUMNS, most_bytes=MOST_BYTES)
    if "number" not in sheet.columns:
        raise Refusal("The file needs the column number. Nothing was changed.", field="file")
    digest = hashlib.sha256(data).hexdigest()
    return plan_lines(
        sheet.lines, options, has_decimal_commas=sheet.has_decimal_commas, digest=digest
    )


def plan_lines(
    lines: Sequence[Line],
    options: Options,
    *,
    has_decimal_commas: bool,
    empties: bool = False,
    digest: str = "",
) -> ImportPlan:
    """The same for lines that were read already. With ``empties`` an empty region or rate centre
    empties what is there."""
    accounts = list(CarrierAccount.objects.all())
    reading = Reading(by_name(accounts), has_decimal_commas, options.default, empties)
    read = [_identified(line) for line in lines]
    known = known_about({each.e164 for each in read if each.e164}, accounts)
    for each in read:
        _take_account(each, reading, known)
    numbers = _by_account(read)
    if options.asks_carriers:
        ask_carriers(known, numbers)
    look_at_stock(
        known, {a: [n for n in some if n not in known.shelf] for a, some in numbers.items()}
    )
    first_lines: dict[str, int] = {}
    for each in read:
        first = first_lines.setdefault(each.e164, each.line.number)
        _compare(each, first, reading, known)
    plan = ImportPlan([each.row for each in read], digest)
    plan.looked = list(_looked(numbers, known))
    if options.is_whole:
        _add_absent(plan, read)
    return plan


# -- which number it is about ---------------------------------------------------------------------


def _identified(line: Line) -> _Read:
    """A line with its number."""
    typed = line.cells.get("number", "")
    each = _Read(line, Row(line.number, typed[:40]))
    if line.fault:
        each.row.faults.append(("", line.fault))
        return each
    try:
        each.e164 = valid_e164(typed, country=country_of(line.cells.get("country", "")))
        each.row.name = each.e164
    except BadCell as error:
        each.row.faults.append(("country", str(error)))
    except NotInService as error:
        each.row.faults.append(("number", str(error)))
    return each


def _take_account(each: _Read, reading: Reading, known: Known) -> None:
    """The provider that the line names; else that of the number on the shelf; else the chosen one."""
    cell, held = each.line.cells.get("provider", ""), known.shelf.get(each.e164)
    if held is not None and cell.casefold() in ("", held.account.name.casefold()):
        each.account = held.account
        return
    try:
        each.account = reading.account(cell)
    except BadCell as error:
        each.row.faults.append(("provider", str(error)))


def _by_account(read: list[_Read]) -> dict[CarrierAccount, list[str]]:
    """The numbers of the file by provider, each once."""
    found: dict[CarrierAccount, dict[str, None]] = {}
    for each in read:
        if each.e164 and each.account is not None:
            found.setdefault(each.account, {})[each.e164] = None
    return {account: list(e164s) for account, e164s in found.items()}


# -- what it is to be -----------------------------------------------------------------------------


def _compare(each: _Read, first: int, reading: Reading, known: Known) -> None:
    """What the line would do, into its row."""
    row = each.row
    if not each.e164 or each.account is None:
        return
    if first != each.line.number:
        row.faults.append(("number", f"Line {first} has this number already."))
        return
    held = known.shelf.get(each.e164)
    row.stock = stock = OwnStock(e164=each.e164) if held is None else copy(held)
    row.stamp = () if held is None else stamp_of(held)
    stock.account = each.account
    row.faults += _put_cells(stock, each.line, reading)
    if held is None:
        derive(stock)
        _cost_from_carrier(stock, known)
    row.faults += _faults_of(stock, held, known)
    if row.faults:
        return
    for column in OF_ROWS:
        old, new = text_of(held, column) if held else "", text_of(stock, column)
        if old != new and (held is not None or (column, new) != ("withdrawn", "no")):
            row.changes.append((column, old, new))
    if holder := known.holders.get(each.e164):
        row.remarks.append(f"{holder.client} has it now. It stays so.")


def _put_cells(stock: OwnStock, line: Line, reading: Reading) -> Iterator[tuple[str, str]]:
    """Put the cells into the row; gives what is wrong with them."""
    for column in _CELLS:
        if column in line.cells:
            try:
                put(stock, column, line.cells[column], empties=reading.empties)
            except BadCell as error:
                yield column, str(error)
    try:
        cost, currency = line.cells.get("monthly_cost", ""), line.cells.get("currency", "")
        put_cost(stock, cost, currency, reading)
    except BadCell as error:
        yield "monthly_cost", str(error)


def _cost_from_carrier(stock: OwnStock, known: Known) -> None:
    """Where the line has no cost, what the carrier's inventory says, if it was asked."""
    found = known.inventories.get(stock.account.pk, {}).get(stock.e164)
    if stock.cost_monthly is None and found is not None and found.monthly is not None:
        stock.cost_monthly = found.monthly


def _faults_of(stock: OwnStock, held: OwnStock | None, known: Known) -> Iterator[tuple[str, str]]:
    """The rules that no cell shows alone."""
    if held is None or (held.country, held.number_type) != (stock.country, stock.number_type):
        yield from _faults_of_origin(stock)
    account, holder = stock.account, known.holders.get(stock.e164)
    if stock.cost_monthly is None:
        yield "monthly_cost", "Write what it costs you a month; 0 if nothing."
    elif stock.cost_monthly.currency != account.currency:
        yield "monthly_cost", f"Write what it costs a month in {account.currency}."
    if held is None and holder is not None:
        yield "number", f"{holder.client} has it already, or ordered it."
    elif held is not None and holder is not None and held.account_id != account.pk:
        yield "provider", f"{holder.client} has it from {held.account.name}: it stays there."
    if held is None and known.is_sold_by(account, stock.e164):
        yield (
            "number",
            f"{account.name} sells this number, so it is not yours. If you have bought it since, "
            "tick that the provider is to be asked.",
        )
    inventory = known.inventories.get(account.pk)
    if inventory is not None and stock.e164 not in inventory and not stock.is_withdrawn:
        yield "provider", f"{account.name} does not hold this number: nobody could use it."


def _faults_of_origin(stock: OwnStock) -> Iterator[tuple[str, str]]:
    """What the digits say against the line."""
    for column, check in (("country", check_place), ("type", check_type)):
        try:
            check(stock)
        except BadCell as error:
            yield column, str(error)


def stamp_of(stock: OwnStock) -> tuple[object, ...]:
    """Everything of a stored row that an import compares or writes, as values."""
    return tuple(getattr(stock, name) for name in STORED)


# -- of the whole file ----------------------------------------------------------------------------


def _looked(numbers: dict[CarrierAccount, list[str]], known: Known) -> Iterator[Looked]:
    for account, e164s in numbers.items():
        inventory = known.inventories.get(account.pk)
        if inventory is not None:
            missing = sum(e164 not in inventory for e164 in e164s)
            yield Looked(account, len(e164s), missing)


def _add_absent(plan: ImportPlan, read: list[_Read]) -> None:
    """Withdraw what the file's providers have on the shelf and the file does not name."""
    unread = [each.line.number for each in read if not each.e164 or each.account is None]
    if unread:
        plan.kept = (
            f"Nothing is withdrawn for being absent: which number line {unread[0]} means cannot "
            "be read."
        )
        return
    named = {each.e164 for each in read}
    accounts = {each.account for each in read if each.account is not None}
    rows = OwnStock.objects.select_related("account").filter(
        account__in=accounts, is_withdrawn=False
    )
    for held in rows.order_by("e164"):
        if held.e164 not in named:
            stock = copy(held)
            stock.is_withdrawn = True
            row = Row(0, held.e164, stock, stamp_of(held), [("withdrawn", "no", "yes")])
            plan.rows.append(row)
