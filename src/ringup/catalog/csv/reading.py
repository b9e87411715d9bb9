"""A CSV file from somebody's spreadsheet: bytes to lines of named cells, or a sentence why not.

Guards against formulas (a leading apostrophe, see OWASP on CSV injection) are taken off, so that what
was exported comes back as it was.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from ringup.core.sentences import Refusal

MOST_BYTES = 2_000_000
MOST_LINES = 20_000
SEPARATORS = (",", ";", "\t")
NOTHING = "Nothing was changed."
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of data with its cells by column. ``number`` counts as editors do: the header is 1.
    ``fault`` says what is wrong with the line as a whole."""

    number: int
    cells: dict[str, str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that could be read. With ``has_decimal_commas``, ``79,00`` may be an amount."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    has_decimal_commas: bool


def guarded(cell: str) -> str:
    """The cell with one apostrophe more where reading would take one off."""
    return f"'{cell}" if _GUARDED.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell without the apostrophe that keeps spreadsheets from running it as a formula."""
    return cell[1:] if _GUARDED.match(cell) else cell


def read_sheet(data: bytes, known: Sequence[str], *, most_bytes: int = MOST_BYTES) -> Sheet:
    """The lines of a file whose header names some of the ``known`` columns, in any order. Refuses
    what is no such file."""
    text = _text_of(data, most_bytes)
    skipped = 0
    hint = _SEPARATOR_LINE.match(text)
    if hint is not None:
        text, skipped = text[hint.end() :], 1
    separator = max(SEPARATORS, key=lambda each: len(set(_header(text, each)) & set(known)))
    columns = _header(text, separator)
    _require_columns(columns, known)
    lines = tuple(_lines(text, separator, columns, skipped))
    if not lines:
        raise Refusal(f"The file has a header and no lines. {NOTHING}", field="file")
    return Sheet(tuple(columns), lines, has_decimal_commas=separator != ",")


def _text_of(data: bytes, most_bytes: int) -> str:
    if len(data) > most_bytes:
        raise Refusal(
            f"The file is larger than {most_bytes // 1_000_000} MB. {NOTHING} Split it, each part "
            "with the header.",
            field="file",
        )
    if not data.strip(b"\xef\xbb\xbf\r\n\t ,;"):
        raise Refusal(f"The file is empty. {NOTHING}", field="file")
    if data.startswith(b"PK\x03\x04"):
        raise Refusal(
            f"This is a workbook, not a CSV file. {NOTHING} Save it as “CSV UTF-8” and choose that.",
            field="file",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(
            f"The file is not text in UTF-8. {NOTHING} Save it as “CSV UTF-8” and choose it again.",
            field="file",
        ) from error
    if "\x00" in text:
        raise Refusal(f"This is not a CSV file. {NOTHING}", field="file")
    return text


def _header(text: str, separator: str) -> list[str]:
    """The names in the first line, small and with underscores; empty ones at its end are left out."""
    try:
        cells = next(_reader(text, separator), [])
    except csv.Error:
        return []
    names = [re.sub(r"[\s-]+", "_", unguarded(cell.strip()).lower()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _reader(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)


def _require_columns(columns: list[str], known: Sequence[str]) -> None:
    if not set(columns) & set(known):
        raise Refusal(
            f"The first line must name the columns, for example: {', '.join(known)}. {NOTHING}",
            field="file",
        )
    unknown = [f"“{name[:40]}”" for name in columns if name not in known]
    if unknown:
        raise Refusal(
            f"Nobody knows the column {', '.join(unknown[:5])}. {NOTHING} "
            f"The columns are: {', '.join(known)}.",
            field="file",
        )
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise Refusal(f"The column {', '.join(twice)} is there twice. {NOTHING}", field="file")


def _lines(text: str, separator: str, columns: list[str], skipped: int) -> Iterator[Line]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    begun, count = 0, 0
    try:
        for cells in reader:
            number, begun = begun + 1 + skipped, reader.line_num
            if number == 1 + skipped or not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count > MOST_LINES:
                raise Refusal(
                    f"The file has more than {MOST_LINES:,} lines. {NOTHING} Split it, each part "
                    "with the header.",
                    field="file",
                )
            yield _line(number, cells, columns)
    except csv.Error as error:
        raise Refusal(
            f"Behind line {begun + skipped} the quotes do not match or a cell is too long. "
            f"{NOTHING} Mend the file and choose it again.",
            field="file",
        ) from error


def _line(number: int, cells: list[str], columns: list[str]) -> Line:
    extra = [cell for cell in cells[len(columns) :] if cell.strip()]
    named = {name: unguarded(cell.strip()) for name, cell in zip(columns, cells, strict=False)}
    if extra or len(cells) < len(columns):
        fault = f"The line has {len(cells)} cells, the header {len(columns)}."
        return Line(number, named, fault)
    wild = [name for name, cell in named.items() if _CONTROL.search(cell)]
    if wild:
        return Line(number, named, f"There is a line break or a control character in {wild[0]}.")
    return Line(number, named)
