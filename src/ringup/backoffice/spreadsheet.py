"""CSV for spreadsheets, and files to keep."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

CSV = "text/csv; charset=utf-8"
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """The cell with a leading apostrophe where a spreadsheet would run it as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def csv_lines(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """CSV lines behind a byte-order mark, which makes spreadsheets read them as UTF-8."""
    yield "\ufeff"
    for row in chain([head], rows):
        buffer = StringIO()
        csv.writer(buffer).writerow([harmless(cell) for cell in row])
        yield buffer.getvalue()


def csv_file(name: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> HttpResponse:
    """The table to keep, as ``ringup-<name>-<today>.csv``."""
    return download("".join(csv_lines(head, rows)), CSV, _dated(name))


def csv_stream(
    name: str, head: Iterable[str], rows: Iterable[Iterable[str]]
) -> StreamingHttpResponse:
    """The same, sent as it is made: for tables of any length."""
    return StreamingHttpResponse(
        csv_lines(head, rows), content_type=CSV, headers=_attached(_dated(name))
    )


def download(content: str | bytes, kind: str, file_name: str) -> HttpResponse:
    """A file to keep and not to show; ``kind`` is its content type."""
    return HttpResponse(content, content_type=kind, headers=_attached(file_name))


def _dated(name: str) -> str:
    return f"ringup-{name}-{timezone.localdate():%Y-%m-%d}.csv"


def _attached(file_name: str) -> dict[str, str]:
    # The name is ours: there are no quotes in it.
    return {"Content-Disposition": f'attachment; filename="{file_name}"'}
