"""How staff's views load their rows. Every view is ``allowed`` to a capability as well."""

from __future__ import annotations

import uuid

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from ringup.flows.papers.of_orders import papers_of
from ringup.orders.contents import PREFETCH
from ringup.orders.models import Order
from ringup.provisioning.models import Run, Step
from ringup.regulatory.models import Document, RegulatoryFile


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


def papers_for_staff(request: HttpRequest, order: Order) -> RegulatoryFile:
    """The papers of this order's number; 404 where that needs none."""
    file = papers_of(order)
    if file is None:
        raise Http404
    return file


def document_for_staff(request: HttpRequest, order: Order, uid: uuid.UUID) -> Document:
    """A document of this order's papers, an older one too."""
    file = papers_for_staff(request, order)
    whose = Q(file=file)
    if file.identity_id is not None:
        whose |= Q(identity=file.identity_id)
    if file.address_id is not None:
        whose |= Q(address=file.address_id)
    return get_object_or_404(Document.objects.filter(whose), uid=uid)
