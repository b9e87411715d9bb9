"""Staff looks at the papers of an order: who did, and when, stays known."""

from __future__ import annotations

from django.db import transaction

from ringup.core.actors import Actor
from ringup.core.models import Activity
from ringup.flows.papers.of_orders import require_papers
from ringup.orders.models import Order
from ringup.regulatory.models import RegulatoryFile

LOOKED = "looked at the identity papers"


def look(order: Order, *, actor: Actor) -> RegulatoryFile:
    """The papers, for somebody to read: written down first. Refuses where the order needs none."""
    file = require_papers(order)
    with transaction.atomic():
        Activity.record(actor, f"order:{order.uid}", LOOKED)
    return file
