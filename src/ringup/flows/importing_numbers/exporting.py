"""The shelf as lines for a CSV file that ``planning`` takes back."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from ringup.catalog.csv.reading import guarded
from ringup.flows.importing_numbers.columns import COLUMNS, text_of
from ringup.numbers.models import OwnStock

PORTION = 2000


def shelf_rows(rows: QuerySet[OwnStock]) -> Iterator[list[str]]:
    """One line for each number. The columns are ``COLUMNS``."""
    for row in rows.select_related("account").iterator(chunk_size=PORTION):
        yield [guarded(text_of(row, column)) for column in COLUMNS]
