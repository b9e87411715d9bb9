"""The shop that nearly every test here begins with, built once in a process and brought back after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace

from ringup.numbers.publishing import index_file
from ringup.sandbox.voipms import running_voipms
from tests.emptying import empty
from tests.kept_carrier import KeptCarrier
from tests.kept_rows import KeptRows
from tests.shop.buying import Shop, make_shop


class KeptShop:
    """Remembers the rows of ``make_shop``, the index of its stock and its carrier. It is made in an
    empty database, and leaves it empty. A test that asks how old the stock is fetches it again."""

    def __init__(self) -> None:
        with running_voipms() as carrier:
            self._shop = make_shop(carrier)
            self._carrier = KeptCarrier(carrier, self._shop.account)
        self._rows = KeptRows()
        self._index = index_file().read_bytes()
        # From here on the first test is like all others.
        empty()

    @contextmanager
    def again(self) -> Iterator[Shop]:
        self._rows.bring_back()
        index_file().unlink(missing_ok=True)
        index_file().write_bytes(self._index)
        with self._carrier.again() as (carrier, account):
            yield replace(
                self._shop,
                carrier=carrier,
                account=account,
                server=deepcopy(self._shop.server),
                bundle=deepcopy(self._shop.bundle),
                number=deepcopy(self._shop.number),
            )
