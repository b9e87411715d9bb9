"""How staff's views load their rows. Every view is ``allowed`` to a capability as well."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from ringup.orders.contents import PREFETCH
from ringup.orders.models import Order
from ringup.provisioning.models import Run, Step


def order_for_staff(request: HttpRequest, uid: uuid.UUID) -> Order:
    """Staff sees every order."""
    orders = Order.objects.select_related("client", "brand", "draft").prefetch_related(*PREFETCH)
    return get_object_or_404(orders, uid=uid)


def run_for_staff(request: HttpRequest, order: Order, uid: uuid.UUID) -> Run:
    """A run of this order and of no other."""
    return get_object_or_404(Run.objects.filter(service__line__order=order), uid=uid)


def step_for_staff(request: HttpRequest, order: Order, pk: int) -> Step:
    """A step of a run of this order."""
    steps = Step.objects.select_related("run").filter(run__service__line__order=order)
    return get_object_or_404(steps, pk=pk)
