"""Pages of a long list that begin behind a row, not behind so many rows: page 4,000 costs what the first
does, and what is added meanwhile moves nothing to another page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 25
LARGEST_KEY = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind (``before``: older, further down) or in front of a row's number.
    Zero for the first page."""

    before: int = 0
    after: int = 0

    @classmethod
    def of(cls, query: Any) -> Place:
        """From an address; nonsense leads to the first page."""
        return cls(_key(query.get("before", "")), _key(query.get("after", "")))

    @property
    def is_first(self) -> bool:
        return not (self.before or self.after)


def _key(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return min(int(text), LARGEST_KEY) if is_number else 0


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[Row]):
    """Some rows, and the numbers of the rows from which the neighbours begin; 0 where there is none."""

    rows: Sequence[Row]
    after: int
    before: int


def page_of(
    rows: QuerySet[Row, Any],
    place: Place,
    *,
    by: str,
    is_rising: bool = False,
    size: int = PAGE_SIZE,
) -> KeysetPage[Row]:
    """One page by ``by`` and then by number, the greatest first unless ``is_rising``. ``rows`` should
    have an index on both. A row that is gone leads to the first page."""
    anchor = _anchor(rows, place, by)
    if anchor is None:
        return first_page(list(_sorted(rows, by, is_rising)[: size + 1]), size=size)
    upwards = bool(place.after)
    beyond = _sorted(
        rows.filter(_beyond(anchor, by, is_rising != upwards)), by, is_rising != upwards
    )
    found = list(beyond[: size + 1])
    if upwards:
        return _page(found[:size][::-1], is_first=len(found) <= size, is_last=False)
    return _page(found[:size], is_first=False, is_last=len(found) <= size)


def first_page(found: list[Row], *, size: int = PAGE_SIZE) -> KeysetPage[Row]:
    """Of the first rows, one more than the page shows, where there are so many."""
    return _page(found[:size], is_first=True, is_last=len(found) <= size)


def _page(rows: list[Row], *, is_first: bool, is_last: bool) -> KeysetPage[Row]:
    if not rows:
        return KeysetPage([], 0, 0)
    return KeysetPage(rows, 0 if is_first else rows[0].pk, 0 if is_last else rows[-1].pk)


def _anchor(rows: QuerySet[Row, Any], place: Place, by: str) -> tuple[Any, int] | None:
    key = place.after or place.before
    if not key:
        return None
    found = rows.model._default_manager.filter(pk=key).values_list(by, flat=True).first()
    return None if found is None else (found, key)


def _beyond(anchor: tuple[Any, int], by: str, is_rising: bool) -> Q:
    """Said so that a database begins to read at the row: one bound on the first column alone."""
    value, key = anchor
    than = "gt" if is_rising else "lt"
    tied = Q(**{f"{by}__{than}": value}) | Q(**{f"pk__{than}": key})
    return Q(**{f"{by}__{than}e": value}) & tied


def _sorted(rows: QuerySet[Row, Any], by: str, is_rising: bool) -> QuerySet[Row, Any]:
    return rows.order_by(by, "pk") if is_rising else rows.order_by(f"-{by}", "-pk")
