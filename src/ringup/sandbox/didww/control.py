"""What of this carrier can be set from outside: the verbs of its control endpoint."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from ringup.sandbox.controlling import BadWish, Controls, Verb, Wish
from ringup.sandbox.didww import ordering, verifying
from ringup.sandbox.didww.numbers import take
from ringup.sandbox.didww.problems import ApiError
from ringup.sandbox.didww.resources import Resource
from ringup.sandbox.didww.state import State
from ringup.sandbox.faults import Faults


class Control(Controls):
    """``GET state``; ``POST`` faults, calm, reset, sell, decide, block, orders, complete, cancel,
    callbacks, keys, tokens, balance."""

    def __init__(self, state: State, faults: Faults) -> None:
        self.state = state
        verbs: dict[str, Verb] = {
            "sell": self._sell,
            "decide": self._decide,
            "block": self._block,
            "orders": self._orders_wait,
            "complete": lambda wish: ordering.complete(self.state, self._row("orders", wish)),
            "cancel": lambda wish: ordering.cancel(self.state, self._row("orders", wish)),
            "callbacks": self._callbacks,
            "keys": lambda _wish: self.state.keys.rotate(),
            "tokens": lambda _wish: self.state.tokens.clear(),
            "balance": self._balance,
        }
        super().__init__(state, faults, verbs, refusals=(ApiError,))

    def _row(self, kind: str, wish: Wish) -> Resource:
        row = self.state.store.find(kind, str(wish.get("id")))
        if row is None:
            raise BadWish(f"there are no {kind} of this id")
        return row

    def _sell(self, wish: Wish) -> None:
        """A number is sold to somebody else; ``number`` without +."""
        for row in self.state.store.all("available_dids"):
            if row.attributes["number"] == wish.get("number"):
                take(self.state, row)
                return
        raise BadWish("this number is not on sale")

    def _decide(self, wish: Wish) -> None:
        """A verification is decided: ``approved`` true or false, ``reasons`` as sentences."""
        row = self._row("address_verifications", wish)
        reasons = [str(one) for one in wish.get("reasons") or []]
        verifying.decide(
            self.state, row, is_approved=wish.get("approved") is True, reasons=reasons or None
        )

    def _block(self, wish: Wish) -> None:
        """A number is blocked, or not any more."""
        row = self._row("dids", wish)
        row.attributes["blocked"] = wish.get("blocked", True) is True

    def _orders_wait(self, wish: Wish) -> None:
        """Whether orders stay pending until somebody completes them."""
        self.state.orders_wait = wish.get("wait") is True

    def _callbacks(self, wish: Wish) -> None:
        self.state.callbacks_enabled = wish.get("enabled") is True

    def _balance(self, wish: Wish) -> None:
        try:
            self.state.balance = Decimal(str(wish.get("balance")))
        except InvalidOperation as error:
            raise BadWish("balance must be an amount") from error
