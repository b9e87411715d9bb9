"""A pasted list of people for a PBX's extensions, from a spreadsheet or a mail: whole, or not at all."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from ringup.core.form_fields import EmailAddress, PlainText
from ringup.services.seating import Person

MOST_LINES = 500
MOST_LETTERS = 100_000
LONGEST_NAME = 60
# In the order in which they count where a text has several: names hold commas more often than tabs.
SEPARATORS = "\t;,"
HEADINGS = frozenset(
    {"extension", "ext", "ext.", "number", "name", "full name", "email", "e-mail", "mail"}
)
NAME = PlainText(max_length=LONGEST_NAME, required=False)
EMAIL = EmailAddress(required=False)
QUOTED = re.compile(r'"[^"]*"')


class BadLineError(Exception):
    """Why a line cannot be taken, in words that follow "Line 3"."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be taken. ``number`` counts from 1, as an editor does."""

    number: int
    text: str
    problem: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """Who sits where, by the place of the extension from 0; and what cannot be taken."""

    people: dict[int, Person] = field(default_factory=dict)
    bad: list[BadLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    """``extension`` is empty where the line has none: then its place counts."""

    number: int
    text: str
    extension: str
    name: str
    email: str


def read(text: str, *, first: int, seats: int) -> Pasted:
    """Lines of "name,email" or "extension,name,email" for the ``seats`` extensions from ``first``.

    Comma, semicolon or tab separate; quotation marks hold what has one of them inside. A line of
    headings and empty lines are passed by.
    """
    found = Pasted()
    lines = [line for line in enumerate(_lines(text), start=1) if line[1].strip()]
    if len(lines) > MOST_LINES:
        number, line = lines[MOST_LINES]
        found.bad.append(BadLine(number, line[:80], f"is one more than {MOST_LINES}: paste fewer"))
        return found
    separator = _separator([line for _, line in lines])
    rows = list(_rows(lines, separator, found))
    with_extension = any(row.extension for row in rows)
    places = {str(first + place): place for place in range(seats)}
    seen: dict[int, int] = {}
    for position, row in enumerate(rows):
        try:
            place = _place(row, position, places, with_extension=with_extension)
            if place in seen:
                raise BadLineError(
                    f"names extension {row.extension} again, after line {seen[place]}"
                )
            found.people[place] = _person(row)
            seen[place] = row.number
        except BadLineError as problem:
            found.bad.append(BadLine(row.number, row.text[:80], str(problem)))
    found.bad.sort(key=lambda line: line.number)
    return found


def _lines(text: str) -> list[str]:
    return text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").splitlines()


def _separator(lines: list[str]) -> str:
    """What most lines have outside of quotation marks."""
    bare = [QUOTED.sub("", line) for line in lines]
    return max(SEPARATORS, key=lambda mark: sum(mark in line for line in bare))


def _rows(lines: list[tuple[int, str]], separator: str, found: Pasted) -> Iterator[_Row]:
    for position, (number, line) in enumerate(lines):
        try:
            cells = _cells(line, separator)
            if not cells or (position == 0 and {cell.lower() for cell in cells} <= HEADINGS):
                continue
            yield _row(number, line, cells)
        except BadLineError as problem:
            found.bad.append(BadLine(number, line[:80], str(problem)))


def _cells(line: str, separator: str) -> list[str]:
    """Without the empty ones at the end, which spreadsheets add."""
    reader = csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True)
    try:
        cells = [cell.strip() for cell in next(reader)]
    except csv.Error as error:
        raise BadLineError("has a quotation mark that is not closed") from error
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _row(number: int, line: str, cells: list[str]) -> _Row:
    has_extension = cells[0].isascii() and cells[0].isdigit()
    if len(cells) > 3:
        raise BadLineError("has more than an extension, a name and an e-mail address")
    if len(cells) == 3 and not has_extension:
        raise BadLineError(f"begins with {cells[0][:20] or 'nothing'}, which is no extension")
    extension, *rest = cells if has_extension else ["", *cells]
    name, email = [*rest, "", ""][:2]
    if not rest:
        raise BadLineError("has no name")
    if "@" in name:
        raise BadLineError("has an e-mail address where the name belongs")
    return _Row(number, line, extension, name, email)


def _place(row: _Row, position: int, places: dict[str, int], *, with_extension: bool) -> int:
    if with_extension and not row.extension:
        raise BadLineError("has no extension, but other lines have one")
    if not with_extension:
        if position >= len(places):
            raise BadLineError(f"is one too many: there are {len(places)} extensions")
        return position
    if row.extension not in places:
        first, last = next(iter(places)), next(reversed(places))
        raise BadLineError(f"is for {row.extension[:12]}, but yours are {first} to {last}")
    return places[row.extension]


def _person(row: _Row) -> Person:
    try:
        name = NAME.clean(row.name)
    except ValidationError as error:
        raise BadLineError(f"has a name that cannot be taken. {error.messages[0]}") from error
    try:
        return Person(name, EMAIL.clean(row.email) if row.email else "")
    except ValidationError as error:
        raise BadLineError(f"has no complete e-mail address: {row.email[:60]}") from error
