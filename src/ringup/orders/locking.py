"""One at a time at an order: two members of staff, or staff and the client in two windows."""

from __future__ import annotations

from ringup.orders.models import Order

READ_AGAIN = ("state", "doubts", "asked", "proposed", "closed")


def lock(order: Order) -> None:
    """Wait for whoever else changes this order, and read again what he may have changed. Call it
    first in a transaction: it holds until that ends."""
    Order.objects.select_for_update().get(pk=order.pk)
    order.refresh_from_db(fields=READ_AGAIN)
