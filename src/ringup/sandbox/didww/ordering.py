"""Orders: prices, the balance, and what is delivered."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ringup.sandbox.didww.inputs import Sent
from ringup.sandbox.didww.numbers import own, take
from ringup.sandbox.didww.places import another_number
from ringup.sandbox.didww.problems import bad, invalid
from ringup.sandbox.didww.resources import Resource, now
from ringup.sandbox.didww.state import State

WAYS = ("qty", "did_reservation_id", "available_did_id")
CENT = Decimal("0.01")


def order(state: State, sent: Sent) -> Resource:
    """Place an order. It is completed at once, unless the account's orders wait."""
    items = sent.attributes.get("items")
    if not isinstance(items, list) or not items:
        raise invalid("/attributes/items", "can't be blank", name="items")
    lines = [_Line(state, place, item) for place, item in enumerate(items)]
    total = sum((line.once + line.monthly for line in lines), Decimal(0))
    if total > state.balance:
        meta = {"available_balance": str(state.balance), "total_cost": str(total)}
        raise bad("400", "Insufficient balance", meta=meta)
    state.balance -= total
    row = Resource(
        "orders",
        {
            "amount": str(total),
            "status": "pending",
            "created_at": now(),
            "description": "DID",
            "reference": state.reference("FZH"),
            "items": [line.shown() for line in lines],
            "callback_url": sent.attributes.get("callback_url"),
            "callback_method": sent.attributes.get("callback_method") or "post",
            "external_reference_id": sent.attributes.get("external_reference_id"),
        },
        hidden={
            "lines": lines,
            "back_ordering": sent.attributes.get("allow_back_ordering", True),
        },
    )
    state.store.add(row)
    if not state.orders_wait:
        complete(state, row)
    return row


def complete(state: State, row: Resource) -> None:
    """Deliver what was ordered."""
    if row.attributes["status"] != "pending":
        return
    for line in row.hidden["lines"]:
        line.deliver(row)
    row.attributes["status"] = "completed"
    row.attributes["items"] = [line.shown() for line in row.hidden["lines"]]
    state.tell(row)


def cancel(state: State, row: Resource) -> None:
    """The carrier gives up; the money comes back."""
    if row.attributes["status"] != "pending":
        raise invalid("", "Order can't be canceled", name="order")
    row.attributes["status"] = "canceled"
    state.balance += Decimal(row.attributes["amount"])
    state.tell(row)


class _Line:
    """One item of an order, checked."""

    def __init__(self, state: State, place: int, item: Any) -> None:
        self._state, self._pointer = state, f"/attributes/items/{place}"
        self.type = item.get("type") if isinstance(item, dict) else None
        self._asked: dict[str, Any] = dict(item.get("attributes") or {}) if self.type else {}
        if self.type == "capacity_order_items":
            self._read_capacity()
        elif self.type == "did_order_items":
            self._read_numbers()
        else:
            raise invalid(f"{self._pointer}/type", "is invalid", name="type")

    def _read_capacity(self) -> None:
        pool = self._state.store.find("capacity_pools", str(self._asked.get("capacity_pool_id")))
        if pool is None:
            raise self._refused("capacity_pool_id")
        self._pool, self.quantity = pool, self._quantity()
        self._price(pool.attributes["setup_price"], pool.attributes["monthly_price"])

    def _read_numbers(self) -> None:
        ways = [way for way in WAYS if self._asked.get(way) is not None]
        if len(ways) != 1:
            raise self._refused("qty")
        sku = self._state.store.find("stock_keeping_units", str(self._asked.get("sku_id")))
        self._number = self._chosen(ways[0])
        self.quantity = self._quantity() if ways[0] == "qty" else 1
        if sku is None:
            raise self._refused("sku_id")
        groups = self._state.store.all("did_groups")
        self._group = next(group for group in groups if sku in group.many("stock_keeping_units"))
        if self._number is not None and self._number.one("did_group") is not self._group:
            raise self._refused("sku_id")
        if not self._group.meta["is_available"]:
            raise self._refused("sku_id")
        self._sku = sku
        self._price(sku.attributes["setup_price"], sku.attributes["monthly_price"])

    def _chosen(self, way: str) -> Resource | None:
        if way == "qty":
            return None
        if way == "did_reservation_id":
            kept = self._state.store.find("did_reservations", str(self._asked[way]))
            number = kept.one("available_did") if kept else None
        else:
            number = self._state.store.find("available_dids", str(self._asked[way]))
        if number is None or self._state.store.find("available_dids", number.id) is None:
            raise self._refused(way)
        return number

    def _quantity(self) -> int:
        quantity = self._asked.get("qty")
        if not isinstance(quantity, int) or quantity < 1:
            raise self._refused("qty")
        return quantity

    def _price(self, setup: str, monthly: str) -> None:
        """With tax, as the amounts of orders are."""
        factor = self.quantity * (1 + self._state.setup.vat_percent / 100)
        self.once = (Decimal(setup) * factor).quantize(CENT, ROUND_HALF_UP)
        self.monthly = (Decimal(monthly) * factor).quantize(CENT, ROUND_HALF_UP)

    def _refused(self, name: str) -> Exception:
        return invalid(f"{self._pointer}/{name}", "is invalid", name=f"items/{name}")

    def deliver(self, row: Resource) -> None:
        if self.type == "capacity_order_items":
            self._pool.attributes["total_channels_count"] += self.quantity
            return
        for _ in range(self.quantity):
            number = self._number.attributes["number"] if self._number else None
            if self._number is not None:
                take(self._state, self._number)
            did = own(
                self._state, row, self._group, self._sku, number or another_number(self._group)
            )
            did.attributes["billing_cycles_count"] = self._asked.get("billing_cycles_count")
            left = self._group.meta["total_count"] = self._group.meta["total_count"] - 1
            self._group.meta["is_available"] = left > 0

    def shown(self) -> dict[str, Any]:
        shown = {
            "qty": self.quantity,
            "nrc": str(self.once),
            "mrc": str(self.monthly),
            "prorated_mrc": False,
            "billed_from": now()[:10],
            "billed_to": None,
        }
        if self.type == "did_order_items":
            shown["did_group_id"] = self._group.id
        return {"type": self.type, "attributes": shown}
