"""What a CSV of products and prices would change: read, compared line by line, and nothing written.

A file never deletes: a column that it leaves out, and a thing that it does not name, stay as they
are. ``writing`` carries out a plan without faults.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass

from ringup.catalog.csv.checks import check_things
from ringup.catalog.csv.columns import (
    BUNDLE,
    COLUMNS,
    KINDS,
    OF_THINGS,
    BadCell,
    Reading,
    Sold,
    parts_of,
    put,
    text_of,
)
from ringup.catalog.csv.prices import take_price
from ringup.catalog.csv.reading import Line, Sheet, read_sheet
from ringup.catalog.csv.rows import Held, Key, PriceTarget, Row, Target, key_of, read_catalogue
from ringup.catalog.models import Bundle, Product, ProductGroup
from ringup.core.money import Money
from ringup.core.sentences import Refusal


@dataclass
class ImportPlan:
    """What a file would change. ``mark`` changes with everything that is shown of it."""

    rows: list[Row]
    targets: dict[Key, Target]
    held: Held
    new_groups: list[ProductGroup]
    digest: str

    @property
    def broken(self) -> list[Row]:
        """The lines that keep the file from being imported."""
        return [row for row in self.rows if row.faults]

    @property
    def changed(self) -> list[Row]:
        """The lines that create or change something."""
        return [row for row in self.rows if row.action in ("create", "change")]

    @property
    def counts(self) -> dict[str, int]:
        """How many lines there are of each action."""
        actions = [row.action for row in self.rows]
        return {name: actions.count(name) for name in ("create", "change", "same", "broken")}

    @property
    def mark(self) -> str:
        shown = [[row.line, row.action, row.code, row.changes, row.faults] for row in self.rows]
        names = [group.name for group in self.new_groups]
        return hashlib.sha256(json.dumps([self.digest, names, shown]).encode()).hexdigest()


def plan_import(data: bytes, *, currency: str, is_ordered: Callable[[Product], bool]) -> ImportPlan:
    """Compare a file with the catalogue as it is now. ``currency`` is meant where the file has no
    column for it; a product that ``is_ordered`` keeps its kind. Refuses what is no such file; faults
    of single lines stand in the plan."""
    sheet = read_sheet(data, COLUMNS)
    if not {"id", "slug"} & set(sheet.columns):
        raise Refusal(
            "The file needs the column id or slug, to say what each line is about. "
            "Nothing was changed.",
            field="file",
        )
    held = read_catalogue()
    planner = _Planner(sheet, held, currency)
    rows = [planner.take(line) for line in sheet.lines]
    targets = planner.targets
    check_things(targets.values(), held, is_ordered=is_ordered)
    used = {id(target.sold.group) for target in targets.values() if text_of(target.sold, "group")}
    new = [group for group in planner.reading.new_groups.values() if id(group) in used]
    return ImportPlan(rows, targets, held, new, hashlib.sha256(data).hexdigest())


class _BadLine(BadCell):
    """A bad cell that leaves open what the whole line is about."""

    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column


class _Planner:
    """Takes line after line, and keeps what they add up to."""

    def __init__(self, sheet: Sheet, held: Held, currency: str) -> None:
        self.held, self.currency = held, currency
        self.reading = Reading(held.groups, has_decimal_commas=sheet.has_decimal_commas)
        self.targets: dict[Key, Target] = {}
        # Slugs of new things whose first line was broken: their other lines cannot be judged.
        self.refused: set[str] = set()

    def take(self, line: Line) -> Row:
        """Read one line into its target."""
        row = Row(line.number, line.cells.get("name", "") or line.cells.get("slug", ""))
        if line.fault:
            row.faults.append(("", line.fault))
            return row
        try:
            target = self._target(line, row)
        except _BadLine as error:
            row.faults.append((error.column, str(error)))
            return row
        row.code = target.sold.code if target.sold.pk else ""
        row.is_new = target.is_new
        self._take_thing(target, line, row)
        self._take_contents(target, line, row)
        held = self.held.prices.get(target.key, {})
        price = take_price(line, row, held, self.reading, self.currency)
        self._take_price(target, price, row)
        row.name = target.sold.name or row.name
        return row

    # -- which thing it is ------------------------------------------------------------------------

    def _target(self, line: Line, row: Row) -> Target:
        sold = self._existing(line)
        key: Key = key_of(sold) if sold is not None else ("new", line.cells["slug"])
        target = self.targets.get(key)
        if target is None:
            target = self.targets[key] = Target(key, sold or self._new(line), [])
        target.rows.append(row)
        return target

    def _existing(self, line: Line) -> Sold | None:
        code, slug = line.cells.get("id", ""), line.cells.get("slug", "")
        if code:
            found = self.held.by_code.get(code.lower())
            if found is None:
                sentence = f"There is no {code[:20]}. Leave the id empty to add something."
                raise _BadLine("id", sentence)
            return found
        if not slug:
            raise _BadLine("slug", "Give the id or the slug of what this line is about.")
        return self.held.by_slug.get(slug)

    def _new(self, line: Line) -> Sold:
        """An unsaved row of the kind that the line names."""
        slug, kind = line.cells["slug"], line.cells.get("kind", "").lower()
        if slug in self.refused:
            raise _BadLine("slug", f"An earlier line of {slug[:60]} is broken.")
        self.refused.add(slug)
        if kind not in KINDS:
            sentence = f"{slug[:60]} is new: say what it is. One of: {', '.join(KINDS)}."
            raise _BadLine("kind", sentence)
        for column in ("group", "name"):
            if not line.cells.get(column):
                raise _BadLine(column, f"{slug[:60]} is new and needs a {column}.")
        self.refused.remove(slug)
        if kind != BUNDLE:
            return Product()
        bundle = Bundle()
        bundle.included_number = Money.zero(self.currency)
        return bundle

    # -- what it is to be -------------------------------------------------------------------------

    def _take_thing(self, target: Target, line: Line, row: Row) -> None:
        is_first = row is target.first
        # What a later line says is only compared.
        sold = target.sold if is_first else copy(target.sold)
        if is_first and target.is_new and isinstance(sold, Bundle):
            row.changes.append(("kind", "", BUNDLE))
        for column in OF_THINGS:
            cell, old = line.cells.get(column), text_of(sold, column)
            if cell is None or cell == old:
                continue
            try:
                put(sold, column, cell, self.reading)
            except BadCell as error:
                row.faults.append((column, str(error)))
                continue
            new = text_of(sold, column)
            if old == new:
                continue
            if is_first:
                row.changes.append((column, "" if target.is_new else old, new))
            else:
                sentence = f"Line {target.first.line} says “{old[:60]}”. Write the same in both."
                row.faults.append((column, sentence))

    def _take_contents(self, target: Target, line: Line, row: Row) -> None:
        cell = line.cells.get("contents", "")
        if not cell:
            return
        if isinstance(target.sold, Product):
            row.faults.append(("contents", "Only a bundle holds products. Leave this empty."))
            return
        try:
            parts = parts_of(cell)
        except BadCell as error:
            row.faults.append(("contents", str(error)))
            return
        if target.parts is not None and target.parts != parts:
            sentence = "An earlier line of this bundle says something else."
            row.faults.append(("contents", sentence))
        target.parts = parts

    def _take_price(self, target: Target, price: PriceTarget | None, row: Row) -> None:
        if price is not None:
            twin = target.prices.setdefault(price.key, price)
            if twin is not price:
                row.faults.append(
                    ("cycle", f"Line {twin.line} has this cycle and currency already.")
                )
        elif row is not target.first and not row.faults:
            sentence = f"Line {target.first.line} is about the same, and this one adds no price."
            row.faults.append(("", sentence))
