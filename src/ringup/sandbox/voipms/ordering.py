"""Ordering: a number, a toll-free number, or a quantity abroad. Only ``status`` comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from ringup.sandbox.voipms import abroad, options
from ringup.sandbox.voipms.abroad import Location
from ringup.sandbox.voipms.catalogue import Answer, Method
from ringup.sandbox.voipms.inventory import new_row
from ringup.sandbox.voipms.parameters import Parameters
from ringup.sandbox.voipms.routing import did_settings
from ringup.sandbox.voipms.state import Row, State, now
from ringup.sandbox.voipms.statuses import StatusError

PER_MINUTE, FLAT = "1", "2"
MOST_AT_ONCE = 100


def order_did(state: State, params: Parameters) -> Answer:
    return _order_one(state, params, toll_free=False)


def order_toll_free(state: State, params: Parameters) -> Answer:
    return _order_one(state, params, toll_free=True)


def _order_one(state: State, params: Parameters, *, toll_free: bool) -> Answer:
    did = params.required("did", "did")
    settings = did_settings(state, params)
    billing = PER_MINUTE if toll_free else _billing_type(params)
    if did in state.dids or did in state.stock.sold:
        raise StatusError("did_in_use")
    number = state.stock.numbers.get(did)
    if number is None or number.is_toll_free != toll_free:
        raise StatusError("invalid_did")
    flat = billing == FLAT
    monthly = number.flat_monthly if flat else number.perminute_monthly
    setup = number.flat_setup if flat else number.perminute_setup
    _check_funds(state, Decimal(monthly) + Decimal(setup))
    if params.flag("test"):
        return {}
    state.stock.take(did)
    place = f"{number.rate_centre}, {number.region}".rstrip(", ")
    _add(state, did, place, settings | {"billing_type": billing}, monthly, setup)
    return {}


def _order_abroad(kind: str) -> Method:
    def method(state: State, params: Parameters) -> Answer:
        place = _location(state, params, kind)
        quantity = _quantity(params)
        settings = did_settings(state, params)
        flat = kind == abroad.TOLL_FREE or _billing_type(params) == FLAT
        monthly = place.monthly if flat else place.monthly_per_minute
        setup = place.setup if flat else place.setup_per_minute
        if quantity > place.stock:
            raise StatusError("unsifficient_stock")
        _check_funds(state, (Decimal(monthly) + Decimal(setup)) * quantity)
        if params.flag("test"):
            return {}
        billing = {"billing_type": FLAT if flat else PER_MINUTE}
        for did in state.abroad.take(place.location_id, quantity):
            _add(state, did, f"{place.name}, {place.country}", settings | billing, monthly, setup)
        return {}

    return method


def _location(state: State, params: Parameters, kind: str) -> Location:
    place = state.abroad.locations.get(params.required("location_id", "location"))
    if place is None or place.kind != kind:
        raise StatusError("invalid_location")
    return place


def _quantity(params: Parameters) -> int:
    text = params.text("quantity")
    if not text.isdigit() or not 1 <= int(text) <= MOST_AT_ONCE:
        raise StatusError("invalid_quantity")  # there is no missing_quantity
    return int(text)


def _billing_type(params: Parameters) -> str:
    return params.one_of("billing_type", "billingtype", options.BILLING_TYPES)


def _check_funds(state: State, amount: Decimal) -> None:
    if amount > state.balance:
        raise StatusError("non_sufficient_funds")


def _add(state: State, did: str, description: str, settings: Row, monthly: str, setup: str) -> None:
    state.dids[did] = new_row(did, description) | settings
    state.charge(did, f"DID Setup Fee: {did}", Decimal(setup))
    state.charge(did, f"DID Monthly Fee: {did}", Decimal(monthly))


def cancel_did(state: State, params: Parameters) -> Answer:
    """Irreversible: the number leaves the account and does not return to the stock."""
    did = params.required("did", "did")
    if did not in state.dids:
        raise StatusError("invalid_did")
    if params.flag("test"):
        return {}
    row = state.dids.pop(did)
    state.stock.sold.add(did)
    more = {"comment": params.text("cancelcomment"), "date": now()}
    state.cancelled.append({"did": did, "note": row["note"]} | more)
    return {}


def own(state: State, did: str, *, note: str = "", routing: str = "none:") -> None:
    """Put a number into the account without an order, as if bought in the carrier's portal."""
    if not re.fullmatch(r"\d{10,15}", did):
        raise StatusError("invalid_did")
    number = state.stock.take(did)
    place = f"{number.rate_centre}, {number.region}" if number else ""
    state.stock.sold.discard(did)
    state.dids[did] = new_row(did, place) | {"note": note, "routing": routing}


METHODS: dict[str, Callable[[State, Parameters], Answer]] = {
    "orderDID": order_did,
    "orderTollFree": order_toll_free,
    "orderDIDInternationalGeographic": _order_abroad(abroad.GEOGRAPHIC),
    "orderDIDInternationalNational": _order_abroad(abroad.NATIONAL),
    "orderDIDInternationalTollFree": _order_abroad(abroad.TOLL_FREE),
    "cancelDID": cancel_did,
}
