"""The price in one line of a file: ``cycle``, ``currency``, ``setup``, ``amount``."""

from __future__ import annotations

from ringup.catalog.amounts import plain
from ringup.catalog.csv.columns import BadCell, Reading
from ringup.catalog.csv.reading import Line
from ringup.catalog.csv.rows import PriceKey, PriceTarget, Row
from ringup.catalog.currencies import is_currency
from ringup.catalog.pricing import Cycle
from ringup.core.money import Money

_CYCLES = ", ".join(cycle.value for cycle in Cycle)


def take_price(
    line: Line, row: Row, held: dict[PriceKey, PriceTarget], reading: Reading, currency: str
) -> PriceTarget | None:
    """The price that the line names; faults and changes go into ``row``. None: it names none, or a
    broken one. An empty amount leaves a price that is there as it is. ``currency`` is meant where
    the file has no such column."""
    if not line.cells.get("cycle"):
        if line.cells.get("setup") or line.cells.get("amount"):
            row.faults.append(("cycle", f"Say how often it is due. One of: {_CYCLES}."))
        return None
    try:
        cycle = _cycle(line.cells["cycle"])
        currency = _currency(line, currency)
    except _Fault as fault:
        row.faults.append((fault.column, str(fault)))
        return None
    now = held.get((cycle.value, currency))
    zero = Money.zero(currency)
    least = now or PriceTarget(cycle, zero, zero)
    setup = _amount(line, "setup", row, reading, least.setup)
    amount = _amount(line, "amount", row, reading, least.amount)
    if now is None and cycle is not Cycle.FREE and not line.cells.get("amount"):
        row.faults.append(("amount", "This price is new and needs an amount; 0 is one."))
        return None
    if setup is None or amount is None:
        return None
    if cycle is Cycle.FREE and (setup or amount):
        row.faults.append(("amount", "Free has no amounts. Leave both empty, or change the cycle."))
        return None
    price = PriceTarget(cycle, setup, amount, now.pk if now else None, row.line)
    _compare(price, now, row)
    return price


class _Fault(BadCell):
    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column


def _cycle(cell: str) -> Cycle:
    try:
        return Cycle(cell.lower().replace(" ", "-").replace("_", "-"))
    except ValueError as error:
        raise _Fault("cycle", f"Nobody knows this cycle. Write one of: {_CYCLES}.") from error


def _currency(line: Line, otherwise: str) -> str:
    currency = line.cells.get("currency", otherwise).upper()
    if not is_currency(currency):
        raise _Fault("currency", "Write the three letters of a currency, for example EUR.")
    return currency


def _amount(line: Line, column: str, row: Row, reading: Reading, now: Money) -> Money | None:
    """The amount in a cell; ``now`` where it is empty. None after a fault."""
    cell = line.cells.get(column, "")
    try:
        return reading.amount(cell, now.currency) if cell else now
    except BadCell as error:
        row.faults.append((column, str(error)))
        return None


def _compare(price: PriceTarget, now: PriceTarget | None, row: Row) -> None:
    """Say in ``row`` what the price changes."""
    label = f"{price.cycle.value} {price.amount.currency}"
    if now is None or now.amount != price.amount:
        old = plain(now.amount) if now else ""
        row.changes.append((f"amount {label}", old, plain(price.amount)))
    if (now.setup if now else Money.zero(price.setup.currency)) != price.setup:
        old = plain(now.setup) if now else ""
        row.changes.append((f"setup {label}", old, plain(price.setup)))
    price.is_changed = now is None or (now.setup, now.amount) != (price.setup, price.amount)
