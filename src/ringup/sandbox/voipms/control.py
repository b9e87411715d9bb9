"""What of this carrier can be set from outside: the verbs of its control endpoint."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal, InvalidOperation

from ringup.sandbox.controlling import BadWish, Controls, Wish
from ringup.sandbox.faults import Faults
from ringup.sandbox.voipms import options
from ringup.sandbox.voipms.ordering import own
from ringup.sandbox.voipms.state import Row, State, now
from ringup.sandbox.voipms.statuses import StatusError
from ringup.sandbox.voipms.wishes import number_from, text_of


class Control(Controls):
    """``GET state``; ``POST`` faults, calm, reset, offer, vanish, sell, location, own, edit, drop,
    balance, ips, api, forms, limit, maintenance, register, emergency."""

    def __init__(self, state: State, faults: Faults) -> None:
        self.state = state
        verbs = {
            "offer": self._offer,
            "vanish": self._vanish,
            "sell": self._sell,
            "location": self._fill_location,
            "own": self._own,
            "edit": self._edit,
            "drop": self._drop,
            "balance": self._set_balance,
            "ips": self._set_addresses,
            "api": self._enable,
            "forms": self._read_forms,
            "limit": self._set_limit,
            "maintenance": self._set_maintenance,
            "register": self._register,
            "emergency": self._set_emergency,
        }
        super().__init__(state, faults, verbs, refusals=(StatusError,))

    def _offer(self, wish: Wish) -> object:
        """A number appears, in the fields of ``getDIDsUSA`` or ``getDIDsCAN``; a toll-free one by its
        area code. What is not given is as for any number."""
        number = number_from(wish)
        self.state.stock.put(number)
        return asdict(number)

    def _vanish(self, wish: Wish) -> object:
        """A number is no longer for sale, and nobody bought it."""
        did = text_of(wish, "did")
        if self.state.stock.take(did) is None:
            raise BadWish(f"{did} is not for sale")
        return {"did": did}

    def _sell(self, wish: Wish) -> object:
        did = text_of(wish, "did")
        if not self.state.stock.sell(did):
            raise BadWish(f"{did} is not for sale")
        return {"did": did}

    def _fill_location(self, wish: Wish) -> object:
        """How many numbers a location abroad has."""
        code, stock = text_of(wish, "location_id"), wish.get("stock")
        if code not in self.state.abroad.locations:
            raise BadWish(f"{code} is no location")
        if not isinstance(stock, int) or stock < 0:
            raise BadWish("stock must be a whole number")
        self.state.abroad.set_stock(code, stock)
        return {"location_id": code, "stock": stock}

    def _own(self, wish: Wish) -> object:
        did = text_of(wish, "did")
        routing = str(wish.get("routing") or "none:")
        own(self.state, did, note=str(wish.get("note") or ""), routing=routing)
        return self.state.dids[did]

    def _edit(self, wish: Wish) -> object:
        """Somebody changes a number of the account in the portal, in the fields of ``getDIDsInfo``."""
        row = self._held(wish)
        change = {name: str(value) for name, value in wish.items() if name != "did"}
        if unknown := sorted(set(change) - set(row)):
            raise BadWish(f"a number has no {', '.join(unknown)}")
        row.update(change)
        return row

    def _drop(self, wish: Wish) -> object:
        """A number leaves the account, as if cancelled in the portal."""
        did = self._held(wish)["did"]
        self.state.stock.sold.add(did)
        return self.state.dids.pop(did)

    def _held(self, wish: Wish) -> Row:
        did = text_of(wish, "did")
        if did not in self.state.dids:
            raise BadWish(f"{did} is not in the account")
        return self.state.dids[did]

    def _set_balance(self, wish: Wish) -> object:
        try:
            self.state.balance = Decimal(text_of(wish, "balance"))
        except InvalidOperation as error:
            raise BadWish("balance must be a decimal number") from error
        return {"balance": str(self.state.balance)}

    def _set_addresses(self, wish: Wish) -> object:
        allowed = wish.get("allowed")
        if not isinstance(allowed, list):
            raise BadWish("allowed must be a list of addresses")
        self.state.allowed_addresses = [str(entry) for entry in allowed]
        return {"allowed": self.state.allowed_addresses}

    def _enable(self, wish: Wish) -> object:
        self.state.api_enabled = wish.get("enabled") is True
        return {"enabled": self.state.api_enabled}

    def _read_forms(self, wish: Wish) -> object:
        """Whether posted fields are read; that the real service does is not certain."""
        self.state.reads_forms = wish.get("read") is True
        return {"read": self.state.reads_forms}

    def _set_limit(self, wish: Wish) -> object:
        limit = wish.get("per_minute")
        if limit is not None and not isinstance(limit, int):
            raise BadWish("per_minute must be a whole number or null")
        self.state.calls_per_minute = limit
        self.state.recent_calls.clear()
        return {"per_minute": limit}

    def _set_maintenance(self, wish: Wish) -> object:
        methods = wish.get("methods")
        if not isinstance(methods, list):
            raise BadWish("methods must be a list of names")
        self.state.maintenance = {str(name) for name in methods}
        return {"methods": sorted(self.state.maintenance)}

    def _register(self, wish: Wish) -> object:
        """A device registers with an account, as ``getRegistrationStatus`` shows it."""
        account = text_of(wish, "account")
        if account not in self.state.account_names():
            raise BadWish(f"{account} is no account")
        pop = str(wish.get("pop") or options.pops()[0])
        server = next((row for row in options.servers() if row["server_pop"] == pop), None)
        if server is None:
            raise BadWish(f"{pop} is no server")
        row = {name: value for name, value in server.items() if name != "server_recommended"} | {
            "register_ip": "127.0.0.1",
            "register_port": "5060",
            "register_next": now(),
            "register_protocol": "SIP",
            "register_transport": str(wish.get("transport") or "UDP"),
        }
        self.state.registrations[account] = row
        return row

    def _set_emergency(self, wish: Wish) -> object:
        """Register an address for a number, in the fields of ``e911Info``."""
        held = self._held(wish)
        row = {name: str(value) for name, value in wish.items() if name != "did"}
        self.state.emergency[held["did"]] = row
        held["e911"] = "1"
        return row
