"""What a VoIP.ms sandbox once knew, for other sandboxes to begin with.

Each is a new server, so that an answer which a test did not wait for changes nothing in the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy, deepcopy
from typing import Any

from ringup.carriers.models import CarrierAccount
from ringup.sandbox.voipms import VoipmsSandbox, running_voipms


class KeptCarrier:
    """Remembers what the sandbox knows, and our account there, when it is made."""

    def __init__(self, sandbox: VoipmsSandbox, account: CarrierAccount) -> None:
        self._setup = sandbox.state.setup
        with sandbox.state.lock:
            known = vars(sandbox.state).items()
            self._facts = {name: value for name, value in known if name != "lock"}
        self._account = CarrierAccount.objects.get(pk=account.pk)

    @contextmanager
    def again(self) -> Iterator[tuple[VoipmsSandbox, CarrierAccount]]:
        """A sandbox that knows the same, and the account, whose row is there and gets its address."""
        with running_voipms(setup=self._setup) as sandbox:
            vars(sandbox.state).update(_copied(self._facts))
            account = deepcopy(self._account)
            account.url = sandbox.url
            account.save(update_fields=["url"])
            yield sandbox, account


def _copied(facts: dict[str, Any]) -> dict[str, Any]:
    # Of thousands of numbers on sale none is ever changed: they are taken and put.
    stock = copy(facts["stock"])
    stock.numbers, stock.sold = stock.numbers.copy(), stock.sold.copy()
    return deepcopy(facts | {"stock": None}) | {"stock": stock}
