"""Every pair of states of every machine: what the table does not list cannot happen."""

from __future__ import annotations

import itertools

import pytest
from django.db import IntegrityError, transaction

from ringup.catalog.models import Product, ProductGroup
from ringup.core.actors import RINGUP
from ringup.core.states import IllegalMove, StaleState
from ringup.orders.models import Draft, Order
from tests.world import make_client

pytestmark = pytest.mark.django_db


def make_order(state: str = "pending") -> Order:
    client = make_client("Acme")
    group = ProductGroup.objects.create(name="Shelf")
    product = Product.objects.create(group=group, slug="n", name="Number", kind="number")
    draft = Draft.objects.create(brand=client.brand, client=client, product=product)
    return Order.objects.create(brand=client.brand, client=client, draft=draft, state=state)


def test_every_pair_of_order_states() -> None:
    order = make_order()
    for old, new in itertools.product(Order.State.values, repeat=2):
        Order.objects.filter(pk=order.pk).update(state=old)
        fresh = Order.objects.get(pk=order.pk)
        if new in Order.MOVES[old]:
            fresh.move_to(Order.State(new), actor=RINGUP, text="moved")
            assert Order.objects.get(pk=order.pk).state == new
        else:
            with pytest.raises(IllegalMove):
                fresh.move_to(Order.State(new), actor=RINGUP, text="moved")
            assert Order.objects.get(pk=order.pk).state == old


def test_of_two_that_hold_the_same_row_one_moves_it() -> None:
    order = make_order()
    first, second = Order.objects.get(pk=order.pk), Order.objects.get(pk=order.pk)
    first.move_to(Order.State.APPROVED, actor=RINGUP, text="approved")
    with pytest.raises(StaleState):
        second.move_to(Order.State.CANCELLED, actor=RINGUP, text="cancelled")
    assert list(order.events.values_list("new", flat=True)) == ["approved"]


def test_the_database_refuses_a_word_that_is_no_state() -> None:
    order = make_order()
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(state="somewhere")
