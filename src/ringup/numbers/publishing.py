"""From the stock in the database to the index file of this host.

The file names the stock that it was compiled from by a *fingerprint*. It may be deleted at any time.
"""

from __future__ import annotations

import fcntl
import json
import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone

from ringup.carriers import port
from ringup.carriers.models import CarrierAccount
from ringup.numbers import own_stock
from ringup.numbers.current import Stamp, stamp_of
from ringup.numbers.index import columns
from ringup.numbers.index.compiling import Area, compile_index
from ringup.numbers.models import OwnStock, Stock
from ringup.numbers.packing import digits_of, pack, unpack

log = logging.getLogger(__name__)

# Contents that are read from the database at once.
_PORTION = 50
_ROWS = 2000
# Transactions that began first may end last: a row of the shelf that is written so much later than
# its date says is still noticed.
_LATE = timedelta(seconds=60)


def index_file() -> Path:
    return Path(settings.RINGUP_INDEX_FILE)


# -- what is there to publish -----------------------------------------------------------------------


def fingerprint() -> str:
    """Names all that the index is made of. Another text means that something has changed; three
    queries, answered from indexes of the database alone.

    A passer of stock moves the newest ``fetched`` of its account with each area, and ``changed`` of
    the shelf moves also when somebody buys or gives back a number of it.
    """
    accounts = _accounts_in_use()
    stock = (
        Stock.objects.filter(account__in=accounts)
        .values_list("account_id")
        .annotate(areas=Count("*"), newest=Max("fetched"))
        .order_by("account_id")
    )
    return json.dumps([accounts, list(stock), _shelf()], separators=(",", ":"), default=str)


def _accounts_in_use() -> list[int]:
    """Those that take orders: what others have is not on sale."""
    rows = CarrierAccount.objects.filter(is_enabled=True, is_retired=False)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _shelf() -> tuple[int, datetime | None, int]:
    found = OwnStock.objects.aggregate(count=Count("*"), newest=Max("changed"))
    newest = found["newest"]
    lately = OwnStock.objects.filter(changed__gte=newest - _LATE).count() if newest else 0
    return found["count"], newest, lately


def published() -> str:
    """The fingerprint of the index of this host; empty where there is none that is whole."""
    path = index_file()
    stamp = stamp_of(path)
    return "" if stamp is None else _fingerprint_at(path, stamp)


def is_behind() -> bool:
    """Whether the index of this host lacks something, or is not there."""
    return fingerprint() != published()


@lru_cache(maxsize=1)
def _fingerprint_at(path: Path, _stamp: Stamp) -> str:
    """Read whole, as pages do: one that they cannot use must be compiled again."""
    try:
        return columns.read(path, is_mapped=False).fingerprint
    except (OSError, columns.BadIndex):
        return ""


# -- publishing -------------------------------------------------------------------------------------


def publish() -> bool:
    """Compile the index of this host, when it is behind. False when there was nothing to do, also
    because somebody else did it meanwhile. Takes about two seconds for a million numbers."""
    if not is_behind():
        return False
    path = index_file()
    with _alone(path):
        # Taken before the rows are read: what changes meanwhile is published the next time.
        wanted = fingerprint()
        if wanted == published():
            return False
        columns.write(compile_index(_areas(), fingerprint=wanted), path)
    return True


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process of a host compiles; the others wait and find it done. The lock ends with its
    process, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f"{path.name}.lock")
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for left in path.parent.glob(f"{path.name}.*"):
            if left != lock:  # of one that was killed while it wrote
                left.unlink(missing_ok=True)
        yield


def _areas() -> Iterator[Area]:
    """The shelf first: where an account lists a number of its own shelf too, it is not bought."""
    accounts = _accounts_in_use()
    yield from _own_areas(accounts)
    rows = Stock.objects.filter(account__in=accounts).order_by("account_id", "area")
    keys = list(rows.values_list("pk", flat=True))
    # No cursor stays open: it would keep the database from tidying up behind a sync.
    for begin in range(0, len(keys), _PORTION):
        portion = rows.filter(pk__in=keys[begin : begin + _PORTION])
        for row in portion.values_list("account_id", "area", "fetched", "content"):
            if area := _area(*row):
                yield area


def _area(account: int, key: str, fetched: datetime, content: bytes | memoryview) -> Area | None:
    try:
        return Area(account, int(fetched.timestamp()), unpack(content))
    except (ValueError, zlib.error) as error:
        # One that cannot be read must not keep all others from being published.
        log.error("the stock of %s of account %d is left out: %s", key, account, error)
        return None


def _own_areas(accounts: list[int]) -> Iterator[Area]:
    """What stands on the shelf is there now: nobody has to be asked."""
    now = int(timezone.now().timestamp())
    rows = own_stock.rows_on_sale().filter(account__in=accounts).order_by("account_id", "e164")
    for account, shelf in groupby(rows.iterator(_ROWS), lambda row: row.account_id):
        offers = [offer for row in shelf if (offer := _own_offer(row))]
        yield Area(account, now, unpack(pack(port.Stock(offers))), is_own=True)


def _own_offer(row: OwnStock) -> port.NumberOffer | None:
    try:
        digits_of(row.e164)
        return own_stock.as_offer(row)
    except ValueError as error:
        log.error("%s of the own stock is left out: %s", row.e164, error)
        return None
