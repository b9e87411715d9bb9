"""The stock of one area, replaced as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ringup.carriers import port
from ringup.carriers.port import StockArea
from ringup.numbers.models import Stock
from ringup.numbers.packing import pack

_NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Listed:
    """What a carrier listed in an area, packed: that takes time, and no transaction waits for it."""

    area: StockArea
    content: bytes
    numbers: int
    places: int

    @classmethod
    def of(cls, area: StockArea, stock: port.Stock) -> Listed:
        """Raises ``ValueError`` for a number that is none."""
        return cls(area, pack(stock), len(stock.numbers), len(stock.places))

    @property
    def is_empty(self) -> bool:
        return not self.numbers and not self.places


def replace(account_id: int, listed: Listed, fetched: datetime) -> bool:
    """Make ``listed`` all that the account has on sale in its area, as of ``fetched``, in the caller's
    transaction. False, and nothing changes, when what is there is as new or newer."""
    area = listed.area
    place = {"name": area.name[:_NAME_LENGTH], "country": area.country}
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
