"""The control endpoint: what tests and rehearsals set and see, beside the carrier's own API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from ringup.sandbox.didww import ordering, verifying
from ringup.sandbox.didww.numbers import take
from ringup.sandbox.didww.problems import ApiError
from ringup.sandbox.didww.resources import Resource
from ringup.sandbox.didww.state import State
from ringup.sandbox.faults import Faults
from ringup.sandbox.listening import Reply, Request, json_reply

Wish = dict[str, Any]


class BadWish(ValueError):
    """What was asked for makes no sense; the message says what is expected."""


class Control:
    """``GET state``; ``POST`` faults, calm, reset, sell, decide, block, orders, complete, cancel,
    callbacks, keys, balance."""

    def __init__(self, state: State, faults: Faults) -> None:
        self.state = state
        self.faults = faults
        self._verbs: dict[str, Callable[[Wish], object]] = {
            "faults": lambda wish: asdict(self.faults.add_from(wish)),
            "calm": self._calm,
            "reset": self._reset,
            "sell": self._sell,
            "decide": self._decide,
            "block": self._block,
            "orders": self._orders_wait,
            "complete": lambda wish: ordering.complete(self.state, self._row("orders", wish)),
            "cancel": lambda wish: ordering.cancel(self.state, self._row("orders", wish)),
            "callbacks": self._callbacks,
            "keys": lambda _wish: self.state.keys.rotate(),
            "balance": self._balance,
        }

    def answer(self, request: Request, name: str) -> Reply:
        if request.verb == "GET" and name == "state":
            with self.state.lock:
                waiting = [asdict(fault) for fault in self.faults.waiting()]
                return json_reply(self.state.shown() | {"faults": waiting})
        verb = self._verbs.get(name)
        if request.verb != "POST" or verb is None:
            return json_reply({"problem": "no such thing here"}, status=404)
        try:
            wish = json.loads(request.body or b"{}")
            if not isinstance(wish, dict):
                raise BadWish("send a JSON object")
            with self.state.lock:
                return json_reply(verb(wish) or {})
        except (ValueError, ApiError) as error:
            return json_reply({"problem": str(error)}, status=400)

    def _row(self, kind: str, wish: Wish) -> Resource:
        row = self.state.store.find(kind, str(wish.get("id")))
        if row is None:
            raise BadWish(f"there are no {kind} of this id")
        return row

    def _calm(self, _wish: Wish) -> None:
        self.faults.clear()

    def _reset(self, _wish: Wish) -> None:
        self.faults.clear()
        self.state.reset()

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
