"""The stock of one area, replaced as a whole."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from ringup.carriers import port
from ringup.carriers.port import StockArea
from ringup.numbers.models import Stock
from ringup.numbers.packing import digits_of, pack
from ringup.numbers.sensible import sensible

log = logging.getLogger(__name__)

_KEY_LENGTH, _NAME_LENGTH = 80, 120


def storable(text: str) -> str:
    """``text`` without what a database refuses: null bytes, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def can_be_kept(area: StockArea) -> bool:
    """Whether the area has a key and a country that a row can have: a carrier may send nonsense."""
    is_plain = storable(area.key) == area.key and storable(area.country) == area.country
    return is_plain and 0 < len(area.key) <= _KEY_LENGTH and len(area.country) == 2


@dataclass(frozen=True, slots=True)
class Listed:
    """What a carrier listed in an area, packed: that takes time, and no transaction waits for it."""

    area: StockArea
    content: bytes
    numbers: int
    places: int

    @classmethod
    def of(cls, area: StockArea, stock: port.Stock) -> Listed:
        """Without the rows that make no sense. Raises ``ValueError`` for a number that is none, and
        when of many rows nothing is left."""
        stock = _sensible(area, stock)
        return cls(area, pack(stock), len(stock.numbers), len(stock.places))

    @property
    def is_empty(self) -> bool:
        return not self.numbers and not self.places


def _sensible(area: StockArea, stock: port.Stock) -> port.Stock:
    numbers = [offer for row in stock.numbers if (offer := sensible(row)) is not None]
    places = [place for row in stock.places if (place := sensible(row)) is not None]
    rows = len(stock.numbers) + len(stock.places)
    left_out = rows - len(numbers) - len(places)
    if left_out:
        for row in stock.numbers:
            digits_of(row.e164)
        if left_out == rows:
            raise ValueError(f"none of its {rows} rows makes sense")
        log.warning("%s: %d of %d rows make no sense and are left out", area.key, left_out, rows)
    return port.Stock(numbers, places)


def replace(account_id: int, listed: Listed, fetched: datetime) -> bool:
    """Make ``listed`` all that the account has on sale in its area, as of ``fetched``, in the caller's
    transaction. False, and nothing changes, when what is there is as new or newer."""
    area = listed.area
    place = {"name": storable(area.name)[:_NAME_LENGTH], "country": area.country}
    rows = Stock.objects.filter(account_id=account_id, area=area.key)
    older = rows.filter(fetched__lt=fetched)
    # Mostly nothing has changed: then PostgreSQL need not write the content again.
    if older.filter(content=listed.content, **place).update(fetched=fetched):
        return True
    columns = {
        **place,
        "content": listed.content,
        "numbers": listed.numbers,
        "places": listed.places,
        "fetched": fetched,
    }
    if older.update(**columns):
        return True
    if rows.exists():
        return False
    Stock.objects.create(account_id=account_id, area=area.key, **columns)
    return True
