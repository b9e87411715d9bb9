"""Which of some numbers a carrier had on sale when its stock was listed last."""

from __future__ import annotations

import logging
from collections.abc import Collection

import numpy as np

from ringup.carriers.models import CarrierAccount
from ringup.numbers.models import Stock
from ringup.numbers.packing import digits_of, unpack

log = logging.getLogger(__name__)


def offered(account: CarrierAccount, e164s: Collection[str]) -> set[str]:
    """Those of ``e164s`` that stand in the account's listed stock. A million numbers take about half
    a second; an account that was never listed takes none."""
    wanted = np.sort(np.array([digits_of(e164) for e164 in e164s], np.uint64))
    found: set[str] = set()
    if not len(wanted):
        return found
    rows = Stock.objects.filter(account=account, numbers__gt=0)
    for content in rows.values_list("content", flat=True).iterator(chunk_size=20):
        try:
            kinds = unpack(content).kinds
        except ValueError as error:
            log.warning("%s: %s", account, error)
            continue
        for _, digits in kinds:
            found |= {f"+{each}" for each in np.intersect1d(wanted, digits, assume_unique=True)}
    return found
